"""Tests of the eight rounds with and without random audits."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.exploration import SHARES, Orders, eight_rounds, picked
from training.benchmark.world import world


@given(st.integers(1, 60), st.floats(0.0, 1.0), st.integers(0, 99))
def test_places_go_to_the_highest_scores_and_to_the_draw(places: int, share: float, seed: int) -> None:
    """Nobody twice; the rest of the places in the order of the draw, whatever the score."""
    dice = np.random.default_rng(seed)
    score, turn = dice.random(80), dice.random(80)
    chosen = picked(score, turn, places, share)
    drawn = round(places * share)
    assert len(set(chosen.tolist())) == places
    highest, by_chance = chosen[: places - drawn], chosen[places - drawn :]
    others = np.setdiff1d(np.arange(80), highest)
    assert score[highest].min(initial=1.0) >= score[others].max()
    assert turn[by_chance].max(initial=0.0) <= turn[np.setdiff1d(others, by_chance)].min(initial=1.0)


def test_policies_begin_alike_and_meet_the_same_findings(tmp_path: Path) -> None:
    """The first model is the same; an order's review finds the same under every policy."""
    small = world(tmp_path / "world", "standard", 3, 3_000)
    orders = Orders.of(small, 3)
    with_none, with_some = (eight_rounds(small, orders, share) for share in (SHARES[0], SHARES[-1]))
    assert with_none["average precision"][0] == with_some["average precision"][0]
    assert with_none["places"] == with_some["places"]
    assert orders.reviewed(np.array([5, 7])).equals(Orders.of(small, 3).reviewed(np.array([5, 7])))
    found = orders.outcome[orders.diverted]
    assert 0.3 < (found == "diverted").mean() < 0.65
