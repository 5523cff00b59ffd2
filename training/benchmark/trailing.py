"""Sums and counts over what came strictly before, by entity and window: the arithmetic of the frozen features."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY_S = 86_400
_SHIFT = 33  # seconds of two centuries


class Trailing:
    """The history of entities: rows (n_rows,) with an entity code from 0 and a time in seconds.

    >>> history = Trailing(np.array([0, 0, 1, 0]), np.array([10, 20, 20, 20]))
    >>> history.count(None).tolist()
    [0.0, 1.0, 0.0, 1.0]
    """

    def __init__(self, entity: Ints, seconds: Ints) -> None:
        self._base = entity.astype(np.int64) << _SHIFT
        self._key = self._base + seconds
        self._order = np.argsort(self._key, kind="stable")
        self._sorted = self._key[self._order]

    def count(self, days: int | None) -> Floats:
        """How many rows of the entity lie within the window of `days` days (None: all) strictly before each row."""
        low, high = self._bounds(days)
        count: Floats = (high - low).astype(np.float64)
        return count

    def total(self, value: Floats, days: int | None) -> Floats:
        """The sum of `value` (n_rows,) over those rows."""
        sums = np.concatenate([[0.0], np.cumsum(value[self._order])])
        low, high = self._bounds(days)
        total: Floats = sums[high] - sums[low]
        return total

    def mean(self, value: Floats, days: int | None) -> Floats:
        """Their mean, NaN where there are none; rows whose value is NaN are left out."""
        known = ~np.isnan(value)
        total = self.total(np.where(known, value, 0.0), days)
        count = self.total(known.astype(np.float64), days)
        mean: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
        return mean

    def since_last(self) -> Floats:
        """Days since the row before, NaN at an entity's first."""
        high = np.searchsorted(self._sorted, self._key)
        first = np.searchsorted(self._sorted, self._base)
        before = self._sorted[np.maximum(high - 1, 0)]
        days: Floats = np.where(high > first, (self._key - before) / DAY_S, np.nan)
        return days

    def _bounds(self, days: int | None) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        high = np.searchsorted(self._sorted, self._key)
        start = self._base if days is None else np.maximum(self._base, self._key - days * DAY_S)
        return np.searchsorted(self._sorted, start), high


def counted_before(entity: Ints, seconds: Ints, of: Ints, known: Ints) -> Floats:
    """For each row, how many events `of` its entity were known strictly before it; events are (n_events,)."""
    events = np.sort((of.astype(np.int64) << _SHIFT) + known)
    base = entity.astype(np.int64) << _SHIFT
    return (np.searchsorted(events, base + seconds) - np.searchsorted(events, base)).astype(np.float64)
