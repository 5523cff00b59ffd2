"""Measures of a ranking and of a probability, for many weightings of the same groups at once.

A bootstrap draw is a weighting of groups: how often each was drawn. So the rows are sorted once, and every measure
takes weights of shape (n_draws, n_groups) and answers (n_draws,). NaN says that a draw cannot be judged (no diverted,
or no cleared row in it). Ties are handled as scikit-learn does: equal scores are one threshold.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranking:
    """Rows sorted by falling score, as sparse counts of shape (n_cells, n_groups).

    A cell is a threshold that holds a diverted row, or a run of thresholds between two such, which hold cleared rows
    only: no measure here changes when those are taken together, and there are far fewer cells than rows.
    """

    diverted: Any
    everything: Any

    @classmethod
    def of(
        cls, score: Floats, label: Floats, group: NDArray[np.intp] | None = None, weight: Floats | None = None
    ) -> "Ranking":
        """The ranking of `score` (n_rows,) against `label` (n_rows,), 1 diverted and 0 cleared.

        `group` (n_rows,) holds codes from 0; each row is a group of its own where there is none. A row counts as
        `weight` (n_rows,) rows, 1 by default. Labels may be amounts: then the amount found is counted.
        """
        counted = np.ones(len(score)) if weight is None else weight
        group = np.arange(len(score)) if group is None else group
        order = np.argsort(-score, kind="stable")
        threshold = np.cumsum(np.diff(score[order], prepend=score[order[0]]) != 0.0)
        holds = np.bincount(threshold, label[order]) > 0.0
        starts = np.append(True, holds[1:] | holds[:-1])  # a run goes on only from cleared to cleared
        cell = (np.cumsum(starts) - 1)[threshold]
        where, shape = (cell, group[order]), (int(cell[-1]) + 1, int(group.max()) + 1)
        diverted = (label * counted)[order]
        return cls(csr_array((diverted, where), shape), csr_array((counted[order], where), shape))

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.everything.shape[0])

    def counts(self, weight: Floats) -> tuple[Floats, Floats]:
        """Weighted counts of diverted and of cleared rows down to each cell: two (n_draws, n_cells)."""
        by_group = np.ascontiguousarray(weight.T)
        diverted: Floats = np.cumsum(self.diverted @ by_group, axis=0).T
        everything: Floats = np.cumsum(self.everything @ by_group, axis=0).T
        return diverted, everything - diverted


def auc(diverted: Floats, cleared: Floats) -> Floats:
    """Area under the ROC curve: the chance that a diverted row outranks a cleared one, a tie counting half."""
    steps = np.diff(cleared, axis=1, prepend=0.0)
    above = diverted - np.diff(diverted, axis=1, prepend=0.0) / 2.0
    return _ratio((steps * above).sum(axis=1), diverted[:, -1] * cleared[:, -1])


def average_precision(diverted: Floats, cleared: Floats) -> Floats:
    """Sum over thresholds of precision times the rise in recall (scikit-learn's `average_precision_score`)."""
    precision = _ratio(diverted, diverted + cleared, empty=0.0)
    rises = np.diff(diverted, axis=1, prepend=0.0)
    area = _ratio((rises * precision).sum(axis=1), diverted[:, -1])
    return np.where(cleared[:, -1] > 0.0, area, np.nan)


def at_capacity(diverted: Floats, cleared: Floats, share: float) -> tuple[Floats, Floats]:
    """Precision and recall when the top `share` of the rows is reviewed: two (n_draws,).

    Where equal scores straddle the capacity, the mean over all ways of choosing among them counts.
    """
    everything = diverted + cleared
    capacity = share * everything[:, -1]
    found = np.array(
        [
            np.interp(room, np.append(0.0, rows), np.append(0.0, hits))
            for room, rows, hits in zip(capacity, everything, diverted, strict=True)
        ]
    )
    return _ratio(found, capacity), _ratio(found, diverted[:, -1])


def calibration_bins(probability: Floats, bins: int = 10) -> NDArray[np.intp]:
    """The bin (n_rows,) of each row: `bins` of about equal size by probability, equal probabilities together."""
    edges = np.unique(np.quantile(probability, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    return np.searchsorted(edges, probability, side="left")


def _ratio(above: Floats, below: Floats, empty: float = np.nan) -> Floats:
    ratio: Floats = np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0.0)
    return ratio
