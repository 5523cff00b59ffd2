"""The threshold holds for the trees that serve."""

from dataclasses import replace

from tests.training.made import chosen
from training.building import Capacity
from training.fit import fit
from training.threshold import on_level

POLICY = Capacity(0.1).policy


def test_folds_on_the_level_of_the_trees_that_serve_set_the_threshold() -> None:
    """Nothing is changed."""
    made = chosen(1_000)
    fitted = fit(made, threads=1)
    assert on_level(made, fitted, POLICY) is fitted


def test_a_threshold_that_would_swamp_the_reviewers_is_set_anew() -> None:
    """Folds that score far below the trees that serve would let every order wait."""
    made = chosen(1_000)
    fitted = fit(made, threads=1)
    low = replace(fitted, later=replace(fitted.later, log_odds=fitted.later.log_odds - 8.0))
    mended = on_level(made, low, POLICY)
    assert not mended.later.unseen
    assert "of the past orders would wait" in mended.warnings[-1]
    assert on_level(made, mended, POLICY) is mended
