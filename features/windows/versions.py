"""Facts that change over time: for each code, what was known strictly before a moment."""

from collections.abc import Iterable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.windows.columns import NULL

Ints = NDArray[np.int64]


class Versions:
    """Rows of integers by (code, known_at), looked up as of a time.

    Of two versions known at one instant, the one that was added last holds.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: list[tuple[int, int, tuple[int, ...]]] = []
        self._tables: tuple[Ints, Ints, Ints] | None = None

    def add(self, code: int, known_at: int, facts: Iterable[int]) -> None:
        """Add what is known of a code from `known_at` on."""
        self._rows.append((code, known_at, tuple(facts)))
        self._tables = None

    def as_of(self, codes: Ints, t: Ints) -> Ints:
        """Facts of each code with ``known_at < t``, of shape (n, width); `NULL` where there are none."""
        out = np.full((codes.size, self._width), NULL, np.int64)
        if self._rows:
            _look_up(*self._sorted(), codes, t, out)
        return out

    def _sorted(self) -> tuple[Ints, Ints, Ints]:
        if self._tables is None:
            rows = sorted(self._rows, key=lambda row: row[:2])
            codes = np.array([code for code, _, _ in rows], np.int64)
            starts = np.searchsorted(codes, np.arange(codes[-1] + 2))
            known_at = np.array([moment for _, moment, _ in rows], np.int64)
            facts = np.array([facts for _, _, facts in rows], np.int64).reshape(len(rows), self._width)
            self._tables = starts, known_at, facts
        return self._tables


@njit(cache=True)
def _look_up(starts, known_at, facts, codes, t, out):  # type: ignore[no-untyped-def]
    for index in range(codes.size):
        code = codes[index]
        if code < 0 or code >= starts.size - 1:
            continue
        low, high = starts[code], starts[code + 1]
        while low < high:
            middle = (low + high) // 2
            if known_at[middle] < t[index]:
                low = middle + 1
            else:
                high = middle
        if low > starts[code]:
            out[index] = facts[low - 1]
