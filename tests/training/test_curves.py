"""Curves say what the measures at one capacity say, at many."""

import json

import numpy as np
import pytest

from tests.training.made import LATER, world
from training.curves import SHARES, Curves, curves, reliability
from training.judging import Candidate, Rows, judge, judging_rows


def rows() -> Rows:
    table, said = world(600)
    return judging_rows(table, said, start=0, end=LATER)


def probability(of: Rows) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(3.0 - of.table.values[:, 0]))


def made(calibrated: bool = True, review_share: float = 0.07) -> tuple[Rows, Candidate, Curves]:
    judging = rows()
    candidate = Candidate("model", probability(judging), calibrated)
    return judging, candidate, curves(judging, candidate, review_share, draws=100)


def test_a_capacity_finds_what_the_report_says_of_it() -> None:
    """The same draws, so the same intervals; the review capacity stands among the others."""
    judging, candidate, drawn = made()
    assert [each.share for each in drawn.capacity] == sorted({*SHARES, 0.07})
    sample = judge(judging, [candidate], 0.07, draws=100)["model"]
    (own,) = (each for each in drawn.capacity if each.share == 0.07)
    assert (own.precision, own.recall) == (sample.interval("precision"), sample.interval("recall"))
    assert str(own.value_recall) == str(sample.interval("value_recall"))


def test_the_last_order_reviewed_has_the_threshold() -> None:
    """As many orders as the capacity holds score at least as high."""
    judging, candidate, drawn = made()
    highest = np.zeros(judging.order.max() + 1)
    np.maximum.at(highest, judging.order, candidate.score)
    for each in drawn.capacity:
        assert (highest >= each.threshold).sum() == max(round(each.share * len(highest)), 1)


def test_bins_hold_every_line_and_the_share_lies_in_its_interval() -> None:
    """Weighted by their lines they give the means again."""
    judging = rows()
    bins = [*reliability(judging.label, probability(judging))]
    lines = np.array([each.lines for each in bins])
    assert lines.sum() == len(judging.label)
    assert lines @ [each.stated for each in bins] == pytest.approx(probability(judging).sum())
    assert lines @ [each.observed.value for each in bins] == pytest.approx(judging.label.sum())
    assert all(0 <= each.observed.low <= each.observed.value <= each.observed.high <= 1 for each in bins)


def test_bars_hold_every_line() -> None:
    """By what was found."""
    judging, _, drawn = made()
    assert sum(each.diverted for each in drawn.scores) == judging.label.sum()
    assert sum(each.cleared for each in drawn.scores) == (judging.label == 0).sum()


def test_a_score_that_is_no_probability_has_no_reliability() -> None:
    """And the curves are plain JSON."""
    drawn = made(calibrated=False)[2]
    assert drawn.reliability == ()
    assert set(json.loads(json.dumps(drawn.to_json(), allow_nan=False))) == {"capacity", "reliability", "scores"}
