"""Tests of the calibration, and of folding it into the trees."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.calibration import NotCalibrated, Platt, SlopeNotPositive, TooFewPositives, fit_platt, fold
from models.classifier import NotAClassifier
from tests.models.made import made, raw_text


def scores(
    rows: int = 4000, slope: float = 1.7, intercept: float = -2.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Made log-odds and labels that follow them, each of shape (rows,)."""
    dice = np.random.default_rng(1)
    z = dice.normal(0, 1.5, rows)
    return z, (dice.random(rows) < 1 / (1 + np.exp(-(slope * z + intercept)))).astype(np.int64)


def test_a_known_slope_is_found_again() -> None:
    """On many made labels the fit lands near the truth."""
    platt = fit_platt(*scores(200_000))
    assert platt.slope == pytest.approx(1.7, abs=0.03)
    assert platt.intercept == pytest.approx(-2.0, abs=0.03)


def test_the_fit_is_logistic_regression_on_smoothed_targets() -> None:
    """Each target t counts as a positive of weight t and a negative of weight 1 - t."""
    z, labels = scores(500)
    up, down = labels.sum(), (1 - labels).sum()
    targets = np.where(labels == 1, (up + 1) / (up + 2), 1 / (down + 2))
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.concatenate([z, z])[:, None], np.repeat([1, 0], len(z)), np.concatenate([targets, 1 - targets])
    )
    platt = fit_platt(z, labels)
    assert (platt.slope, platt.intercept) == pytest.approx((peer.coef_[0, 0], peer.intercept_[0]), abs=1e-4)


def test_the_mean_probability_is_the_mean_target() -> None:
    """The intercept makes the calibration right on the whole."""
    z, labels = scores(800)
    up, down = labels.sum(), (1 - labels).sum()
    targets = np.where(labels == 1, (up + 1) / (up + 2), 1 / (down + 2))
    assert fit_platt(z, labels).apply(z).mean() == pytest.approx(targets.mean(), abs=1e-9)


def test_a_weight_of_two_is_the_line_twice() -> None:
    """Weights count as copies, in the targets too."""
    z, labels = scores(300)
    weights = np.where(np.arange(300) % 3 == 0, 2.0, 1.0)
    copies = np.repeat(np.arange(300), weights.astype(int))
    once, twice = fit_platt(z, labels, weights), fit_platt(z[copies], labels[copies])
    assert (once.slope, once.intercept) == pytest.approx((twice.slope, twice.intercept), rel=1e-6)


@given(st.floats(1e-3, 1e3), st.floats(-50, 50))
@settings(max_examples=30, deadline=None)
def test_scale_and_shift_of_the_scores_do_not_matter(scale: float, shift: float) -> None:
    """The probabilities are the same whatever unit the scores come in."""
    z, labels = scores(200)
    expected = fit_platt(z, labels).apply(z)
    np.testing.assert_allclose(fit_platt(z * scale + shift, labels).apply(z * scale + shift), expected, atol=1e-6)


def test_separable_scores_have_a_finite_slope() -> None:
    """Platt's targets keep the fit from running away."""
    platt = fit_platt(np.arange(100.0), (np.arange(100) >= 50).astype(int))
    assert 0 < platt.slope < 10


def test_nine_positives_are_too_few() -> None:
    """The error says how many there are, how many are needed, and what to do."""
    with pytest.raises(TooFewPositives, match="9 positives, 10 are needed; widen") as refused:
        fit_platt(np.arange(30.0), (np.arange(30) >= 21).astype(int))
    assert (refused.value.count, refused.value.needed) == (9, 10)


def test_scores_upside_down_are_refused() -> None:
    """A negative slope would turn the ranking over."""
    z, labels = scores(500)
    with pytest.raises(SlopeNotPositive, match="not positive"):
        fit_platt(-z, labels)


def test_scores_that_are_all_the_same_are_refused() -> None:
    """A model without a split has nothing to calibrate."""
    with pytest.raises(NotCalibrated):
        fit_platt(np.zeros(40), np.repeat([0, 1], 20))


@pytest.mark.parametrize(
    ("z", "labels", "weights", "why"),
    [
        (np.arange(20.0), np.ones(20), None, "no negative"),
        (np.arange(20.0), np.full(20, 2), None, "0 or 1"),
        (np.arange(20.0), np.ones(19), None, "differ"),
        (np.full(20, np.nan), np.ones(20), None, "finite"),
        (np.arange(20.0), np.ones(20), np.zeros(20), "weight 0"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(z: Any, labels: Any, weights: Any, why: str) -> None:
    """Each refusal says what is wrong."""
    with pytest.raises(ValueError, match=why):
        fit_platt(z, labels, weights)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weighted": True},
        {"boost_from_average": False},
        {"boosting": "dart"},
        {"rounds": 1},
        {"min_data_in_leaf": 10_000},  # no split at all: one leaf
        {"is_unbalance": True},
        {"zero_as_missing": True},
        {"use_missing": False},
    ],
)
@given(st.floats(0.05, 5.0), st.floats(-8.0, 8.0))
@settings(max_examples=8, deadline=None)
def test_plain_lightgbm_predicts_the_calibrated_probability(
    options: dict[str, Any], slope: float, intercept: float
) -> None:
    """Whatever the model was trained with, missing values too."""
    values, _ = made(200, seed=5)
    platt = Platt(slope, intercept)
    before = lgb.Booster(model_str=raw_text(**options)).predict(values, raw_score=True)
    after = lgb.Booster(model_str=fold(raw_text(**options), platt)).predict(values)
    np.testing.assert_allclose(after, platt.apply(before), rtol=0, atol=1e-12)


def test_folding_leaves_the_booster_as_it_was() -> None:
    """Only the text that comes back is calibrated."""
    booster = lgb.Booster(model_str=raw_text())
    folded = fold(booster, Platt(2.0, 1.0))
    assert booster.model_to_string() == lgb.Booster(model_str=raw_text()).model_to_string()
    assert folded == fold(raw_text(), Platt(2.0, 1.0))


def test_folded_contributions_are_calibrated_too() -> None:
    """Each feature's part is multiplied by the slope; the intercept goes to the expected value."""
    values, _ = made(30)
    before = lgb.Booster(model_str=raw_text()).predict(values, pred_contrib=True)
    after = lgb.Booster(model_str=fold(raw_text(), Platt(2.0, 1.0))).predict(values, pred_contrib=True)
    before = 2.0 * before
    before[:, -1] += 1.0
    np.testing.assert_allclose(after, before, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "why"),
    [({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "averages"), ({"linear_tree": True}, "linear")],
)
def test_trees_that_cannot_carry_a_calibration_are_refused(options: dict[str, Any], why: str) -> None:
    """The sum of the leaves must be the log-odds."""
    with pytest.raises(NotAClassifier, match=why):
        fold(raw_text(**options), Platt(1.0, 0.0))
