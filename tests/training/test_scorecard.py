"""The scorecard, and its mean with trees as one LightGBM text."""

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.classifier import Classifier
from training import scorecard
from training.blend import blend
from training.scorecard import Scorecard, fit_scorecard

Floats = NDArray[np.float64]
COLUMNS = 6


def lines(seed: int, many: int = 900) -> Floats:
    """Six features: plain, with gaps, with ties, of three values, of one value, and never there."""
    dice = np.random.default_rng(seed)
    values = dice.normal(size=(many, COLUMNS))
    values[dice.random(many) < 0.2, 1] = np.nan
    values[:, 2] = np.round(values[:, 2])
    values[:, 3] = dice.integers(0, 3, many)
    values[:, 4], values[:, 5] = 1.0, np.nan
    return values


def outcome(values: Floats, seed: int) -> Floats:
    """Rises with the first and second feature, falls with the third; a gap in the second is a sign of its own."""
    dice = np.random.default_rng(seed)
    score = values[:, 0] + np.nan_to_num(values[:, 1], nan=2.0) - values[:, 2] + dice.normal(size=len(values))
    return (score > 1.0).astype(np.float64)


def card(seed: int = 1, signs: tuple[int, ...] = (0,) * COLUMNS) -> Scorecard:
    """A scorecard of some lines."""
    values = lines(seed)
    return fit_scorecard(values, outcome(values, seed), np.ones(len(values)), list(signs))


def booster(seed: int = 1) -> lgb.Booster:
    """A few trees of the same lines."""
    values = lines(seed)
    settings_ = {"objective": "binary", "num_leaves": 5, "verbosity": -1, "num_threads": 1}
    return lgb.train(settings_, lgb.Dataset(values, outcome(values, seed), feature_name=list("abcdef")), 12)


def test_it_learns_what_the_lines_tell() -> None:
    """Points rise where the risk does, a missing value has its own, and what never varies has none."""
    learned = card()
    for column, way in ((0, 1), (1, 1), (2, -1)):
        assert (way * np.diff(learned.points[column]) > 0).all()
    assert learned.missing[1] > learned.points[1].mean()
    assert not learned.points[4].any()
    assert not learned.points[5].any()
    assert learned.missing[5] == 0.0


def test_points_keep_to_the_sign_of_their_feature() -> None:
    """Where the lines tell the opposite, the feature tells nothing."""
    learned = card(signs=(-1, 1, 0, 0, 0, 0))
    assert not learned.points[0].any()
    assert (np.diff(learned.points[1]) > 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_the_mean_is_that_of_both_whatever_is_missing(seed: int, share: float) -> None:
    """One text, read by LightGBM and by our own tables, on values beyond all that was seen."""
    values = lines(seed, 60) * 3.0
    values[np.random.default_rng(seed).random(values.shape) < 0.2] = np.nan
    learned, trees = card(), booster()
    both = blend(trees, learned, share)
    expected = share * learned.log_odds(values) + (1.0 - share) * trees.predict(values, raw_score=True)
    np.testing.assert_allclose(both.predict(values, raw_score=True), expected, atol=1e-12)
    read = Classifier(both.model_to_string())
    np.testing.assert_allclose(read.log_odds(values), expected, atol=1e-12)
    np.testing.assert_allclose(read.contributions(values), both.predict(values, pred_contrib=True), atol=1e-12)


def test_a_share_of_nothing_leaves_the_trees_alone() -> None:
    """And one of all leaves only the scorecard."""
    trees, learned = booster(), card()
    assert blend(trees, learned, 0.0).num_trees() == trees.num_trees()
    assert blend(trees, learned, 1.0).num_trees() == len(learned.trees())


def test_equal_lines_give_equal_points_and_the_text_survives_reading() -> None:
    """A model's fingerprint hangs on its text."""
    first, again = (blend(booster(), card(), 0.5).model_to_string() for _ in range(2))
    assert first == again
    assert lgb.Booster(model_str=first).model_to_string() == first


def test_lines_beyond_the_most_are_drawn_and_the_outcomes_weigh_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly other points, and the same share of diverted lines behind the intercept."""
    values = lines(3, 6_000)
    target, weight = outcome(values, 3), np.random.default_rng(3).uniform(0.1, 1.0, 6_000)
    whole = fit_scorecard(values, target, weight, [0] * COLUMNS)
    monkeypatch.setattr(scorecard, "MOST_LINES", 1_500)
    drawn = fit_scorecard(values, target, weight, [0] * COLUMNS)
    for column in range(3):
        np.testing.assert_allclose(drawn.points[column].max(), whole.points[column].max(), rtol=0.2)
    assert sum(count.sum() for count in drawn.counts[:1]) == 3_000
    assert drawn.intercept == pytest.approx(whole.intercept, abs=0.3)
