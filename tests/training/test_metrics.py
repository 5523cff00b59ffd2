"""Measures agree with scikit-learn's, on weighted rows and ties too."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from training.metrics import Ranking, at_capacity, auc, average_precision, calibration_bins

rows = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=2, max_size=40)


def columns(drawn: Any) -> tuple[Any, Any, Any]:
    score, label, weight = (np.array(column, np.float64) for column in zip(*drawn, strict=True))
    return score, label, weight


@settings(deadline=None)  # a busy machine is slow
@given(drawn=rows)
def test_weights_mean_repeated_rows(drawn: Any) -> None:
    """AUC and average precision equal scikit-learn's on the rows repeated as often as they weigh, ties included."""
    score, label, weight = columns(drawn)
    again = np.repeat(np.arange(len(score)), weight.astype(int))
    assume(0 < label[again].sum() < len(again))
    counts = Ranking.of(score, label).counts(weight[None, :])
    assert auc(*counts)[0] == pytest.approx(roc_auc_score(label[again], score[again]))
    assert average_precision(*counts)[0] == pytest.approx(average_precision_score(label[again], score[again]))


@settings(deadline=None)  # a busy machine is slow
@given(drawn=rows)
def test_draws_do_not_touch_each_other(drawn: Any) -> None:
    """Many weightings at once give what each gives alone."""
    score, label, weight = columns(drawn)
    ranking, both = Ranking.of(score, label), np.vstack([weight, np.ones_like(weight)])
    together = average_precision(*ranking.counts(both))
    apart = [average_precision(*ranking.counts(row[None, :]))[0] for row in both]
    assert together.tolist() == pytest.approx(apart, nan_ok=True)


def test_one_kind_cannot_be_judged() -> None:
    """NaN, and no warning."""
    counts = Ranking.of(np.array([0.1, 0.9]), np.zeros(2)).counts(np.ones((1, 2)))
    assert np.isnan([auc(*counts)[0], average_precision(*counts)[0]]).all()


def test_the_worst_orders_fill_the_capacity() -> None:
    """Two of ten reviewed, one of the three diverted among them."""
    label = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0.0])
    counts = Ranking.of(-np.arange(10.0), label).counts(np.ones((1, 10)))
    precision, recall = at_capacity(*counts, 0.2)
    assert (precision[0], recall[0]) == pytest.approx((1 / 2, 1 / 3))


def test_ties_at_the_capacity_count_on_average() -> None:
    """All scores alike: review finds what a random draw finds."""
    label = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0.0])
    precision, recall = at_capacity(*Ranking.of(np.zeros(10), label).counts(np.ones((1, 10))), 0.3)
    assert (precision[0], recall[0]) == pytest.approx((0.2, 0.3))


def test_equal_probabilities_share_a_bin() -> None:
    """Bins never cut through a tie."""
    probability = np.repeat([0.1, 0.2, 0.3], [50, 30, 20])
    bins = calibration_bins(probability)
    assert [len(set(bins[probability == each])) for each in (0.1, 0.2, 0.3)] == [1, 1, 1]
