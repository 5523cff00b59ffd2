"""From raw log-odds to probabilities (Platt 1999), and the same folded into the trees.

Errors::

    NotCalibrated             the findings at hand allow no calibration
    ├── TooFewPositives       fewer than `POSITIVES_NEEDED` findings say diverted
    └── SlopeNotPositive      a higher score does not mean a higher risk
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.classifier import NotAClassifier, header

POSITIVES_NEEDED = 10


class NotCalibrated(ValueError):
    """The findings at hand allow no calibration."""


class TooFewPositives(NotCalibrated):
    """Fewer positives than a slope and an intercept can be read from."""

    def __init__(self, count: int, needed: int = POSITIVES_NEEDED) -> None:
        self.count, self.needed = count, needed
        self.mend = "widen the calibration span, or wait for more findings"
        super().__init__(f"labels: {count} positives, {needed} are needed; {self.mend}")


class SlopeNotPositive(NotCalibrated):
    """The scores do not rise with the findings, so a calibration would turn the ranking upside down."""

    def __init__(self, slope: float) -> None:
        self.slope = slope
        super().__init__(
            f"slope: {slope:.3g} is not positive; the model ranks no better than chance here: check the split"
        )


@dataclass(frozen=True, slots=True)
class Platt:
    """``probability = 1 / (1 + exp(-(slope * log_odds + intercept)))``."""

    slope: float
    intercept: float

    def apply(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities in [0, 1], of the shape of `log_odds`."""
        return _sigmoid(self.slope * np.asarray(log_odds, dtype=np.float64) + self.intercept)


def fit_platt(
    raw_log_odds: NDArray[np.float64],
    labels: NDArray[np.generic],
    weights: NDArray[np.float64] | None = None,
) -> Platt:
    """The slope and intercept of least logistic loss, against Platt's smoothed targets.

    All arrays have shape (n,); labels are 0 or 1, weights are positive, 1 by default. Targets are
    ``(P + 1) / (P + 2)`` and ``1 / (N + 2)``, with P and N the weights of the positives and negatives (Platt, 1999,
    "Probabilistic outputs for support vector machines", section 2.2); Newton's steps with a line search follow
    Lin, Lin, Weng (2007). Raises `TooFewPositives` and `SlopeNotPositive`, and `NotCalibrated` without negatives.
    """
    scores = np.asarray(raw_log_odds, dtype=np.float64)
    positive = np.asarray(labels) == 1
    mass = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    _check(scores, positive, np.asarray(labels), mass)
    up, down = float(mass[positive].sum()), float(mass[~positive].sum())
    targets = np.where(positive, (up + 1.0) / (up + 2.0), 1.0 / (down + 2.0))
    # Newton's steps on standardised scores: the Hessian stays well conditioned whatever the scores' scale.
    centre, spread = float(scores.mean()), float(scores.std()) or 1.0
    slope, intercept = _newton((scores - centre) / spread, targets, mass, np.log((up + 1.0) / (down + 1.0)))
    slope /= spread
    if not slope > 0.0:
        raise SlopeNotPositive(slope)
    return Platt(slope, intercept - slope * centre)


def _check(
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    labels: NDArray[np.generic],
    mass: NDArray[np.float64],
) -> None:
    if not len(scores) == len(labels) == len(mass):
        raise ValueError(f"lengths {len(scores)}, {len(labels)}, {len(mass)} differ; give one label a score")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels: not all are 0 or 1; leave out what is inconclusive or unknown")
    if not (np.isfinite(scores).all() and np.isfinite(mass).all() and (mass > 0).all()):
        raise ValueError("scores and weights: not all are finite and positive; drop the lines of weight 0")
    if positive.sum() < POSITIVES_NEEDED:
        raise TooFewPositives(int(positive.sum()))
    if positive.all():
        raise NotCalibrated("labels: there is no negative; add findings that cleared")


def _newton(
    scores: NDArray[np.float64], targets: NDArray[np.float64], mass: NDArray[np.float64], intercept: float
) -> tuple[float, float]:
    design = np.column_stack((scores, np.ones(len(scores))))
    theta = np.array([0.0, intercept])
    loss = _loss(design @ theta, targets, mass)
    for _ in range(100):
        chance = _sigmoid(design @ theta)
        gradient = design.T @ (mass * (chance - targets))
        hessian = (design.T * (mass * chance * (1.0 - chance))) @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-10 and _loss(design @ (theta - size * step), targets, mass) > loss:
            size /= 2.0
        theta = theta - size * step
        before, loss = loss, _loss(design @ theta, targets, mass)
        if before - loss <= 1e-14 * abs(before):
            break
    return float(theta[0]), float(theta[1])


def _loss(z: NDArray[np.float64], targets: NDArray[np.float64], mass: NDArray[np.float64]) -> float:
    return float((mass * (np.logaddexp(0.0, z) - targets * z)).sum())


def _sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0.0, -z))


def fold(model: "str | lgb.Booster", platt: Platt) -> str:
    """The model's text with the calibration inside: plain LightGBM then predicts the calibrated probability.

    Every leaf is multiplied by the slope, and the first tree's leaves carry the intercept, so that the sum of the
    leaves is ``slope * log_odds + intercept`` whichever way a row goes, missing values too. Contributions become
    those of the calibrated log-odds. The model that was handed in is left as it is.

    Raises `NotAClassifier` for an average of trees (random forest), linear leaves, or no tree.
    """
    text = model if isinstance(model, str) else model.model_to_string()
    if "average_output" in header(text):
        raise NotAClassifier("boosting: averages its trees (rf); train with boosting=gbdt or dart")
    if "\nis_linear=1" in text:
        raise NotAClassifier("linear_tree: leaves are not constants; train with linear_tree=false")
    booster = lgb.Booster(model_str=text)
    if not booster.num_trees():
        raise NotAClassifier("the model has no tree; train at least one round")
    for tree, leaves in enumerate(_leaf_counts(text)):
        for leaf in range(leaves):
            value = booster.get_leaf_output(tree, leaf) * platt.slope
            booster.set_leaf_output(tree, leaf, value + (platt.intercept if tree == 0 else 0.0))
    return str(booster.model_to_string())


def _leaf_counts(text: str) -> list[int]:
    trees = text.partition("\nend of trees")[0].splitlines()
    return [int(line.removeprefix("num_leaves=")) for line in trees if line.startswith("num_leaves=")]
