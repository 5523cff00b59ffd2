"""How far a probability could have come out otherwise, as a small table that is looked up.

The table says, for a calibrated probability, between which bounds the calibration put it in most of many trainings on
resellers drawn again. Making it is training's work; reading it takes microseconds.

>>> spread = Spread(0.9, (0.0, 0.5, 1.0), (0.0, 0.3, 0.9), (0.1, 0.6, 1.0))
>>> spread.interval(0.25)
Interval(low=0.15, high=0.35, level=0.9)
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BASIS = "the calibration, made again on resellers drawn with replacement; not: change of the world, unreviewed orders"
"""What an interval rests on; written in every answer that has one."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both in [0, 1], at a confidence `level`."""

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Bounds `low` and `high` of the probabilities `at`, ascending from 0 to 1; between them they run straight."""

    level: float
    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.at) == len(self.low) == len(self.high) >= 2 or (self.at[0], self.at[-1]) != (0.0, 1.0):
            raise ValueError("spread: its columns are not of one length, or do not reach from 0 to 1")
        if not 0.0 < self.level < 1.0 or list(self.at) != sorted(set(self.at)):
            raise ValueError("spread: its level is not in (0, 1), or its probabilities do not ascend")
        if not all(0.0 <= low <= at <= high <= 1.0 for at, low, high in zip(self.at, self.low, self.high, strict=True)):
            raise ValueError("spread: an interval does not hold its own probability")

    def interval(self, probability: float) -> Interval:
        """The interval of a probability in [0, 1]."""
        after = min(bisect_right(self.at, probability), len(self.at) - 1)
        share = (probability - self.at[after - 1]) / (self.at[after] - self.at[after - 1])
        return Interval(_between(self.low, after, share), _between(self.high, after, share), self.level)

    def to_json(self) -> dict[str, Any]:
        """The table as JSON types."""
        return {"level": self.level, "at": list(self.at), "low": list(self.low), "high": list(self.high)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Spread":
        """The table that `to_json` wrote."""
        at, low, high = (tuple(content[name]) for name in ("at", "low", "high"))
        return cls(content["level"], at, low, high)


def _between(bound: Sequence[float], after: int, share: float) -> float:
    return (1.0 - share) * bound[after - 1] + share * bound[after]
