"""What each review capacity finds, what a stated probability meant, and where scores lie, on lines that judge.

Reports hold these curves; plots and pages show them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.intervals import PART_DRAWS, Interval, bootstrap
from training.judging import Candidate, Orders, Rows
from training.metrics import Ranking, at_capacity

Floats = NDArray[np.float64]

SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5)
"""Capacities that are shown beside the one that is there. Our choice."""

BINS = 10
BARS = 40
_Z = 1.959964  # the 97.5 % quantile of the normal distribution


@dataclass(frozen=True)
class Reviewed:
    """What a review of the top `share` of the orders finds; the last of them has the score `threshold`."""

    share: float
    threshold: float
    precision: Interval
    recall: Interval
    value_recall: Interval


@dataclass(frozen=True)
class Bin:
    """Lines of about one probability: the mean of what was stated, the share that was diverted, and how many."""

    stated: float
    observed: Interval
    lines: int


@dataclass(frozen=True)
class Bar:
    """How many judged lines have a score from `low` up to `high`."""

    low: float
    high: float
    diverted: int
    cleared: int


@dataclass(frozen=True)
class Curves:
    """The curves of one candidate. `reliability` is empty for a score that is no probability."""

    capacity: tuple[Reviewed, ...]
    reliability: tuple[Bin, ...]
    scores: tuple[Bar, ...]

    def to_json(self) -> dict[str, Any]:
        """The curves as JSON types; an interval as value, low, high; null where not estimable."""
        return {name: [_row(each) for each in getattr(self, name)] for name in ("capacity", "reliability", "scores")}


def curves(rows: Rows, candidate: Candidate, review_share: float, draws: int = PART_DRAWS, seed: int = 7) -> Curves:
    """The curves of a candidate, its capacity among them; intervals of what a review finds are drawn by group."""
    shares = sorted({*SHARES, review_share})
    return Curves(
        capacity=tuple(_capacity(rows, candidate, shares, draws, seed)),
        reliability=tuple(reliability(rows.label, candidate.score)) if candidate.calibrated else (),
        scores=tuple(_bars(rows.label, candidate.score)),
    )


def _capacity(rows: Rows, candidate: Candidate, shares: Sequence[float], draws: int, seed: int) -> Iterator[Reviewed]:
    orders = Orders.of(rows, candidate.score)
    by_order = Ranking.of(orders.score, orders.label, orders.group)
    by_value = Ranking.of(orders.score, orders.label * orders.value, orders.group)

    def statistic(multiplicity: Floats) -> dict[str, Floats]:
        counts, values = by_order.counts(multiplicity), by_value.counts(multiplicity)
        found = {}
        for share in shares:
            found[f"precision {share}"], found[f"recall {share}"] = at_capacity(*counts, share)
            found[f"value_recall {share}"] = at_capacity(*values, share)[1]
        return found

    widest = 2 * int(rows.label.sum()) + 1
    sample = bootstrap({"": statistic}, rows.groups, widest, draws, seed)[""]
    falling = -np.sort(-orders.score)
    for share in shares:
        last = max(round(share * len(falling)), 1) - 1
        measured = (sample.interval(f"{name} {share}") for name in ("precision", "recall", "value_recall"))
        yield Reviewed(share, float(falling[last]), *measured)


def reliability(label: Floats, probability: Floats, bins: int = BINS) -> Iterator[Bin]:
    """Stated against observed, by bin that holds lines; bins expect equally many diverted lines.

    Intervals are Wilson's (Wilson 1927), each line by itself: lines of one reseller resemble each other, so that the
    truth is wider.
    """
    ordered = np.sort(probability)
    # Bins of equal size would put nearly all that matters into the last one: most lines have a tiny probability.
    cuts = np.searchsorted(np.cumsum(ordered), np.linspace(0.0, ordered.sum(), bins + 1)[1:-1])
    edges = np.unique(ordered[np.minimum(cuts, len(ordered) - 1)])
    _, which = np.unique(np.searchsorted(edges, probability, side="left"), return_inverse=True)
    lines = np.bincount(which)
    stated, observed = np.bincount(which, probability) / lines, np.bincount(which, label) / lines
    centre = (observed + _Z**2 / (2 * lines)) / (1 + _Z**2 / lines)
    reach = _Z / (1 + _Z**2 / lines) * np.sqrt(observed * (1 - observed) / lines + _Z**2 / (4 * lines**2))
    low, high = np.clip(centre - reach, 0.0, observed), np.clip(centre + reach, observed, 1.0)
    for index, count in enumerate(lines):
        seen = Interval(float(observed[index]), float(low[index]), float(high[index]))
        yield Bin(float(stated[index]), seen, int(count))


def _bars(label: Floats, score: Floats) -> Iterator[Bar]:
    edges = np.histogram_bin_edges(score, BARS)
    diverted, cleared = (np.histogram(score[label == kind], edges)[0] for kind in (1.0, 0.0))
    for low, high, *counts in zip(edges[:-1], edges[1:], diverted, cleared, strict=True):
        yield Bar(float(low), float(high), *(int(count) for count in counts))


def _row(of: Reviewed | Bin | Bar) -> dict[str, Any]:
    return {name: value.to_json() if isinstance(value, Interval) else value for name, value in vars(of).items()}
