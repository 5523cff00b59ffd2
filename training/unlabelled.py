"""Positive-unlabelled correction: the chance that a line without a finding would have been found diverted.

Elkan and Noto (2008, "Learning classifiers from only positive and unlabeled data"): where a share `c` of the positives
is labelled, a line without a finding with ``g = P(labelled | line)`` is positive with the chance
``(1 - c) / c * g / (1 - g)``. `c` comes from the random audits, whose propensities are logged; `g` from trees that did
not see the line's reseller. The chances are scaled so that they add up to the positives that the audits say are
missing. The line then teaches twice: as diverted with its chance, as not diverted with the rest.

The one assumption that cannot be checked: among diversions, those that were found are a fair sample given the features.
"""

from collections.abc import Callable
from dataclasses import replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from training.dataset import TrainingSet
from training.labels import Kind
from training.split import apart, unseen_resellers

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Grow = Callable[[TrainingSet, Rows], lgb.Booster]

MOST = 0.5
"""A line that nobody found diverted never teaches more as diverted than as not."""


def corrected(chosen: TrainingSet, grow: Grow) -> tuple[TrainingSet, str | None]:
    """The training set with a `chance` for each line without a finding, and a warning where none can be told."""
    share = chosen.labelled_share
    if not np.isfinite(share):
        return chosen, (
            "pu: too few random audits were found diverted to tell what share of the diversions has a finding; lines "
            "without one count as not diverted, as under `weak`"
        )
    unknown = chosen.labels.kind == Kind.UNKNOWN
    seen = np.clip(_cross_fitted(chosen, grow), 1e-9, 1.0 - 1e-9)
    odds = np.where(unknown, seen / (1.0 - seen), 0.0)
    missing = (1.0 - share) / share * float((chosen.target * chosen.labels.weight).sum())
    chance = np.minimum(odds * missing / max(float((odds * chosen.stands_for).sum()), 1e-12), MOST)
    return replace(chosen, chance=np.where(unknown, chance, 0.0)), None


def _cross_fitted(chosen: TrainingSet, grow: Grow) -> Floats:
    """P(labelled diverted) of each line (n_lines,), from trees that saw other resellers only."""
    plain = replace(chosen, weight=np.ones(len(chosen.target)))
    resellers = chosen.table.lines.column("reseller_id").to_pylist()
    halves = unseen_resellers(resellers, 0.5)
    probability = np.full(len(chosen.target), float(chosen.target.mean()))
    for half, judge in ((halves.teach, halves.judge), (halves.judge, halves.teach)):
        teach = apart(half, judge, chosen.evidence)
        if len(teach) and 0 < chosen.target[teach].sum() < len(teach) and len(judge):
            booster = grow(plain, teach)
            probability[judge] = np.asarray(booster.predict(chosen.table.values[judge]), np.float64)
    return probability
