"""How much memory the history of each view will need, and so which views are computed together.

Views know nothing of each other, nor do the entities of one view. What does not fit at once is therefore computed one
after the other: some of the views, or some of the entities of one. The estimate follows the arrays of
`features.windows.state`; what it cannot know before, it takes from the lines themselves: how many stand within the
horizon at most, and how many entities and different codes there are (by the k least hashes: Bar-Yossef et al. 2002).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.facts.encode import Ints
from features.hashes import Hashes, mixed
from features.hashes import parts as parts_of
from features.windows.columns import NULL
from features.windows.feature_set import FeatureSet
from features.windows.plan import CHANNELS_FROM, CHANNELS_TO, KEY_WIDTH, STRIDE, WORDS_OF, Plan, compile_plan
from features.windows.steps import Steps

_KEPT = 1024
"""Least hashes kept: the count is then right within 3 % (one standard error)."""
MOST_PARTS = 64
_LOG_SLACK = 2.3
"""Words of logs for each word held, measured: logs have room for a power of two, and leave places that they outgrew."""


@dataclass(frozen=True)
class Pass:
    """Views that are computed together, of the entities whose hash leaves `part` when divided by `parts`."""

    views: tuple[int, ...]
    part: int = 0
    parts: int = 1


class Distinct:
    """About how many different hashes were seen."""

    def __init__(self, least: Hashes | None = None) -> None:
        self.least = np.empty(0, np.uint64) if least is None else least

    def see(self, hashes: Hashes) -> None:
        """Take in some hashes."""
        if self.least.size == _KEPT:
            hashes = hashes[hashes < self.least[-1]]
        if hashes.size:
            self.least = np.unique(np.concatenate([self.least, hashes]))[:_KEPT]

    def count(self) -> float:
        """The estimate, exact below `_KEPT`."""
        if self.least.size < _KEPT:
            return float(self.least.size)
        return (_KEPT - 1) * 2.0**64 / float(self.least[-1])


class Needs:
    """Follows the lines as they are encoded."""

    def __init__(self, features: FeatureSet) -> None:
        self.plan = compile_plan(FeatureSet((), features.views, features.attributes))
        self.lines = self.orders = 0
        self._spans: list[tuple[int, int, int]] = []
        self._parts = np.zeros((len(features.views), MOST_PARTS), np.int64)
        self._keys = [Distinct() for _ in features.views]
        self._codes = [Distinct() for _ in self.plan.channel]

    def see(self, rows: Ints, appends: Steps) -> None:
        """Take in the next lines in the order of time."""
        self.lines += len(rows)
        self.orders += 1 + int(np.count_nonzero(np.diff(appends.position)))
        self._spans.append((int(appends.t[0]), int(appends.t[-1]), len(rows)))
        for view, row in enumerate(self.plan.views):
            hashes, known = hashed(rows, row[:KEY_WIDTH])
            self._keys[view].see(hashes[known])
            self._parts[view] += np.bincount(parts_of(hashes[known], MOST_PARTS), minlength=MOST_PARTS)
            for channel in range(row[CHANNELS_FROM], row[CHANNELS_TO]):
                codes = rows[:, self.plan.channel[channel, 0]]
                self._codes[channel].see(mixed(hashes, codes)[known & (codes != NULL)])

    def live(self) -> int:
        """Lines within the horizon at once, at most (counting whole chunks)."""
        most = held = first = 0
        for _, last, lines in self._spans:
            held += lines
            while self._spans[first][1] < last - self.plan.horizon:
                held -= self._spans[first][2]
                first += 1
            most = max(most, held)
        return most

    def bytes_of(self, views: tuple[int, ...], parts: int = 1) -> int:
        """Bytes of a state with these views, for the largest of so many parts of the entities."""
        share = max(self._share(view, parts) for view in views) if parts > 1 else 1.0
        live = self.live() * share
        held = {
            "ring": _power(live) * (64 + 4 * len(views)),
            "orders": _power(2 * live * min(1.0, self.orders / max(1, self.lines)) + 2) * 16,
            "arena": 8 * _arena(sum(self._words(view, live, parts) for view in views)),
            "codes": _power(2 * sum(self._pairs(view, live, parts) for view in views)) * 32,
            "entities": _power(2 * sum(self._keys[view].count() / parts for view in views)) * 8,
        }
        return int(sum(held.values()) + max(held[name] for name in ("ring", "codes")) / 2)  # old and new while it grows

    def passes(self, budget: int) -> Iterator[Pass]:
        """Which views to compute together so that each pass stays within so many bytes, as far as that can be.

        A view that does not fit alone is split by entity, into at most `MOST_PARTS`; one entity cannot be split.
        """
        groups: list[tuple[int, ...]] = []
        for view in sorted(range(len(self.plan.views)), key=lambda view: -self.bytes_of((view,))):
            parts = 1
            while parts < MOST_PARTS and self.bytes_of((view,), parts) > budget:
                parts *= 2
            if parts > 1:
                yield from (Pass((view,), part, parts) for part in range(parts))
                continue
            fits = (n for n, group in enumerate(groups) if self.bytes_of((*group, view)) <= budget)
            place = next(fits, None)
            if place is None:
                groups.append((view,))
            else:
                groups[place] = (*groups[place], view)
        yield from (Pass(tuple(sorted(group))) for group in groups)

    def _share(self, view: int, parts: int) -> float:
        lines = self._parts[view].reshape(-1, parts).sum(axis=0)
        return float(lines.max()) / max(1, self.lines)

    def _words(self, view: int, live: float, parts: int) -> float:
        row = self.plan.views[view]
        return float(_LOG_SLACK * live * row[STRIDE] + self._keys[view].count() / parts * row[WORDS_OF])

    def _pairs(self, view: int, live: float, parts: int) -> float:
        row = self.plan.views[view]
        channels = range(row[CHANNELS_FROM], row[CHANNELS_TO])
        return 64.0 + sum(min(live, self._codes[channel].count() / parts) for channel in channels)


def part_of(rows: Ints, plan: Plan, one: Pass) -> NDArray[np.bool_]:
    """Which rows a pass over one view's part computes, of shape (n_lines,); those without an entity are in none."""
    hashes, known = hashed(rows, plan.views[0][:KEY_WIDTH])
    mine: NDArray[np.bool_] = known & (parts_of(hashes, one.parts) == one.part)
    return mine


def hashed(rows: Ints, key: Ints) -> tuple[Hashes, NDArray[np.bool_]]:
    """Hashes of the keys of rows, and where no column of the key is missing."""
    hashes, known = np.zeros(len(rows), np.uint64), np.ones(len(rows), bool)
    for column in key[key >= 0]:
        hashes = mixed(hashes, rows[:, column])
        known &= rows[:, column] != NULL
    return hashes, known


def _power(number: float) -> int:
    return 1 << max(10, int(np.ceil(np.log2(max(1.0, number)))))


def _arena(words: float) -> float:
    """Words of an arena that holds so many: it doubles while it is small, then grows by a quarter."""
    return _power(words) if words < 1 << 24 else 1.25 * words
