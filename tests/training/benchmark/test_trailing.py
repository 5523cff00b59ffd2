"""What came strictly before, against the definition written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.benchmark.trailing import DAY_S, Trailing, counted_before

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 9)), min_size=1, max_size=30)


@pytest.mark.parametrize("days", [3, None])
@given(rows=ROWS)
def test_counts_and_sums_see_only_what_came_strictly_before(rows: list[tuple[int, int, int]], days: int | None) -> None:
    """A window of W days is [t - W, t)."""
    entity, day, value = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    history = Trailing(entity, day * DAY_S)
    first = [-1 if days is None else t - days for t in day]
    seen = [(entity == e) & (day < t) & (day >= low) for e, t, low in zip(entity, day, first, strict=True)]
    assert history.count(days).tolist() == [int(each.sum()) for each in seen]
    assert history.total(value.astype(float), days).tolist() == [int(value[each].sum()) for each in seen]


def test_a_mean_of_nothing_is_missing() -> None:
    """As is the time since what never was; a missing value is left out."""
    history = Trailing(np.array([0, 0, 0]), np.array([1, 2, 3]) * DAY_S)
    assert np.isnan(history.since_last()[0])
    assert history.since_last()[1:].tolist() == [1.0, 1.0]
    mean = history.mean(np.array([2.0, np.nan, 5.0]), None)
    assert np.isnan(mean[0])
    assert mean[1:].tolist() == [2.0, 2.0]


def test_an_event_known_at_the_very_moment_is_not_seen() -> None:
    """Strictly before, as everywhere."""
    rows, times = np.array([0, 0, 1]), np.array([5, 6, 9])
    assert counted_before(rows, times, np.array([0]), np.array([5])).tolist() == [0.0, 1.0, 0.0]
