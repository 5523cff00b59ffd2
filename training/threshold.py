"""Whether the trees that serve score on the level of those that set the threshold.

The threshold comes from forward folds, whose trees saw fewer lines. Where findings are few, and trees are few, the two
may lie so far apart that every order would wait.
"""

from collections.abc import Callable
from dataclasses import replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.policy import Policy
from training.dataset import TrainingSet
from training.fit import Fitted, order_probabilities

Floats = NDArray[np.float64]

MOST_OVER = 2.0
"""Times the review capacity that may wait among past orders. Our choice."""


def on_level(chosen: TrainingSet, fitted: Fitted, policy: Callable[[Floats], Policy]) -> Fitted:
    """The same, or (with a warning) with scores of the serving trees themselves where these would swamp the reviewers.

    `policy` makes a policy from one probability an order.
    """
    rows, told = fitted.later.rows, policy(by_order(chosen, fitted))
    served = np.asarray(
        lgb.Booster(model_str=fitted.text).predict(chosen.past.values[rows], raw_score=True), np.float64
    )
    of_serving = replace(fitted, later=replace(fitted.later, log_odds=served, unseen=False))
    share = float((by_order(chosen, of_serving) >= told.threshold).mean())
    if share <= MOST_OVER * told.review_share:
        return fitted
    warning = (
        f"{share:.1%} of the past orders would wait at the threshold of the forward folds: it is set by the scores of "
        "the training lines themselves, and more than the capacity may wait"
    )
    return replace(of_serving, warnings=(*fitted.warnings, warning))


def by_order(chosen: TrainingSet, fitted: Fitted) -> Floats:
    """The probability (n_orders,) of each order of the newest stretch: what the policy ranks."""
    later = fitted.later.last(chosen)
    return order_probabilities(chosen.past, later.rows, fitted.calibration.apply(later.log_odds))
