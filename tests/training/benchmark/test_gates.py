"""The gates: one standard world within the wider bounds, and gates that can close."""

import numpy as np
import pytest

from training.benchmark import gates
from training.benchmark.rules import bins, pair_precision
from training.simulator.typologies import TYPOLOGIES


@pytest.mark.timeout(900)
def test_one_standard_world_passes_the_wider_gates() -> None:
    """`make gates` measures ten and holds their means to narrower bounds."""
    measured = gates.of_seed(1)
    assert not gates.closed([measured]), gates.table([measured])
    assert {f"{typology.code}_oracle" for typology in TYPOLOGIES} <= set(measured)


def test_a_world_that_is_too_easy_closes_the_gate() -> None:
    """Of one world, and of a mean."""
    hard = {gate.measure: (gate.low + min(gate.high, 1e4)) / 2 for gate in gates.GATES}
    assert not gates.closed([hard])
    easy = {**hard, "oracle_ap": 0.95, "region_ap": 0.5}
    assert [gate.measure for gate in gates.closed([easy])] == ["oracle_ap", "region_ap"]
    assert [gate.measure for gate in gates.closed([hard, easy])] == ["region_ap"]


def test_a_planted_pair_is_found() -> None:
    """Product x declared use, both harmless alone: the pair gives everything away."""
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 6, 4_000), rng.integers(0, 6, 4_000)
    diverted = ((first == 2) & (second == 3)).astype(np.float64)
    teach, judge = diverted[:2_000], diverted[2_000:]
    assert pair_precision(first, second, teach, judge) == pytest.approx(1.0)
    assert pair_precision(first, np.zeros_like(second), teach, judge) < 0.3


def test_bins_are_about_equally_full_and_keep_missing_apart() -> None:
    """Missing is a bin of its own."""
    column = np.append(np.arange(800.0), np.nan)
    counts = np.bincount(bins(column))
    assert counts[0] == 1
    assert counts[1:].tolist() == [100] * 8
