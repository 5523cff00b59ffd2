"""Open orders of a reseller at which a diversion is confirmed are called back; when it falls, a person looks."""

from typing import Any

import pytest

from features.measures import DAY
from features.record import Record
from features.record.recalling import due, found_after, recall, recalled, recalls_of
from features.record.reports import report
from features.trade import Finding
from tests import factory as a

NOW = a.T0 + 9 * DAY


def answered(record: Record, order_id: str, *, at: int = a.T0, seen: int = 0, reseller: str = "r1") -> None:
    """An order and its decision, which saw the record up to a position."""
    decided = a.decision(f"d-{order_id}", order_id=order_id, at=at, action="proceed", position_seen=seen)
    record.append([a.order(order_id, reseller=reseller, at=at), decided], source="test", recorded_at=at)


def found(record: Record, outcome: str, finding_id: str = "f1", **more: Any) -> Finding:
    """What two people say of the reseller r1."""
    subject = {} if "order_id" in more else {"reseller_id": "r1"}
    said = a.finding(finding_id, outcome, at=more.pop("at", NOW), who=("ana", "ben"), note="x", **subject, **more)
    return report(record, said, recorded_at=NOW).finding


def words(record: Record, order_id: str) -> list[tuple[str, str]]:
    """What was said of an order since it was answered."""
    with record.reading() as connection:
        return [(each.event.action, each.event.finding_id) for each in recalls_of(connection, [order_id])[order_id]]


def test_a_confirmed_diversion_calls_open_orders_back_and_its_fall_releases_them(record: Record) -> None:
    """In one transaction with it; to a review, never to proceed; what was answered stays."""
    answered(record, "o1")
    found(record, "diverted")
    assert words(record, "o1") == [("hold", "f1")]
    found(record, "diverted")
    assert words(record, "o1") == [("hold", "f1")]
    found(record, "withdrawn")
    assert words(record, "o1") == [("hold", "f1"), ("review", "f1")]
    found(record, "diverted")
    assert words(record, "o1")[2:] == [("hold", "f1")]
    decision = record.decision("o1", 1)
    assert decision is not None
    assert decision.action == "proceed"


@pytest.mark.parametrize(
    ("became", "called"),
    [("held", True), ("proceeded", True), ("shipped", False), ("cancelled", False), ("withheld", False)],
)
def test_only_open_orders_are_called_back(record: Record, became: str, called: bool) -> None:
    """Its newest status tells; an order of another reseller is left alone, and one that nobody answered."""
    answered(record, "o1")
    answered(record, "o2", reseller="r2")
    record.append([a.order("o3"), a.status("o1", "held"), a.status("o1", became, at=a.T0 + 2 * DAY)], **HOW)
    found(record, "diverted")
    assert [bool(words(record, order_id)) for order_id in ("o1", "o2", "o3")] == [called, False, False]


HOW: dict[str, Any] = {"source": "test", "recorded_at": NOW}


def test_an_order_held_by_two_findings_is_released_by_the_last(record: Record) -> None:
    """And a claim holds nothing."""
    answered(record, "o1")
    answered(record, "o2")
    claim = a.finding("f0", "diverted", order_id="o2", at=NOW, who=("ana",))
    report(record, claim, recorded_at=NOW)
    assert words(record, "o1") == []
    found(record, "diverted", "f1")
    found(record, "diverted", "f2", order_id="o2")
    found(record, "withdrawn", "f1")
    assert words(record, "o1") == [("hold", "f1"), ("hold", "f2")]
    found(record, "withdrawn", "f2", order_id="o2")
    assert words(record, "o1")[2:] == [("review", "f2")]


def test_an_order_whose_decision_saw_the_finding_is_not_called_back(record: Record) -> None:
    """The rules said what they had to; seen means in the record, and known before its moment."""
    found(record, "diverted", at=NOW)
    answered(record, "saw it", at=NOW + 1, seen=1)
    answered(record, "same instant", at=NOW, seen=1)
    answered(record, "not yet there", at=NOW + 1, seen=0)
    with record.reading() as connection:
        assert [each.order_id for each in due(connection, "r1", NOW)] == ["same instant", "not yet there"]


def test_a_revision_is_answered_anew_and_only_the_newest_is_called_back(record: Record) -> None:
    """A revision that gives the order to another reseller takes it away from this one."""
    answered(record, "o1")
    answered(record, "o2")
    moved = a.order("o2", revision=2, reseller="r2", at=a.T0 + 1)
    again = a.order("o1", revision=2, at=a.T0 + 1)
    second = a.decision("d2", order_id="o1", revision=2, at=a.T0 + 1)
    record.append([moved, again, second], **HOW)
    found(record, "diverted")
    assert words(record, "o2") == []
    with record.reading() as connection:
        assert (recalled(connection, "o1", 1), recalled(connection, "o1", 2)) == (None, "hold")


def test_what_came_by_a_file_is_caught_up_with(record: Record) -> None:
    """From the beginning, and from where it was looked last; looked at again, nothing is due."""
    answered(record, "o1")
    record.append([a.finding("f1", reseller_id="r1", at=NOW), a.finding("f2", "cleared", order_id="o1")], **HOW)
    with record.reading() as connection:
        newest, concerned = found_after(connection, 0)
        assert (newest, concerned) == (4, ["r1"])
        assert found_after(connection, newest) == (4, [])
    for expected in (1, 0):
        with record.writer() as writer:
            assert recall(writer, concerned, **HOW_RECALLED) == expected
    record.append([a.finding("f1", "withdrawn", reseller_id="r1", at=NOW, revision=2)], **HOW)
    with record.reading() as connection:
        assert found_after(connection, newest)[1] == ["r1"]
        assert [each.action for each in due(connection, "r1", NOW)] == ["review"]


HOW_RECALLED: dict[str, Any] = {"recorded_at": NOW, "source": "test"}
