"""Logs as one JSON object a line, for machines: no body, no key, no traceback, and of an error only its kind."""

import json
import logging
import sys
from datetime import UTC, datetime

NAME = "serving"


class Lines(logging.Formatter):
    """Writes ``{"at": ..., "level": ..., "from": ..., "said": ..., ...}``; `extra={"about": {...}}` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        content = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "said": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if record.exc_info and record.exc_info[0]:
            content["error"] = record.exc_info[0].__name__
        return json.dumps(content, ensure_ascii=False, default=str)


def as_lines() -> None:
    """Let everything in this room be logged as lines, on standard error, once."""
    logger = logging.getLogger(NAME)
    if not any(isinstance(handler.formatter, Lines) for handler in logger.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
