"""How far back features look: over a window of days, or over all that ever was."""

import numpy as np
from numpy.typing import NDArray

from features.windows.feature_set import FeatureSet


def longest(features: FeatureSet) -> int:
    """Days of the longest bounded window, 0 where there is none."""
    return max((days for view in features.views for _, days in view.rows() if days is not None), default=0)


def bounded(features: FeatureSet) -> NDArray[np.bool_]:
    """Which columns look back over a window of days, or not at all, (n_features,)."""
    windows = {
        each.name: days for view in features.views for each, (_, days) in zip(view.expand(), view.rows(), strict=True)
    }
    ever = {name for name, days in windows.items() if days is None}
    ever |= {each.name for each in features.quotients if not ever.isdisjoint((each.of, each.to))}
    return np.array([name not in ever for name in features.names])
