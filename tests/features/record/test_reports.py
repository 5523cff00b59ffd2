"""Who may say what, and what waits until somebody else agrees."""

from dataclasses import replace
from typing import Any

import pytest

from features.measures import DAY, Refused
from features.record import Record
from features.record.reports import report, standing
from features.trade import Finding, Outcome
from tests import factory as a

HOUR = DAY // 24
NOW = a.T0 + 100 * HOUR


def said(outcome: str, *who: str, hours: int = 50, **more: Any) -> Finding:
    """What some people say of the order."""
    return a.finding("f1", outcome, at=a.T0 + hours * HOUR, who=who, **more)


@pytest.fixture(autouse=True)
def an_order(record: Record) -> None:
    record.append([a.order()], source="test", recorded_at=a.T0)


def test_one_alone_claims_and_a_second_makes_it_stand(record: Record) -> None:
    """The claim labels nothing; agreement is the next revision, and names both."""
    first = report(record, said("diverted", "ana"), recorded_at=NOW)
    assert (first.finding.outcome, first.finding.claimed) == (Outcome.INCONCLUSIVE, Outcome.DIVERTED)
    assert first.missing == "2 different people"
    second = report(record, said("diverted", "ben", hours=60), recorded_at=NOW)
    assert (second.finding.outcome, second.finding.who, second.finding.revision) == ("diverted", ("ana", "ben"), 2)
    assert (second.missing, record.finding("f1")) == (None, second.finding)


@pytest.mark.parametrize("who", [("ana", "Ana"), ("ana:sales", " ana :legal"), ("ana",)])
def test_the_same_person_twice_is_one(record: Record, who: tuple[str, ...]) -> None:
    """However the name is written."""
    reported = report(record, said("diverted", *(name.strip() for name in who)), recorded_at=NOW)
    assert reported.finding.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("who", "grade", "outcome"),
    [
        ("ana:legal", "A", "cleared"),
        ("ana:legal", "C", "inconclusive"),
        ("ana:legal", None, "inconclusive"),
        ("ana:sales", "A", "inconclusive"),
        ("ana", "A", "inconclusive"),
    ],
)
def test_clearing_needs_evidence_and_somebody_outside_sales(
    record: Record, who: str, grade: str | None, outcome: str
) -> None:
    """Anything else is a claim."""
    reported = report(record, said("cleared", who, grade=grade), recorded_at=NOW)
    assert reported.finding.outcome == outcome


def test_what_stands_falls_only_by_the_rule(record: Record) -> None:
    """One person takes no confirmed diversion back, whatever is said; two do."""
    report(record, said("diverted", "ana", "ben"), recorded_at=NOW)
    for outcome in ("inconclusive", "cleared"):
        with pytest.raises(Refused, match="needs 2 different people"):
            report(record, said(outcome, "cleo:legal", hours=60, note="no", grade="A"), recorded_at=NOW)
    both = report(record, said("withdrawn", "cleo", "dan", hours=60, note="wrong serial"), recorded_at=NOW)
    assert (both.finding.outcome, both.finding.revision) == (Outcome.WITHDRAWN, 2)


def test_a_withdrawal_by_one_waits_for_a_second_and_what_stood_stands(record: Record) -> None:
    """Unchanged, with the withdrawal claimed beside it; said again by the same person it is still one voice."""
    found = report(record, said("diverted", "ana", "ben", grade="B"), recorded_at=NOW).finding
    asked = said("withdrawn", "cleo", hours=60, note="wrong serial")
    one = report(record, asked, recorded_at=NOW)
    assert (one.finding.outcome, one.finding.claimed, one.missing) == ("diverted", "withdrawn", "2 different people")
    assert (one.finding.happened_at, one.finding.grade) == (found.happened_at, "B")
    again = report(record, replace(asked, who=("Cleo",)), recorded_at=NOW)
    assert (again.fresh, again.finding) == (False, one.finding)
    two = report(record, said("withdrawn", "dan", hours=61, note="wrong serial"), recorded_at=NOW)
    assert (two.finding.outcome, two.finding.claimed, two.finding.who) == ("withdrawn", None, ("cleo", "dan"))
    report(record, said("diverted", "ana", "ben", hours=62), recorded_at=NOW)
    with pytest.raises(Refused, match="needs 2 different people and a note"):
        report(record, said("withdrawn", "cleo", hours=63), recorded_at=NOW)


def test_the_same_report_twice_changes_nothing(record: Record) -> None:
    """Nor does one of those who said so already."""
    report(record, said("diverted", "ana", "ben"), recorded_at=NOW)
    again = report(record, said("diverted", "ben", hours=60), recorded_at=NOW)
    assert (again.fresh, again.finding.revision) == (False, 1)


def test_a_report_names_people_and_what_the_record_holds(record: Record) -> None:
    """No name, no order, no line: refused."""
    for wrong, why in (
        (said("diverted"), "names nobody"),
        (said("diverted", "ana", order_id="o9"), "not a known order"),
        (said("diverted", "ana", line_id="7"), "no line of the order"),
        (said("withdrawn", "ana", note="x"), "withdraws nothing"),
    ):
        with pytest.raises(Refused, match=why):
            report(record, wrong, recorded_at=NOW)


def test_what_was_found_before_the_rules_stands(record: Record) -> None:
    """Imported without a name: its source answers for it."""
    old = a.finding("f1", "diverted", source="old files")
    assert standing(old) == old
    record.append([old], source="import", recorded_at=NOW)
    corrected = replace(old, outcome=Outcome.CLEARED, known_at=NOW, who=("ana:legal", "ben"), grade="B")
    assert report(record, corrected, recorded_at=NOW).finding.revision == 2
