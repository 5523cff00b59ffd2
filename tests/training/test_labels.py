"""Labels belong to a date, and only what was known by then can make them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.measures import DAY
from tests.training.made import LATER, finding, findings, lines
from training.labels import Kind, Labels, labels_as_of, newest_revisions, spread_resellers

ORDER = [{"order_id": "o1", "line_id": line} for line in ("a", "b", "c", "d")]


def kinds(labels: Labels) -> list[Kind]:
    return [Kind(code) for code in labels.kind]


def test_a_line_without_a_finding_is_unknown_and_has_no_label() -> None:
    """No finding is not `cleared`."""
    labels = labels_as_of(lines([{}]), findings(), LATER)
    assert kinds(labels) == [Kind.UNKNOWN]
    assert np.isnan(labels.label).all()


def test_a_finding_counts_from_after_it_was_known() -> None:
    """Strictly: at the very moment it is not known yet."""
    said = findings(finding(known_at=5 * DAY))
    assert kinds(labels_as_of(lines([{}]), said, 5 * DAY)) == [Kind.UNKNOWN]
    assert kinds(labels_as_of(lines([{}]), said, 5 * DAY + 1)) == [Kind.DIVERTED]


def test_inconclusive_is_kept_apart() -> None:
    """Could not be verified is neither 0 nor 1."""
    labels = labels_as_of(lines([{}]), findings(finding(outcome="inconclusive")), LATER)
    assert kinds(labels) == [Kind.INCONCLUSIVE]
    assert np.isnan(labels.label).all()
    assert not labels.decided.any()


def test_a_correction_counts_from_its_own_date() -> None:
    """Before the correction the first word holds, after it the second."""
    first, second = finding(known_at=5 * DAY), finding(known_at=9 * DAY, revision=2, outcome="cleared", position=1)
    said = findings(first, second)
    assert kinds(labels_as_of(lines([{}]), said, 8 * DAY)) == [Kind.DIVERTED]
    assert kinds(labels_as_of(lines([{}]), said, 10 * DAY)) == [Kind.CLEARED]


def test_a_withdrawn_finding_is_none() -> None:
    """What was taken back labels nothing, and what others found comes back to light."""
    taken_back = finding(known_at=9 * DAY, revision=2, outcome="withdrawn", position=2)
    other = finding(finding_id="other", known_at=4 * DAY, outcome="cleared", position=1)
    said = findings(finding(known_at=5 * DAY), taken_back)
    assert kinds(labels_as_of(lines([{}]), said, 10 * DAY)) == [Kind.UNKNOWN]
    said = findings(finding(known_at=5 * DAY), taken_back, other)
    assert kinds(labels_as_of(lines([{}]), said, 8 * DAY)) == [Kind.DIVERTED]
    assert kinds(labels_as_of(lines([{}]), said, 10 * DAY)) == [Kind.CLEARED]


def test_of_several_findings_on_a_line_the_one_learned_last_decides() -> None:
    """Whatever their order in the record."""
    late = finding(finding_id="late", known_at=9 * DAY, outcome="cleared", position=0)
    early = finding(finding_id="early", known_at=5 * DAY, position=1)
    labels = labels_as_of(lines([{}]), findings(late, early), LATER)
    assert kinds(labels) == [Kind.CLEARED]
    assert labels.known_at.tolist() == [9 * DAY]


def test_a_finding_on_an_order_weighs_one_in_all() -> None:
    """It speaks for the lines that have no finding of their own, and marks them."""
    said = findings(finding("o1", None), finding("o1", "a", outcome="cleared"))
    labels = labels_as_of(lines(ORDER), said, LATER)
    assert kinds(labels) == [Kind.CLEARED, Kind.DIVERTED, Kind.DIVERTED, Kind.DIVERTED]
    assert labels.spread.tolist() == [False, True, True, True]
    assert labels.weight[labels.spread].sum() == pytest.approx(1.0)
    assert labels.weight[0] == 1.0


def test_a_finding_on_an_order_of_one_line_is_a_finding_on_the_line() -> None:
    """There is no doubt which line it was."""
    labels = labels_as_of(lines([{}]), findings(finding("o0", None)), LATER)
    assert (kinds(labels), labels.spread.tolist(), labels.weight.tolist()) == ([Kind.DIVERTED], [False], [1.0])


def test_a_finding_on_a_reseller_labels_no_line() -> None:
    """It is history, not a label."""
    said = findings(finding(None, None, reseller_id="r1"))
    assert kinds(labels_as_of(lines([{}]), said, LATER)) == [Kind.UNKNOWN]


def test_times_keep_their_microseconds() -> None:
    """A neighbour without a finding must not turn them into floats."""
    moment = 2**53 + 1
    labels = labels_as_of(lines([{}, {}]), findings(finding(known_at=moment)), moment + 1)
    assert labels.known_at.tolist() == [moment, 0]


def test_one_order_teaches_once() -> None:
    """Of its revisions only the newest."""
    made = lines([{"order_id": "o1"}, {"order_id": "o1", "revision": 2}, {"order_id": "o2"}])
    assert newest_revisions(made).tolist() == [1, 2]


outcomes = st.sampled_from(["diverted", "cleared", "inconclusive", "withdrawn"])
subjects = st.sampled_from([("o1", "a"), ("o1", "b"), ("o1", None), (None, None)])
said_rows = st.lists(st.tuples(subjects, outcomes, st.integers(0, 20), st.integers(1, 3), st.sampled_from("xyz")))


def made_findings(rows: list[Any], offset: int = 0) -> list[dict[str, Any]]:
    return [
        finding(*subject, outcome=outcome, known_at=day * DAY, revision=revision, finding_id=name, position=place)
        for place, (subject, outcome, day, revision, name) in enumerate(rows, start=offset)
    ]


@settings(deadline=None)  # a busy machine is slow
@given(known=said_rows, later=said_rows, as_of=st.integers(0, 20))
def test_what_is_learned_later_never_changes_a_label(known: Any, later: Any, as_of: int) -> None:
    """Labels as of a date are the same with and without the findings that came at that date or after it."""
    now = made_findings(known)
    more = [row for row in made_findings(later, len(now)) if row["known_at"] >= as_of * DAY]
    before = labels_as_of(lines(ORDER), findings(*now), as_of * DAY)
    after = labels_as_of(lines(ORDER), findings(*now, *more), as_of * DAY)
    for name in ("kind", "weight", "spread", "known_at"):
        assert getattr(before, name).tolist() == getattr(after, name).tolist()


@settings(deadline=None)  # a busy machine is slow
@given(known=said_rows)
def test_the_weights_of_a_spread_finding_add_up_to_one(known: Any) -> None:
    """Or to nothing, where no line is left to speak for."""
    labels = labels_as_of(lines(ORDER), findings(*made_findings(known)), LATER)
    assert labels.weight[labels.spread].sum() == pytest.approx(1.0 if labels.spread.any() else 0.0)


def test_a_finding_on_a_reseller_teaches_only_when_asked() -> None:
    """Its lines of the year share one weight; a line with a finding of its own keeps that."""
    table = lines([{"t": -400 * DAY}, {}, {}, {"reseller_id": "r2"}, {"t": 500 * DAY}])
    said = findings(finding("o1", outcome="cleared"), finding(None, None, reseller_id="r1", position=9))
    plain = labels_as_of(table, said, LATER)
    assert plain.kind.tolist() == [0, Kind.CLEARED, 0, 0, 0]
    shared = spread_resellers(plain, table, said)
    assert shared.kind.tolist() == [0, Kind.CLEARED, Kind.DIVERTED, 0, 0]
    assert (shared.spread.tolist(), shared.weight[2]) == ([False, False, True, False, False], 1.0)
