"""The frozen reference learner: gradient-boosted trees whose parameters never change within a version.

It measures the world, not the product: a better champion must never turn the world's gates red.
"""

from collections.abc import Mapping
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
ROUNDS = 300
THINNED = 4
"""Of the lines that are not diverted one in so many teaches, with so much more weight: quicker, and hardly worse."""


def grow(table: pd.DataFrame, target: Floats | Bools, weight: Floats | None = None) -> lgb.Booster:
    """Trees on the frozen features (n_lines, n_features) and a target of 0 and 1."""
    target = np.asarray(target, np.float64)
    kept = (target > 0) | (np.random.default_rng(7).random(len(target)) < 1.0 / THINNED)
    heavier = np.where(target > 0, 1.0, THINNED) * (1.0 if weight is None else weight)
    data = lgb.Dataset(table.to_numpy()[kept], target[kept], weight=heavier[kept], feature_name=list(table))
    return lgb.train(dict(PARAMETERS), data, ROUNDS)


def scored(trees: lgb.Booster, table: pd.DataFrame) -> Floats:
    """Probabilities (n_lines,) that rank."""
    return np.asarray(trees.predict(table.to_numpy()), np.float64)


def gains(trees: lgb.Booster) -> dict[str, float]:
    """Each feature's share of the total gain."""
    gain = trees.feature_importance("gain").astype(np.float64)
    return dict(zip(trees.feature_name(), (gain / gain.sum()).tolist(), strict=True))
