"""Confirming and rejecting links."""

from pathlib import Path
from typing import Any

import pytest

from features.awards.docket import Docket
from features.evidence import Notice, link_id
from features.measures import DAY, Refused
from features.record import Record
from features.trade import Finding, Outcome
from tests import factory as a
from tests.features.awards.made import KNOWN, link, linking, notice

LATER = KNOWN + 5 * DAY
TWO = ("ana:compliance", "ben:compliance")


def docket(url: str, told: Notice, *grades: str) -> tuple[Record, Docket, list[str]]:
    """A record with one notice and links to o1, o2 ..., with their ids."""
    record = Record.open(url)
    links = [
        link(f"o{n}" if grade != "D" else None, grade, weight=1 / len(grades)) for n, grade in enumerate(grades, 1)
    ]
    orders = [a.order(f"o{n}") for n in range(1, 4)]
    record.append([*orders, told, linking(*links)], source="test", recorded_at=KNOWN)
    return record, Docket(record), [link_id("n1", each) for each in links]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A record of its own."""
    return f"sqlite:///{tmp_path}/record.db"


def findings(record: Record) -> list[Finding]:
    """All findings."""
    return [entry.event for entry in record.entries((Finding,))]


def test_a_confirmed_link_to_a_forbidden_buyer_is_a_finding(url: str) -> None:
    """Known when it was confirmed, naming the notice."""
    record, said, [key] = docket(url, notice(), "B")
    said.confirm(key[:6], who=TWO, now=LATER)
    [found] = findings(record)
    assert (found.outcome, found.order_id, found.known_at) == (Outcome.DIVERTED, "o1", LATER)
    assert found.source == "notice n1"


@pytest.mark.parametrize("buyer", [{"buyer_class": "health"}, {"buyer_place": None}])
def test_any_other_buyer_is_no_finding(url: str, buyer: dict[str, Any]) -> None:
    """Unless the analyst says which."""
    record, said, [key] = docket(url, notice(**buyer), "B")
    assert said.confirm(key, who=TWO, now=LATER)[1] is None
    said.confirm(key, who=TWO, now=LATER, outcome=Outcome.CLEARED)
    assert [found.outcome for found in findings(record)] == [Outcome.CLEARED]


def test_grades_c_and_d_never_become_findings(url: str) -> None:
    """D names no sale that could be confirmed."""
    record, said, keys = docket(url, notice(), "C", "D")
    assert said.confirm(keys[0], who=TWO, now=LATER)[1] is None
    with pytest.raises(Refused, match="grade D"):
        said.confirm(keys[1], who=TWO, now=LATER)
    with pytest.raises(Refused, match="cannot follow"):
        said.confirm(keys[0], who=TWO, now=LATER, outcome=Outcome.DIVERTED)
    assert findings(record) == []


def test_a_rejection_withdraws_the_finding(url: str) -> None:
    """And a second confirmation is its next revision."""
    record, said, [key] = docket(url, notice(), "A")
    for at, act in enumerate((said.confirm, said.reject, said.confirm)):
        act(key, who=TWO, now=LATER + at, why="serials were read")
    outcomes = [(found.outcome, found.revision) for found in findings(record)]
    assert outcomes == [(Outcome.DIVERTED, 1), (Outcome.WITHDRAWN, 2), (Outcome.DIVERTED, 3)]


def test_one_person_alone_makes_a_claim_and_a_second_one_makes_it_stand(url: str) -> None:
    """As with any finding."""
    record, said, [key] = docket(url, notice(), "B")
    for at, who in enumerate(("ana", "ben")):
        said.confirm(key, who=(who,), now=LATER + at)
    assert [(found.outcome, found.claimed) for found in findings(record)] == [
        (Outcome.INCONCLUSIVE, Outcome.DIVERTED),
        (Outcome.DIVERTED, None),
    ]
    with pytest.raises(Refused, match="2 different people"):
        said.reject(key, who=("ana",), now=LATER + 9, why="other serials")


def test_a_name_that_is_none_is_refused(url: str) -> None:
    """With the way to those that are."""
    _, said, _ = docket(url, notice(), "B", "B")
    for name in ("nothing", ""):
        with pytest.raises(Refused, match="evidence list"):
            said.named(name)
    with pytest.raises(Refused, match="is a notice with 2 links"):
        said.link("n1")


def test_days_from_published_to_flagged_are_told_by_month(url: str) -> None:
    """By the month in which we knew."""
    _, said, _ = docket(url, notice(published_at=KNOWN - 30 * DAY), "B")
    assert list(said.speed()) == [("2024-12", 1, 30.0)]
