"""Splits that go forward in time, and splits that hold out whole resellers.

Lines of one moment never part, so that an order stays in one piece. Between what teaches and what judges lies a
gap: findings come late, and a line placed just before the cut would teach what was learned only after it.

`together`, where it is given, numbers the lines (n_lines,) that one piece of evidence judged, negative where none did
(see `training.evidence`). Such lines never part either: those that would teach are left out where others judge.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY

Times = NDArray[np.int64]
Rows = NDArray[np.intp]
Groups = NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Rows that teach and later rows that judge."""

    teach: Rows
    judge: Rows


def forward_parts(
    t: Times, shares: Sequence[float], gap_days: float = 0.0, together: Groups | None = None
) -> tuple[Rows, ...]:
    """Rows in consecutive parts of time that hold about `shares` (summing to 1) of the rows each.

    `t` (n_lines,) microseconds UTC. Of each part but the last, lines within `gap_days` before the next part's
    first moment are left out.
    """
    cuts = _cuts(t, np.cumsum(shares)[:-1])
    edges = [np.iinfo(np.int64).min, *cuts, np.iinfo(np.int64).max]
    ends = [*(cut - int(gap_days * DAY) for cut in cuts), edges[-1]]
    parts = [np.flatnonzero((t >= start) & (t < end)) for start, end in zip(edges[:-1], ends, strict=True)]
    later = [np.concatenate([*parts[number + 1 :], np.empty(0, np.intp)]) for number in range(len(parts))]
    return tuple(apart(part, after, together) for part, after in zip(parts, later, strict=True))


def forward_folds(
    t: Times, folds: int, gap_days: float = 0.0, first: float = 0.4, together: Groups | None = None
) -> Iterator[Fold]:
    """Folds in which a growing past (at least the share `first`) teaches and the next stretch judges."""
    starts = _cuts(t, np.linspace(first, 1.0, folds + 1)[:-1])
    for start, end in zip(starts, [*starts[1:], np.iinfo(np.int64).max], strict=True):
        judge = np.flatnonzero((t >= start) & (t < end))
        teach = apart(np.flatnonzero(t < start - int(gap_days * DAY)), judge, together)
        if len(teach) and len(judge):
            yield Fold(teach, judge)


def _cuts(t: Times, quantiles: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Moments that have about these shares of the rows strictly before them."""
    ordered = np.sort(t)
    return [int(ordered[min(int(share * len(t)), len(t) - 1)]) for share in quantiles]


def unseen_resellers(reseller_ids: Sequence[str], share: float = 0.2, seed: int = 7) -> Fold:
    """A fold whose judged rows belong to resellers that teach nothing.

    A reseller's side follows from its identifier and the seed alone, so it does not change when others come or
    go.
    """
    held_out = {reseller for reseller in set(reseller_ids) if _draw(reseller, seed) < share}
    judged = np.fromiter((reseller in held_out for reseller in reseller_ids), np.bool_, len(reseller_ids))
    return Fold(np.flatnonzero(~judged), np.flatnonzero(judged))


def apart(teach: Rows, judge: Rows, together: Groups | None) -> Rows:
    """The rows that teach, without those that share evidence with a row that judges."""
    if together is None:
        return teach
    shared = np.unique(together[judge])
    return teach[~np.isin(together[teach], shared[shared >= 0])]


def _draw(identifier: str, seed: int) -> float:
    """A number in [0, 1) fixed by the identifier and the seed."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{identifier}".encode()).digest()[:8], "big") / 2.0**64
