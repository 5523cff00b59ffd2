"""Bootstrap intervals over whole groups."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.intervals import Interval, Sample, bootstrap


def mean_of(values: np.ndarray) -> Any:
    """The mean over groups."""
    return lambda multiplicity: {"mean": multiplicity @ values / multiplicity.sum(axis=1)}


@settings(max_examples=30)
@given(values=st.lists(st.floats(-10, 10), min_size=1, max_size=20))
def test_an_interval_holds_its_value(values: list[float]) -> None:
    """Whatever was drawn."""
    sample = bootstrap({"a": mean_of(np.array(values))}, len(values), 1, draws=50)["a"]
    interval = sample.interval("mean")
    assert interval.low <= interval.value <= interval.high


def test_the_interval_of_a_mean_has_the_known_width() -> None:
    """Plus and minus 1.96 standard errors of 400 values."""
    values = np.random.default_rng(3).normal(size=400)
    interval = bootstrap({"a": mean_of(values)}, 400, 1)["a"].interval("mean")
    error = values.std() / 20
    assert (interval.high - interval.low) / (2 * 1.96 * error) == pytest.approx(1.0, abs=0.08)


def test_differences_are_paired() -> None:
    """Candidates that differ by a constant differ by it in each draw."""
    values = np.random.default_rng(3).normal(size=50)
    drawn = bootstrap({"a": mean_of(values + 1), "b": mean_of(values)}, 50, 1, draws=200)
    gain = drawn["a"].minus(drawn["b"], "mean")
    assert (gain.low, gain.value, gain.high) == pytest.approx((1, 1, 1))


def test_batches_draw_as_one() -> None:
    """How many draws fit into memory changes nothing."""
    values = np.arange(10.0)
    wide = bootstrap({"a": mean_of(values)}, 10, 1_000_000, draws=20)["a"]
    narrow = bootstrap({"a": mean_of(values)}, 10, 1, draws=20)["a"]
    assert wide.drawn["mean"].tolist() == narrow.drawn["mean"].tolist()


def test_what_cannot_be_judged_says_so() -> None:
    """Not zero, not perfect."""
    nothing = Sample({"auc": float("nan")}, {"auc": np.full(9, np.nan)})
    assert str(nothing.interval("auc")) == "not estimable"
    assert str(Interval(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"
