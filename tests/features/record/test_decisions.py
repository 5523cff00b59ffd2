"""What we answered, and which model serves."""

from typing import Any

import pytest

from features.measures import Refused
from features.record import Record
from features.record.decisions import DECISION
from tests import factory as a


def test_a_decision_is_found_by_order_and_by_id(record: Record) -> None:
    """The stored bytes come back as they were."""
    told = a.decision(response=bytes(range(256)), vectors=b"\xff" * 16)
    record.append([a.order(), told], source="test", recorded_at=a.T0)
    assert record.decision("o1", 1) == record.decision_by_id("d1") == told
    assert record.decision("o1", 2) is None
    assert record.decision_by_id("o1") is None


def test_a_digest_stays_what_it_was_in_the_first_records() -> None:
    """Without the draw, which came later, and with it."""
    plain, drawn = DECISION.digest(a.decision()), DECISION.digest(a.decision(drawn=True, inclusion=0.25))
    assert plain == "fef544cf004248b15dc55edf2314be9b08d7de4b6c5bbe5c75e87f3be3b8f9fe"
    assert drawn == "6d02f160f2faca37413716e6e64639dde1246414370ea116fcbb9f7a3d46c526"


def test_each_revision_has_its_own_decision(record: Record) -> None:
    """A revised order is answered again."""
    first, second = a.decision("d1"), a.decision("d2", revision=2)
    record.append([first, second], source="test", recorded_at=a.T0)
    assert (record.decision("o1", 1), record.decision("o1", 2)) == (first, second)


def test_decisions_come_in_order_after_a_position(record: Record) -> None:
    """However many there are and whatever stands between them."""
    for number in range(3):
        record.append(
            [a.order(f"o{number}"), a.decision(f"d{number}", order_id=f"o{number}")], source="t", recorded_at=1
        )
    assert [entry.position for entry in record.decisions()] == [2, 4, 6]
    assert [entry.event.decision_id for entry in record.decisions(after=2)] == ["d1", "d2"]


def test_the_champion_is_the_newest_promotion(record: Record) -> None:
    """Newest by position: going back to an old model is a promotion as well."""
    record.append([a.promotion("p1"), a.promotion("p2", model="m2"), a.order()], source="test", recorded_at=a.T0)
    assert record.champion() == a.promotion("p2", model="m2")
    record.append([a.promotion("p3", at=a.T0 - 9)], source="test", recorded_at=a.T0)
    assert record.champion() == a.promotion("p3", at=a.T0 - 9)


@pytest.mark.parametrize(
    ("column", "value"),
    [("action", "refuse"), ("probability", 1.5), ("probability", float("nan")), ("vectors", b"1234"), ("model", "")],
)
def test_a_decision_is_checked_at_birth(column: str, value: Any) -> None:
    """What cannot be a decision is refused by column."""
    with pytest.raises(Refused, match=column):
        a.decision(**{column: value})


@pytest.mark.parametrize("artefact", ["/etc/model", "../model", "~/model"])
def test_an_artefact_stays_below_the_home_folder(artefact: str) -> None:
    """A promotion names a path below the home of run-time files, or a URI."""
    with pytest.raises(Refused, match="leaves the home folder"):
        a.promotion(artefact=artefact)
    assert a.promotion(artefact="s3://models/m1").artefact == "s3://models/m1"
