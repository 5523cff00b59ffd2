"""One writer at a time: threads, processes, and what the service does in one turn."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from features.record import Record, Unavailable
from features.trade import Order
from tests import factory as a

ROOT = Path(__file__).parents[3]

APPEND = """
import sys
from features.record import Record
from tests import factory as a
url, name = sys.argv[1:]
with Record.open(url, patience_s=60) as record:
    for number in range(20):
        record.append([a.order(f"{name}-{number}"), a.order("shared")], source=name, recorded_at=a.T0)
"""


def test_threads_lose_nothing_and_leave_no_gap(record: Record) -> None:
    """Eight threads append at once: each event stands once, at consecutive positions."""

    def work(name: int) -> None:
        for number in range(15):
            record.append([a.order(f"{name}-{number}"), a.order("shared")], source="test", recorded_at=a.T0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    entries = list(record.tail(0))
    assert [entry.position for entry in entries] == list(range(1, 8 * 15 + 2))
    assert len({str(entry.event) for entry in entries}) == 8 * 15 + 1


def test_processes_lose_nothing_and_leave_no_gap(record_url: str) -> None:
    """Four processes create one record at once and append to it: each event stands once, without a gap."""
    commands = [[sys.executable, "-c", APPEND, record_url, f"p{number}"] for number in range(4)]
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [process.wait(120) for process in running] == [0] * 4
    with Record.open(record_url) as record:
        assert [entry.position for entry in record.tail(0)] == list(range(1, 4 * 20 + 2))


def test_a_turn_sees_what_it_appended_and_others_do_not_yet(record: Record) -> None:
    """Position, clock and tail move inside the turn; outside, they move when it ends."""
    with record.writer() as writer:
        assert (writer.position(), writer.clock()) == (0, None)
        writer.append(a.order(at=a.T0 + 5), source="test", recorded_at=a.T0, late=True)
        writer.append(a.decision(), source="test", recorded_at=a.T0)
        assert (writer.position(), writer.clock(), record.position()) == (2, a.T0 + 5, 0)
        assert [(entry.position, entry.late) for entry in writer.tail(0)] == [(1, True), (2, False)]
        assert writer.decision("o1", 1) == a.decision()
    assert (record.position(), record.clock()) == (2, a.T0 + 5)


def test_an_error_takes_the_whole_turn_back(record: Record) -> None:
    """What was appended before the error is gone after it, and the next turn begins at the same place."""

    def fail() -> None:
        with record.writer() as writer:
            writer.append(a.order(), source="test", recorded_at=a.T0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with record.writer() as writer:
        assert writer.append(a.order("o2"), source="test", recorded_at=a.T0).position == 1


def test_a_turn_that_does_not_come_is_an_error_in_time(record_url: str) -> None:
    """A writer waits as long as its patience, in this process and from another connection, and then says so."""
    with Record.open(record_url, patience_s=0.2) as record, Record.open(record_url, patience_s=0.2) as other:
        with record.writer():
            for blocked in (record, other):
                with pytest.raises(Unavailable):
                    blocked.append([a.order()], source="test", recorded_at=a.T0)
        assert other.append([a.order()], source="test", recorded_at=a.T0).appended == 1


def test_readers_do_not_wait_for_a_writer(record: Record) -> None:
    """While a turn is held, everything committed before it can be read."""
    record.append([a.order()], source="test", recorded_at=a.T0)
    with record.writer() as writer:
        writer.append(a.order("o2"), source="test", recorded_at=a.T0)
        assert len(list(record.tail(0))) == record.lines().num_rows == 1


def test_a_clock_that_others_moved_on_is_read_again(record: Record, record_url: str) -> None:
    """A turn trusts the clock of its last one only where nothing was appended since."""
    with record.writer() as writer:
        writer.append(a.order("o1", at=a.T0), source="test", recorded_at=a.T0)
    with Record.open(record_url) as other:
        other.append([a.order("o2", at=a.T0 + 5)], source="test", recorded_at=a.T0)
    with record.writer() as writer:
        assert (writer.position(), writer.clock()) == (2, a.T0 + 5)


def test_a_clock_that_was_taken_back_is_forgotten(record: Record) -> None:
    """What a turn appended before it failed never happened, to the next turn as well."""

    def fail() -> None:
        with record.writer() as writer:
            writer.append(a.order("o1", at=a.T0), source="test", recorded_at=a.T0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with record.writer() as writer:
        assert (writer.position(), writer.clock()) == (0, None)


def test_a_reserved_position_is_filled_before_anything_is_written(record: Record) -> None:
    """Each event stands where it was promised, and the chain is that of events appended one by one."""
    with record.writer() as writer:
        writer.draft(a.order("first"), source="test", recorded_at=a.T0)
        kept = writer.reserve()
        writer.draft(a.order("second"), source="test", recorded_at=a.T0)
        writer.draft(a.decision("first"), source="test", recorded_at=a.T0, at=kept)
        writer.write()
    assert [type(entry.event).__name__ for entry in record.tail(0)] == ["Order", "Decision", "Order"]
    assert record.verify().faults == ()


def test_a_reserved_position_that_stays_empty_takes_the_turn_back(record: Record) -> None:
    """A gap would be taken for a row that somebody removed."""

    def forget() -> None:
        with record.writer() as writer:
            writer.reserve()
            writer.draft(a.order(), source="test", recorded_at=a.T0)
            writer.write()

    with pytest.raises(RuntimeError, match="position 1 was reserved"):
        forget()
    assert record.position() == 0


def test_a_turn_after_one_that_failed_is_as_good_as_any(record: Record) -> None:
    """What a connection has gone through is not left to the next turn."""

    def take(order_id: str, *, fails: bool) -> None:
        with record.writer() as writer:
            writer.append(a.order(order_id), source="test", recorded_at=a.T0)
            if fails:
                raise ZeroDivisionError

    for number in range(3):
        with pytest.raises(ZeroDivisionError):
            take(f"lost-{number}", fails=True)
        take(f"kept-{number}", fails=False)
    assert [entry.event for entry in record.entries((Order,))] == [a.order(f"kept-{number}") for number in range(3)]
