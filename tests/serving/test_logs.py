"""Lines of the log."""

import json
import logging
from collections.abc import Iterator

import pytest

from serving.logs import Lines, Together


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger of its own that writes lines together."""
    made = logging.Logger("tests.lines")
    handler = Together()
    handler.setFormatter(Lines())
    made.addHandler(handler)
    yield made
    handler.close()


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was written to standard error since the last time."""
    return [json.loads(line)["said"] for line in capsys.readouterr().err.splitlines()]


def test_lines_are_held_until_they_are_asked_for(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they were said, each once."""
    logger.info("one")
    logger.info("two")
    assert said(capsys) == []
    for handler in logger.handlers * 2:
        handler.flush()
    assert said(capsys) == ["one", "two"]


def test_a_warning_is_written_at_once(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """With all that was said before it."""
    logger.info("one")
    logger.warning("two")
    assert said(capsys) == ["one", "two"]


def test_a_line_without_a_record_is_like_the_others(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """It has the same fields, and waits with them."""
    (handler,) = logger.handlers
    assert isinstance(handler, Together)
    logger.info("one", extra={"about": {"status": 200}})
    handler.say("tests.lines", "one", {"status": 200})
    handler.flush()
    one, other = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert one | {"at": None} == other | {"at": None}
