"""Logs as one JSON object a line, for machines: no body, no key, no traceback, and of an error only its kind."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NAME = "serving"

WRITE_EVERY_S = 0.1
"""How long a line below WARNING may wait for others to be written with."""

MOST_HELD = 1_000
"""Lines that wait at most."""


class Lines(logging.Formatter):
    """Writes ``{"at": ..., "level": ..., "from": ..., "said": ..., ...}``; `extra={"about": {...}}` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        about = dict(getattr(record, "about", {}))
        if record.exc_info and record.exc_info[0]:
            about["error"] = record.exc_info[0].__name__
        return line(record.created, record.levelname.lower(), record.name, record.getMessage(), about)


def line(created: float, level: str, name: str, said: str, about: Mapping[str, Any]) -> str:
    """A line of the log; `created` in seconds since 1970, `name` that of who says it."""
    at = datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")
    return _encoded({"at": at, "level": level, "from": name, "said": said, **about})


_encoded = json.JSONEncoder(ensure_ascii=False, default=str).encode


class Together(logging.Handler):
    """Writes lines to standard error many at a time, since each write costs a request more than its line.

    What is a warning or worse is written at once, with all before it; the rest when `flush` is called, as `tend` does
    again and again, and `logging.shutdown` in the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Hold a line, or write it with those that are held."""
        try:
            self._held.append(self.format(record) + "\n")
            if record.levelno >= logging.WARNING or len(self._held) >= MOST_HELD:
                self.flush()
        except Exception:  # noqa: BLE001 - as all handlers do: a log that fails must not fail a request
            self.handleError(record)

    def say(self, name: str, said: str, about: Mapping[str, Any]) -> None:
        """Hold a line of the level INFO without a record of `logging`, whose making takes longer than the line."""
        told = line(time.time(), "info", name, said, about) + "\n"
        self.acquire()
        try:
            self._held.append(told)
            if len(self._held) >= MOST_HELD:
                self.flush()
        finally:
            self.release()

    def flush(self) -> None:
        """Write what is held."""
        self.acquire()
        try:
            held, self._held = self._held, []
            if held:
                sys.stderr.write("".join(held))
                sys.stderr.flush()
        finally:
            self.release()

    async def tend(self) -> None:
        """Write again and again."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            self.flush()


def as_lines() -> Together:
    """Let everything in this room be logged as lines, on standard error, by one handler."""
    logger = logging.getLogger(NAME)
    handler = next((each for each in logger.handlers if isinstance(each, Together)), None)
    if handler is None:
        handler = Together()
        handler.setFormatter(Lines())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return handler
