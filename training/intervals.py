"""Bootstrap intervals that draw whole groups, and paired differences over the same draws.

Lines of one reseller (or order) resemble each other, so groups are drawn with replacement, never single lines
(Field and Welsh 2007, "Bootstrapping clustered data", the randomised cluster bootstrap).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DRAWS = 2_000
PART_DRAWS = 500
"""Draws for a slice or a curve, of which a report holds many."""

_CELLS = 2_000_000  # weights in memory at once: 16 MB


class Statistic(Protocol):
    """Measures of one candidate, for many weightings of the groups at once."""

    def __call__(self, multiplicity: Floats) -> Mapping[str, Floats]:
        """Named measures (n_draws,) for weights (n_draws, n_groups)."""


@dataclass(frozen=True)
class Interval:
    """A measure and the bounds of its 95 % bootstrap interval; all NaN where it cannot be judged."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "not estimable"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def to_json(self) -> list[float | None]:
        """Value, low and high; nulls where it cannot be judged."""
        return [None if np.isnan(each) else each for each in (self.value, self.low, self.high)]


@dataclass(frozen=True)
class Sample:
    """Measures by name: on the rows as they are, and (n_draws,) on the draws."""

    value: Mapping[str, float]
    drawn: Mapping[str, Floats]

    def interval(self, name: str) -> Interval:
        """The percentile interval of one measure."""
        return _interval(self.value[name], self.drawn[name])

    def minus(self, rival: "Sample", name: str) -> Interval:
        """The interval of the difference to a rival that was judged on the same draws."""
        return _interval(self.value[name] - rival.value[name], self.drawn[name] - rival.drawn[name])


def _interval(value: float, drawn: Floats) -> Interval:
    judged = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(judged):
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(judged, (0.025, 0.975))
    # With few groups all draws of a skewed measure can lie on one side of it: the interval then reaches to it.
    return Interval(float(value), float(min(low, value)), float(max(high, value)))


def bootstrap(
    candidates: Mapping[str, Statistic], groups: int, widest: int, draws: int = DRAWS, seed: int = 7
) -> dict[str, Sample]:
    """Each candidate's measures on the rows and on `draws` draws of `groups` groups, the same draws for all.

    `widest` is the number of columns of the widest table that a candidate computes; it bounds a batch's memory.
    """
    values = {name: statistic(np.ones((1, groups))) for name, statistic in candidates.items()}
    drawn: dict[str, list[Mapping[str, Floats]]] = {name: [] for name in candidates}
    for multiplicity in _draws(groups, draws, max(1, _CELLS // max(groups, widest, 1)), seed):
        for name, statistic in candidates.items():
            drawn[name].append(statistic(multiplicity))
    return {
        name: Sample(
            value={measure: float(value[0]) for measure, value in values[name].items()},
            drawn={measure: _joined(drawn[name], measure) for measure in values[name]},
        )
        for name in candidates
    }


def _joined(batches: Sequence[Mapping[str, Floats]], measure: str) -> Floats:
    return np.concatenate([batch[measure] for batch in batches])


def _draws(groups: int, draws: int, batch: int, seed: int) -> Iterator[Floats]:
    """How often each group was drawn: batches of (at most `batch`, groups)."""
    generator = np.random.default_rng(seed)
    for start in range(0, draws, batch):
        size = min(batch, draws - start)
        drawn = generator.integers(0, groups, size=(size, groups))
        drawn += np.arange(size)[:, None] * groups
        counts = np.bincount(drawn.ravel(), minlength=size * groups)
        yield counts.reshape(size, groups).astype(np.float64)
