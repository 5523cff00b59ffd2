"""The spread of a calibration: Platt's two numbers fitted again on resellers drawn with replacement.

Lines of one reseller resemble each other, so whole resellers are drawn (Field and Welsh 2007, as in
`training.intervals`), and each draw is calibrated as the findings were (Platt 1999). What is told of a probability are
the bounds between which most draws put the same score.

It covers that the findings are few and come from few resellers. It does not cover that the shape of the calibration may
be another than Platt's, that reviewed orders are no fair sample of all, or that the world changes.
"""

import numpy as np
from numpy.typing import NDArray

from models.calibration import Platt
from models.spread import Spread

Floats = NDArray[np.float64]

LEVEL = 0.9
DRAWS = 400
GRID = np.arange(-12.0, 8.01, 0.25)
"""Calibrated log-odds at which bounds are kept: probabilities of six in a million to 0.9997."""

FEWEST_GROUPS = 10
"""Resellers below which a draw of resellers says nothing of resellers. Our choice."""

_STEPS = 60
_LONGEST_STEP = 2.0
_CELLS = 2_000_000  # weights in memory at once: 16 MB


def spread(
    log_odds: Floats, labels: NDArray[np.generic], groups: NDArray[np.integer], platt: Platt, *, seed: int = 7
) -> Spread | None:
    """The spread of a calibration that was fitted on these scores; None where they come from too few resellers.

    All arrays have shape (n,): raw log-odds, labels 0 or 1, and whole numbers that say whose line each is.
    """
    _, whose = np.unique(groups, return_inverse=True)
    count = int(whose.max()) + 1 if len(whose) else 0
    if count < FEWEST_GROUPS:
        return None
    centre, scale = float(log_odds.mean()), float(log_odds.std()) or 1.0
    scores, positive = (log_odds - centre) / scale, np.asarray(labels) == 1
    start = np.array([platt.slope * scale, platt.intercept + platt.slope * centre])
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=DRAWS)
    size = max(1, _CELLS // len(scores))
    parts = [drawn[first : first + size, whose].astype(np.float64) for first in range(0, DRAWS, size)]
    lines = np.concatenate([_refitted(scores, positive, mass, start) for mass in parts])
    return _table(lines, centre, scale, platt)


def _refitted(scores: Floats, positive: NDArray[np.bool_], mass: Floats, start: Floats) -> Floats:
    """Slope and intercept on standardised scores, (n_draws, 2), for the weights (n_draws, n) of each draw.

    Newton's steps from the fit on all resellers, none longer than is safe: with Platt's smoothed targets the loss is
    convex and its minimum finite, also in a draw without a positive.
    """
    up, down = mass[:, positive].sum(1, keepdims=True), mass[:, ~positive].sum(1, keepdims=True)
    targets = np.where(positive, (up + 1.0) / (up + 2.0), 1.0 / (down + 2.0))
    theta = np.tile(start, (len(mass), 1))
    for _ in range(_STEPS):
        chance = _sigmoid(theta[:, :1] * scores + theta[:, 1:])
        lean, weight = mass * (chance - targets), mass * chance * (1.0 - chance)
        gradient = np.column_stack([lean @ scores, lean.sum(1)])
        cross = weight @ scores
        hessian = np.stack([weight @ scores**2, cross, cross, weight.sum(1)], axis=1).reshape(-1, 2, 2)
        step = np.linalg.solve(hessian + 1e-9 * np.eye(2), gradient[:, :, None])[:, :, 0]
        step *= np.minimum(1.0, _LONGEST_STEP / np.maximum(np.abs(step).max(1, keepdims=True), 1e-300))
        theta -= step
        if np.abs(step).max() < 1e-8:
            break
    return theta


def _table(lines: Floats, centre: float, scale: float, platt: Platt) -> Spread:
    scores = ((GRID - platt.intercept) / platt.slope - centre) / scale
    chances = _sigmoid(lines[:, :1] * scores + lines[:, 1:])
    at = _sigmoid(GRID)
    low, high = np.quantile(chances, ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0), axis=0)
    return Spread(
        LEVEL,
        (0.0, *at.tolist(), 1.0),
        (0.0, *np.minimum(low, at).tolist(), float(min(low[-1], 1.0))),
        (float(high[0]), *np.maximum(high, at).tolist(), 1.0),
    )


def _sigmoid(z: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -z))
