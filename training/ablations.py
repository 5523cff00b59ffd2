"""The same trees without a family of features: what location, and what the history of findings, are worth.

Each report shows the model without location, since a region can stand in for who lives there.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.vector import FeatureTable
from features.windows.feature_set import FeatureSet
from models.classifier import Classifier
from training.dataset import TrainingSet
from training.fit import fit
from training.judging import Candidate, Rows

Progress = Callable[[str, float], None]
Bools = NDArray[np.bool_]

_FOUND = ("diverted", "cleared", "inconclusive", "finding_rate")
_PLACES = ("region", "territory", "hub", "ship_city", "abroad", "vaguely_addressed", "bordering", "restricted")


def without(features: FeatureSet) -> dict[str, Bools]:
    """By name of the ablation, the columns (n_features,) that are blanked."""
    rows = features.features
    located = [row.family == "location" or any(word in row.name for word in _PLACES) for row in rows]
    found = [row.family == "findings" or any(word in row.name for word in _FOUND) for row in rows]
    return {"without location": np.array(located), "without findings": np.array(found)}


def ablated(chosen: TrainingSet, rows: Rows, seed: int = 7, progress: Progress | None = None) -> list[Candidate]:
    """Trees trained on the same lines with a family of columns missing throughout, on the rows that judge."""
    candidates = []
    for number, (name, blank) in enumerate(without(chosen.past.features).items()):
        if progress is not None:
            progress("training ablations", number / 2)
        fitted = fit(replace(chosen, past=blanked(chosen.past, blank)), seed=seed)
        odds = Classifier(fitted.text).log_odds(blanked(rows.table, blank).values)
        candidates.append(Candidate(name, odds, calibrated=False))
    return candidates


def blanked(table: FeatureTable, columns: Bools) -> FeatureTable:
    """A table whose `columns` (n_features,) are missing everywhere."""
    values = table.values.copy()
    values[:, columns] = np.nan
    return FeatureTable(table.features, values, table.lines)
