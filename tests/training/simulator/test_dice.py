"""Draws are whole numbers, repeatable, and independent of each other's streams."""

from statistics import median

from training.simulator.dice import Dice, Odds


def test_streams_of_another_name_differ() -> None:
    """A change in one part of the world leaves the others alone."""
    first, second = Dice(1, "demand"), Dice(1, "checks")
    assert [first.below(1000) for _ in range(9)] != [second.below(1000) for _ in range(9)]


def test_delays_have_the_median_that_was_asked_for() -> None:
    """Gamma-like: long to the right."""
    dice = Dice(1, "delays")
    delays = [dice.delay(90) for _ in range(4000)]
    assert 84 <= median(delays) <= 96
    assert sum(delays) / len(delays) > median(delays)


def test_odds_follow_their_weights() -> None:
    """Three to one."""
    dice, odds = Dice(1, "odds"), Odds({"yes": 3, "no": 1})
    draws = [dice.weighted(odds) for _ in range(4000)]
    assert 0.72 <= draws.count("yes") / 4000 <= 0.78


def test_a_sample_holds_nobody_twice() -> None:
    """All of them where there are fewer than asked for."""
    dice = Dice(1, "sample")
    assert len(set(dice.sample(range(50), 20))) == 20
    assert sorted(dice.sample(range(5), 20)) == [0, 1, 2, 3, 4]
