"""An import that breaks off leaves nothing behind."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from features.record import Event, Record
from tests import factory as a
from tests.features.record.test_turns import ROOT

HANG = """
import sys, time
from features.record import Record
from tests import factory as a
def events():
    yield from (a.order(f"o{number}") for number in range(5_000))
    print("written", flush=True)
    time.sleep(60)
with Record.open(sys.argv[1]) as record:
    record.append([a.order("before")], source="test", recorded_at=a.T0)
    record.append(events(), source="test", recorded_at=a.T0)
"""


def _breaking(error: type[BaseException]) -> Iterator[Event]:
    yield from (a.order(f"o{number}") for number in range(1_500))
    raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interrupted_import_leaves_nothing_behind(record: Record, error: type[BaseException]) -> None:
    """Batches that were written before the interruption are gone after it, and the import can be repeated."""
    with pytest.raises(error):
        record.append(_breaking(error), source="test", recorded_at=a.T0)
    assert (record.position(), record.counts()["lines"]) == (0, 0)
    assert record.append([a.order("o1")], source="test", recorded_at=a.T0).position == 1


def test_a_killed_import_leaves_nothing_behind(sqlite_url: str) -> None:
    """After kill -9 in the middle of an import the record holds what it held before, and takes more."""
    command = [sys.executable, "-c", HANG, sqlite_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()
    with Record.open(sqlite_url) as record:
        assert [entry.event for entry in record.tail(0)] == [a.order("before")]
        assert record.append([a.order("after")], source="test", recorded_at=a.T0).position == 2
