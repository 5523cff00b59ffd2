"""Random numbers by counting: a draw is a hash of seed, stream, row and turn, so any row can be made alone.

The hash is SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), in whole numbers
only: numpy's `log` and `exp` differ between processors, its integers do not.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BRANCH = 0xD1B54A32D192ED03
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)

# Mid-quantiles in thousandths, computed once and written out.
_WIDE = np.array([225, 348, 446, 537, 629, 725, 827, 939, 1065, 1209, 1380, 1589, 1861, 2243, 2870, 4438])
_NARROW = np.array([475, 590, 668, 733, 793, 851, 909, 969, 1032, 1100, 1175, 1261, 1364, 1498, 1694, 2107])
_WAITING = np.array(
    [
        *(16, 48, 81, 116, 152, 189, 227, 267, 309, 352, 398, 445, 495, 548, 604, 662),
        *(725, 792, 863, 940, 1023, 1114, 1214, 1326, 1451, 1594, 1761, 1962, 2213, 2549, 3060, 4159),
    ]
)


def mix(keys: Keys) -> Keys:
    """The finaliser of SplitMix64: 64 bits in, 64 well-mixed bits out."""
    spare = keys >> _30
    mixed = keys ^ spare
    mixed *= _FIRST
    mixed ^= np.right_shift(mixed, _27, out=spare)
    mixed *= _SECOND
    mixed ^= np.right_shift(mixed, _31, out=spare)
    return mixed


class Odds:
    """A table of weighted choices, or several of them, one a row; weights are whole numbers.

    >>> Odds([3, 1]).bounds.tolist()
    [3221225472, 4294967296]
    """

    def __init__(self, weights: "list[int] | list[list[int]] | Ints") -> None:
        table = np.atleast_2d(np.asarray(weights, np.int64))
        sums = np.cumsum(table, axis=1)
        self.choices = table.shape[1]
        scaled = (sums << 32) // sums[:, -1:]
        self.bounds: Ints = (scaled + (np.arange(len(table), dtype=np.int64)[:, None] << 32)).ravel()

    def at(self, point: Ints, row: "Ints | int" = 0) -> Ints:
        """The choices (n,) that hold the points (n,), whole numbers below 2^32, of these rows."""
        rows = np.asarray(row, np.int64)
        chosen: Ints = np.searchsorted(self.bounds, point + (rows << 32), side="right") - rows * self.choices
        return chosen


class Rolls:
    """Draws for many rows at once: each call gives every row its next number.

    >>> Rolls(np.arange(3, dtype=np.uint64)).below(6).shape
    (3,)
    """

    def __init__(self, state: Keys) -> None:
        self._state = state
        self._branches = 0

    def __len__(self) -> int:
        return len(self._state)

    def __getitem__(self, rows: "Bools | NDArray[np.intp]") -> "Rolls":
        """A stream of their own for some of the rows; the draws of the others stay as they were."""
        self._branches += 1
        salt = np.array([(_BRANCH * self._branches) & 0xFFFFFFFFFFFFFFFF], np.uint64)
        return Rolls(mix(self._state[rows] ^ salt))

    def bits(self) -> Keys:
        """64 bits for each row."""
        self._state = self._state + _GOLDEN
        return mix(self._state)

    def point(self) -> Ints:
        """A whole number below 2^32 for each row."""
        return (self.bits() >> _32).astype(np.int64)

    def below(self, bound: "int | Ints") -> Ints:
        """A whole number in 0..bound-1; bounds up to 2^31."""
        return (self.point() * bound) >> 32

    def between(self, low: "int | Ints", high: "int | Ints") -> Ints:
        """A whole number in low..high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, per_mille: "int | Ints") -> Bools:
        """True in `per_mille` of 1,000 draws."""
        return self.below(1000) < per_mille

    def choose(self, odds: Odds, row: "Ints | int" = 0) -> Ints:
        """A choice of the table's row, by weight."""
        return odds.at(self.point(), row)

    def wide(self, median: "int | Ints") -> Ints:
        """A log-normal-like whole number around `median`, sigma 0.8, without far tails."""
        return self._quantile(_WIDE) * median // 1000

    def narrow(self, median: "int | Ints") -> Ints:
        """A log-normal-like whole number around `median`, sigma 0.4, without far tails."""
        return self._quantile(_NARROW) * median // 1000

    def delay(self, median: "int | Ints") -> Ints:
        """A gamma-like whole number (shape 2) around `median`: two waiting times in a row."""
        # The median of a gamma of shape 2 is 1.678 times its scale.
        return (self._quantile(_WAITING) + self._quantile(_WAITING)) * median // 1678

    def _quantile(self, table: Ints) -> Ints:
        low, part = np.divmod(self.below((len(table) - 1) * 1000), 1000)
        quantile: Ints = table[low] + (table[low + 1] - table[low]) * part // 1000
        return quantile


class Draws:
    """A named stream of one seed; a change in one stream leaves the draws of the others as they were."""

    def __init__(self, seed: int, stream: str) -> None:
        start = np.array([(seed & 0xFFFFFFFF) << 32 | crc32(stream.encode())], np.uint64)
        self._start = mix(mix(start) + _GOLDEN)

    def of(self, *keys: "Ints | Keys | int") -> Rolls:
        """Rolls for rows that are named by one or more whole numbers each; the arrays have one length."""
        state = self._start
        for key in keys:
            state = mix(state + np.atleast_1d(np.asarray(key)).astype(np.uint64) * _GOLDEN)
        return Rolls(state)

    def upto(self, count: int) -> Rolls:
        """Rolls for the rows 0..count-1."""
        return self.of(np.arange(count, dtype=np.int64))


def sample(rolls: Rolls, count: int) -> NDArray[np.intp]:
    """`count` different rows in drawn order; all of them where there are fewer."""
    return np.argsort(rolls.bits(), kind="stable")[:count]
