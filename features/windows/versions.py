"""Facts that change over time: for each code, what was known strictly before a moment."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from features.windows.columns import NULL
from features.windows.compiled import compiled

Ints = NDArray[np.int64]
Facts = Sequence[int]
Version = tuple[int, int, tuple[tuple[int, Facts], ...]]
"""Code, known_at, and (since, facts) in the order of time."""


class Versions:
    """Rows of integers by (code, known_at), looked up as of a time.

    A later version replaces an earlier one, with all that this one foresaw. Of two versions known at one instant, the
    one that was added last holds.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._nothing = (NULL,) * width
        self._versions: list[Version] = []
        self._of_code: dict[int, list[Version]] = {}
        self._one: dict[int, tuple[list[int], list[Facts]]] = {}
        self._tables: tuple[Ints, Ints, Ints] | None = None

    def add(self, code: int, known_at: int, facts: Facts, foreseen: Iterable[tuple[int, Facts]] = ()) -> None:
        """Add what is known of a code from `known_at` on, and as (since, facts) what it will be later."""
        version = (code, known_at, ((known_at, facts), *foreseen))
        self._versions.append(version)
        self._of_code.setdefault(code, []).append(version)
        self._one.pop(code, None)
        self._tables = None

    def as_of(self, codes: Ints, t: Ints) -> Ints:
        """Facts of each code since before t, strictly, of shape (n, width); `NULL` where there are none."""
        out = np.full((codes.size, self._width), NULL, np.int64)
        if self._versions:
            _look_up(*self._sorted(), codes, t, out)
        return out

    def at(self, code: int, t: int) -> Facts:
        """`as_of` of one code and time."""
        if code not in self._of_code:
            return self._nothing
        known = self._one.get(code)
        if known is None:
            rows = list(_standing(sorted(self._of_code[code], key=lambda version: version[1])))
            known = self._one[code] = [since for _, since, _ in rows], [facts for _, _, facts in rows]
        index = bisect_left(known[0], t)
        return known[1][index - 1] if index else self._nothing

    def _sorted(self) -> tuple[Ints, Ints, Ints]:
        if self._tables is None:
            rows = list(_standing(sorted(self._versions, key=lambda version: version[:2])))
            codes = np.array([code for code, _, _ in rows], np.int64)
            starts = np.searchsorted(codes, np.arange(codes[-1] + 2))
            since = np.array([moment for _, moment, _ in rows], np.int64)
            facts = np.array([facts for _, _, facts in rows], np.int64).reshape(len(rows), self._width)
            self._tables = starts, since, facts
        return self._tables


def _standing(versions: Sequence[Version]) -> Iterator[tuple[int, int, Facts]]:
    """Code, since and facts of each row that comes to hold before the next version of its code is known."""
    following = [*versions[1:], None]
    for (code, _, dated), after in zip(versions, following, strict=True):
        for since, facts in dated:
            if after is None or after[0] != code or since < after[1]:
                yield code, since, facts


@compiled
def _look_up(starts, since, facts, codes, t, out):  # type: ignore[no-untyped-def]
    for index in range(codes.size):
        code = codes[index]
        if code < 0 or code >= starts.size - 1:
            continue
        low, high = starts[code], starts[code + 1]
        while low < high:
            middle = (low + high) // 2
            if since[middle] < t[index]:
                low = middle + 1
            else:
                high = middle
        if low > starts[code]:
            for column in range(out.shape[1]):
                out[index, column] = facts[low - 1, column]
