"""New, known, in conflict, or refused: what becomes of an event at the door."""

from dataclasses import replace

import pytest

from features.measures import Refused
from features.record import Appended, Conflict, ConflictError, Difference, Event, Record
from tests import factory as a
from tests.features.record.test_store import EVERYTHING


def test_the_same_event_twice_changes_nothing(record: Record) -> None:
    """Whatever its kind, an event that is there already is counted and left alone."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    again = record.append(EVERYTHING + EVERYTHING, source="other", recorded_at=a.T0 + 1)
    assert (again.appended, again.same, again.complete) == (0, 2 * len(EVERYTHING), True)
    assert record.position() == len(EVERYTHING)


def test_an_order_is_the_same_whenever_it_became_known(record: Record) -> None:
    """The moment was set by the record, so it is no content: the first one stays."""
    record.append([a.order()], source="test", recorded_at=a.T0)
    receipt = record.append([replace(a.order(), known_at=a.T0 + 5)], source="test", recorded_at=a.T0)
    assert receipt.same == 1
    assert record.clock() == a.T0


CHANGED: list[tuple[Event, Event, Difference]] = [
    (a.order(units=3), a.order(units=4), Difference("lines[0].quantity.milli", 3_000, 4_000)),
    (a.reseller(name="Ox"), a.reseller(name="Ax"), Difference("name", "Ox", "Ax")),
    (a.product(), a.product(category=None), Difference("category", "sequencing/kit", None)),
    (a.status(), replace(a.status(), known_at=a.T0), Difference("known_at", a.status().known_at, a.T0)),
    (a.finding(), a.finding(order_id="o2"), Difference("order_id", "o1", "o2")),
    (a.decision(), a.decision(response=b"{}"), Difference("response", a.decision().response, b"{}")),
    (a.decision(), a.decision("d2"), Difference("decision_id", "d1", "d2")),
    (a.promotion(), a.promotion(reason="none"), Difference("reason", "finds more", "none")),
]


@pytest.mark.parametrize(("held", "other", "difference"), CHANGED)
@pytest.mark.parametrize("together", [True, False])
def test_one_id_with_two_contents_is_a_conflict(
    record: Record, held: Event, other: Event, difference: Difference, together: bool
) -> None:
    """It is told by its first differing fields; the events around it are written all the same."""
    batches = [[held, other, a.order("o9")]] if together else [[held], [other, a.order("o9")]]
    *_, receipt = [record.append(batch, source="test", recorded_at=a.T0) for batch in batches]
    (conflict,) = receipt.conflicts
    assert (conflict.position, conflict.differences) == (1, (difference,))
    assert [entry.event for entry in record.tail(0)] == [held, a.order("o9")]


def test_equal_numbers_written_otherwise_are_no_conflict(record: Record) -> None:
    """A rate of 1.0 is a rate of 1.00."""
    record.append([a.rate(value="1.0")], source="test", recorded_at=a.T0)
    receipt = record.append([a.rate(value="1.00")], source="test", recorded_at=a.T0)
    assert (receipt.same, receipt.complete) == (1, True)


def test_a_revision_needs_the_one_before(record: Record) -> None:
    """Orders and findings alike are refused by name until their turn has come."""
    early: list[Event] = [a.order(revision=2), a.finding(revision=3)]
    in_turn: list[Event] = [a.order(), a.order(revision=2), a.order(revision=3)]
    receipt = record.append(early + in_turn, source="test", recorded_at=a.T0)
    assert [(refusal.kind, refusal.version) for refusal in receipt.refusals] == [("order", 2), ("finding", 3)]
    assert "revision: 2 comes before revision 1; send the revisions in order" in str(receipt.refusals[0])
    assert receipt.appended == 3


def test_an_order_without_a_moment_is_refused(record: Record) -> None:
    """Imports bring `known_at`; for an order that arrives, the desk sets it."""
    receipt = record.append([replace(a.order(), known_at=None)], source="test", recorded_at=a.T0)
    assert "known_at: None is missing" in str(receipt)
    assert record.position() == 0


UNKEEPABLE: list[tuple[Event, str]] = [
    (a.order(declared_use="a\x00b"), "declared_use"),
    (a.reseller(name="\ud800"), "name"),
]


@pytest.mark.parametrize(("event", "column"), UNKEEPABLE)
def test_what_no_database_holds_is_refused_alone(record: Record, event: Event, column: str) -> None:
    """A bad value is named with its column, and the good events beside it are kept."""
    receipt = record.append([event, a.order("good")], source="test", recorded_at=a.T0)
    (refusal,) = receipt.refusals
    assert (refusal.refused.column, receipt.appended) == (column, 1)


def test_what_is_no_event_is_a_mistake_of_the_caller(record: Record) -> None:
    """Something else than an event raises, and nothing is written."""
    events: list[Event] = [a.order(), "order"]  # type: ignore[list-item] # the mistake
    with pytest.raises(TypeError, match="str is not an event of the record"):
        record.append(events, source="test", recorded_at=a.T0)
    assert record.position() == 0


def test_the_writer_raises_and_goes_on(record: Record) -> None:
    """A conflict and a refusal are raised one by one; what was appended around them stays."""
    with record.writer() as writer:
        assert writer.append(a.order(), source="test", recorded_at=a.T0) == Appended(1, fresh=True)
        with pytest.raises(ConflictError, match=r"units|quantity.*send a correction as the next revision") as raised:
            writer.append(a.order(units=2), source="test", recorded_at=a.T0)
        with pytest.raises(Refused, match="comes before revision 2"):
            writer.append(a.order(revision=3), source="test", recorded_at=a.T0)
        assert writer.append(a.order(), source="test", recorded_at=a.T0) == Appended(1, fresh=False)
    assert isinstance(raised.value.conflict, Conflict)
    assert record.position() == 1
