"""Whether intervals hold what they promise, on simulated findings of resellers that differ."""

import numpy as np
from numpy.typing import NDArray

from models.calibration import Platt, fit_platt
from training.spread import FEWEST_GROUPS, spread

Floats = NDArray[np.float64]

SLOPE, BASE, APART = 1.1, -1.5, 0.7
"""Of the true chance in log-odds; resellers lie `APART` from each other (a standard deviation)."""

SCORES = (-2.0, -0.5, 1.0, 2.5)
WORLDS = 100


def world(seed: int, resellers: int = 40, lines: int = 8) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Scores, labels and whose they are."""
    dice = np.random.default_rng(seed)
    whose = np.repeat(np.arange(resellers), lines)
    scores = dice.normal(0.0, 1.5, len(whose))
    chance = sigmoid(SLOPE * scores + BASE + dice.normal(0.0, APART, resellers)[whose])
    return scores, (dice.random(len(scores)) < chance).astype(np.int64), whose


def sigmoid(z: Floats) -> Floats:
    """Log-odds as chances."""
    return 1.0 / (1.0 + np.exp(-z))


def truth(score: float) -> float:
    """The rate of findings at a score over all resellers, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    return float(weights @ sigmoid(SLOPE * score + BASE + APART * nodes) / np.sqrt(2 * np.pi))


def test_intervals_cover_the_true_rate_about_as_often_as_they_say() -> None:
    """Over a hundred worlds and scores low and high; half as wide they would not."""
    rates = [truth(score) for score in SCORES]
    covered, half = [], []
    for seed in range(WORLDS):
        scores, labels, whose = world(seed)
        platt = fit_platt(scores, labels)
        table = spread(scores, labels, whose, platt, seed=seed)
        assert table is not None
        for score, rate in zip(SCORES, rates, strict=True):
            told = float(platt.apply(np.array([score]))[0])
            interval = table.interval(told)
            covered.append(interval.low <= rate <= interval.high)
            half.append((interval.low + told) / 2 <= rate <= (interval.high + told) / 2)
    assert 0.83 <= np.mean(covered) <= 0.97, np.mean(covered)
    assert np.mean(half) < 0.75


def test_lines_of_one_reseller_count_as_one_voice() -> None:
    """The same lines, said to be of a reseller each, would tell an interval that is too narrow."""
    widths: dict[bool, float] = {True: 0.0, False: 0.0}
    for seed in range(5):
        scores, labels, whose = world(seed, resellers=30, lines=20)
        platt = fit_platt(scores, labels)
        for together in widths:
            table = spread(scores, labels, whose if together else np.arange(len(whose)), platt)
            assert table is not None
            interval = table.interval(0.2)
            widths[together] += interval.high - interval.low
    assert widths[True] > 1.1 * widths[False]


def test_more_findings_tell_a_narrower_interval() -> None:
    """And the same findings and seed the same one."""
    widths = []
    for resellers in (20, 320):
        scores, labels, whose = world(3, resellers=resellers)
        table = spread(scores, labels, whose, fit_platt(scores, labels))
        assert table == spread(scores, labels, whose, fit_platt(scores, labels))
        assert table is not None
        interval = table.interval(0.2)
        widths.append(interval.high - interval.low)
    assert widths[1] < 0.5 * widths[0]


def test_few_resellers_tell_no_interval() -> None:
    """A draw of few says nothing of all."""
    scores, labels, whose = world(1, resellers=FEWEST_GROUPS, lines=30)
    assert spread(scores, labels, whose, Platt(1.0, 0.0)) is not None
    scores, labels, whose = world(1, resellers=FEWEST_GROUPS - 1, lines=30)
    assert spread(scores, labels, whose, Platt(1.0, 0.0)) is None
