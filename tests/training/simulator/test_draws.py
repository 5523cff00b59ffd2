"""Draws are whole numbers, repeatable, and independent of each other's rows and streams."""

import numpy as np

from training.simulator.draws import Draws, Odds, sample


def test_a_row_draws_the_same_alone_as_among_others() -> None:
    """So a week can be made without the weeks before it."""
    together, alone = Draws(1, "demand").of(np.arange(50)), Draws(1, "demand").of(np.array([17]))
    assert [together.below(1000)[17], together.chance(300)[17]] == [alone.below(1000)[0], alone.chance(300)[0]]


def test_streams_and_seeds_differ() -> None:
    """A change in one part of the world leaves the others alone."""
    draws = [Draws(*key).upto(200).below(1000).tolist() for key in ((1, "demand"), (1, "checks"), (2, "demand"))]
    assert len({tuple(each) for each in draws}) == 3


def test_a_branch_leaves_the_others_draws_as_they_were() -> None:
    """Drawing for some rows does not move the stream of all."""
    plain, branched = Draws(1, "x").upto(9), Draws(1, "x").upto(9)
    branched[np.array([True] * 4 + [False] * 5)].below(10)
    assert plain.below(1000).tolist() == branched.below(1000).tolist()


def test_delays_have_the_median_that_was_asked_for() -> None:
    """Gamma-like: long to the right."""
    delays = Draws(1, "delays").upto(20_000).delay(90)
    assert 86 <= np.median(delays) <= 94
    assert delays.mean() > np.median(delays)


def test_odds_follow_the_weights_of_the_row() -> None:
    """Three to one in the first row, one to three in the second."""
    rolls = Draws(1, "odds").upto(20_000)
    row = np.arange(20_000) % 2
    first = rolls.choose(Odds([[3, 1], [1, 3]]), row) == 0
    assert 0.73 <= first[row == 0].mean() <= 0.77
    assert 0.23 <= first[row == 1].mean() <= 0.27


def test_draws_are_spread_evenly() -> None:
    """Each of ten values in a tenth of the rows, also for rows that are neighbours."""
    counts = np.bincount(Draws(5, "even").upto(100_000).below(10))
    assert counts.min() > 9_600
    assert counts.max() < 10_400


def test_a_sample_holds_nobody_twice() -> None:
    """All of them where there are fewer than asked for."""
    rolls = Draws(1, "sample").upto(50)
    assert len(set(sample(rolls, 20).tolist())) == 20
    assert sorted(sample(Draws(1, "few").upto(5), 20).tolist()) == [0, 1, 2, 3, 4]
