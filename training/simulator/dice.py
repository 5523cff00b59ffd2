"""Whole-number randomness that gives the same draw on every processor."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar
from zlib import crc32

from numpy.random import PCG64, Generator, SeedSequence

T = TypeVar("T")

_BITS = 53
_BLOCK = 256

# Mid-quantiles in thousandths, computed once and written out: log and exp differ between processors.
_WIDE = (225, 348, 446, 537, 629, 725, 827, 939, 1065, 1209, 1380, 1589, 1861, 2243, 2870, 4438)
_NARROW = (475, 590, 668, 733, 793, 851, 909, 969, 1032, 1100, 1175, 1261, 1364, 1498, 1694, 2107)
_WAITING = (
    *(16, 48, 81, 116, 152, 189, 227, 267, 309, 352, 398, 445, 495, 548, 604, 662),
    *(725, 792, 863, 940, 1023, 1114, 1214, 1326, 1451, 1594, 1761, 1962, 2213, 2549, 3060, 4159),
)


class Odds(Generic[T]):
    """A table of choices with whole-number weights.

    >>> Odds({"yes": 3, "no": 1}).total
    4
    """

    def __init__(self, weights: dict[T, int]) -> None:
        self.choices = tuple(weights)
        self.bounds = tuple(accumulate(weights.values()))
        self.total = self.bounds[-1]

    def at(self, point: int) -> T:
        """The choice that holds `point`, a whole number in 0..total-1."""
        return self.choices[bisect_right(self.bounds, point)]


class Dice:
    """One named stream of draws; another name or another seed gives another stream.

    Streams are named so that a change in one part of the world leaves the draws of the others as they were.

    >>> Dice(1, "demand").below(6) == Dice(1, "demand").below(6)
    True
    """

    def __init__(self, seed: int, stream: str) -> None:
        self._generator = Generator(PCG64(SeedSequence([seed, crc32(stream.encode())])))
        self._block: list[int] = []

    def below(self, bound: int) -> int:
        """A whole number in 0..bound-1."""
        if not self._block:
            self._block = self._generator.integers(0, 1 << _BITS, size=_BLOCK).tolist()
        return (self._block.pop() * bound) >> _BITS

    def between(self, low: int, high: int) -> int:
        """A whole number in low..high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, per_mille: int) -> bool:
        """True in `per_mille` of 1,000 draws."""
        return self.below(1000) < per_mille

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all alike."""
        return choices[self.below(len(choices))]

    def weighted(self, odds: Odds[T]) -> T:
        """One of the choices, by weight."""
        return odds.at(self.below(odds.total))

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different choices in drawn order; all of them where there are fewer."""
        pool = list(choices)
        for i in range(min(count, len(pool))):
            j = self.between(i, len(pool) - 1)
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:count]

    def wide(self, median: int) -> int:
        """A log-normal-like whole number around `median`, sigma 0.8, without far tails."""
        return self._quantile(_WIDE) * median // 1000

    def narrow(self, median: int) -> int:
        """A log-normal-like whole number around `median`, sigma 0.4, without far tails."""
        return self._quantile(_NARROW) * median // 1000

    def delay(self, median: int) -> int:
        """A gamma-like whole number (shape 2) around `median`: two waiting times in a row."""
        # The median of a gamma of shape 2 is 1.678 times its scale.
        return (self._quantile(_WAITING) + self._quantile(_WAITING)) * median // 1678

    def _quantile(self, table: tuple[int, ...]) -> int:
        point = self.below((len(table) - 1) * 1000)
        low, part = divmod(point, 1000)
        return table[low] + (table[low + 1] - table[low]) * part // 1000
