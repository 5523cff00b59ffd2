"""The laws of the record, for whatever events arrive in whatever order and batches."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.record import Event, Record
from features.trade import OrderLine, Place, attributes
from tests import factory as a

_NUMBERS = count(1)
LAWS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FEW = st.integers(1, 3)
ORDERS = st.builds(lambda n, r, units: a.order(f"o{n}", revision=r, units=units), FEW, FEW, FEW)
FINDINGS = st.builds(lambda n, r, said: a.finding(f"f{n}", said, revision=r), FEW, FEW, st.sampled_from(["cleared"]))
STATUSES = st.builds(lambda n, late: a.status(f"o{n}", at=a.T0 + late), FEW, FEW)
OTHERS = st.builds(lambda n, at: a.reseller(f"r{n}", at=a.T0 + at), FEW, FEW)
DECISIONS = st.builds(lambda d, o, p: a.decision(f"d{d}", order_id=f"o{o}", probability=p / 4), FEW, FEW, FEW)
EVENTS = st.lists(st.one_of(ORDERS, FINDINGS, STATUSES, OTHERS, DECISIONS), max_size=25)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
IDS = st.from_regex(r"[a-zA-Z0-9\\'\"%:{},é-]{1,20}", fullmatch=True)
INT = st.integers(0, 10**11)
PLACES = st.builds(Place, st.just("CN"), TEXT, TEXT, st.floats(-90, 90), st.floats(-180, 180))
LINES = st.builds(
    OrderLine,
    *(st.just("1"), IDS, st.none(), st.none(), st.none() | INT, st.none() | TEXT, st.none() | IDS),
    *(st.none() | TEXT, st.none() | TEXT, st.none() | PLACES, st.none() | st.booleans()),
    st.dictionaries(st.from_regex(r"port_[a-z]{1,5}", fullmatch=True), TEXT, max_size=3).map(attributes),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite record to copy, so that each example begins afresh without creating tables."""
    path = tmp_path_factory.mktemp("laws") / "empty.db"
    Record.open(f"sqlite:///{path}").close()
    return path


@contextmanager
def _fresh(empty: Path) -> Iterator[Record]:
    path = shutil.copy(empty, empty.with_name(f"{next(_NUMBERS)}.db"))
    with Record.open(f"sqlite:///{path}") as record:
        yield record


@LAWS
@given(events=EVENTS)
def test_each_event_is_accounted_for(empty: Path, events: list[Event]) -> None:
    """Appended, known, in conflict or refused: the receipt's counts add up, and positions have no gap."""
    with _fresh(empty) as record:
        receipt = record.append(events, source="test", recorded_at=a.T0)
        counted = receipt.appended + receipt.same + len(receipt.conflicts) + len(receipt.refusals)
        assert counted == len(events)
        assert [entry.position for entry in record.tail(0)] == list(range(1, receipt.appended + 1))


@LAWS
@given(events=EVENTS)
def test_appending_what_the_record_holds_changes_nothing(empty: Path, events: list[Event]) -> None:
    """Its own tail, appended again, is known to the last event."""
    with _fresh(empty) as record:
        record.append(events, source="test", recorded_at=a.T0)
        entries = list(record.tail(0))
        again = record.append((entry.event for entry in entries), source="again", recorded_at=a.T0)
        assert (again.appended, again.same) == (0, len(entries))
        assert list(record.tail(0)) == entries


@LAWS
@given(events=EVENTS, cuts=st.sets(st.integers(0, 25)))
def test_any_split_into_batches_gives_the_same_record(empty: Path, events: list[Event], cuts: set[int]) -> None:
    """One import, many imports, or one event at a time: the same events at the same positions."""
    with _fresh(empty) as whole, _fresh(empty) as split:
        receipt = whole.append(events, source="test", recorded_at=a.T0)
        parts = [
            split.append(events[first:last], source="test", recorded_at=a.T0)
            for first, last in pairwise(sorted({0, *cuts, 25}))
        ]
        assert list(split.tail(0)) == list(whole.tail(0))
        assert sum(len(part.conflicts) for part in parts) == len(receipt.conflicts)
        assert [str(told) for part in parts for told in part.refusals] == [str(told) for told in receipt.refusals]


@LAWS
@given(events=EVENTS, after=st.integers(0, 25), upto=st.integers(0, 25))
def test_a_tail_is_a_slice_of_the_whole(empty: Path, events: list[Event], after: int, upto: int) -> None:
    """Wherever it begins and ends; and the clock is the largest time of what moves it."""
    with _fresh(empty) as record:
        record.append(events, source="test", recorded_at=a.T0)
        entries = list(record.tail(0))
        assert list(record.tail(after, upto)) == entries[after:upto]
        moved = [
            entry.known_at for entry in entries if type(entry.event).__name__ in {"Order", "StatusChange", "Finding"}
        ]
        assert record.clock() == max(moved, default=None)


@LAWS
@given(line=LINES, order_id=IDS)
def test_any_text_reads_back_as_it_was(record: Record, line: OrderLine, order_id: str) -> None:
    """On both databases, row by row and as columns."""
    number = record.position() + 1
    order = replace(a.order(f"{order_id}{number}"), lines=(line,))
    assert record.append([order], source="test", recorded_at=a.T0).position == number
    (entry,) = record.tail(number - 1)
    row = record.lines().to_pylist()[-1]
    assert entry.event == order
    assert (row["order_id"], row["sku"], row["category"]) == (order.order_id, line.sku, line.category)
