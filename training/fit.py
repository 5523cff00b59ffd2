"""Trees and a scorecard on a training set, calibrated on scores of lines later than those that they saw.

1. How many trees: grown on the first 80 % of the lines, stopped where the last 20 % gain no more. Where trees alone
   foretell these beyond doubt better than the mean, as with many findings, the scorecard is left out.
2. Calibration: in forward folds, trees that saw only earlier lines score the later ones, and Platt's two numbers are
   fitted to those scores. Those of the last fold set the policy's threshold: trees that saw less spread their scores
   less, and older orders are less like those to come.
3. The trees that serve are grown on everything.

Findings are few: holding the newest lines back for the calibration instead would keep them from the trees.

Where findings are too few for all this, less is done, and what was not done is told, never hidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.vector import FeatureTable
from models.calibration import NotCalibrated, Platt, fit_platt
from training.dataset import TrainingSet, moments
from training.growing import LEAST_POSITIVES, SCORECARD_SHARE, STOP_SHARES, USUAL_ROUNDS, Trees, can_teach
from training.split import forward_folds, forward_parts
from training.unlabelled import corrected

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Progress = Callable[[str, float], None]

CHANCE_ROUNDS = 200
"""Trees that tell the chance of a line without a finding under ``pu``."""

FOLDS = 4
UNCALIBRATED = "not calibrated: too few findings; its probabilities only rank"


@dataclass(frozen=True)
class Later:
    """Lines scored by trees that saw only earlier ones: `rows` of the training set's past, `log_odds` alike.

    `unseen` is False where findings are so few that the trees had to score the lines they learned from. Those from
    `newest` on (microseconds UTC) were scored by the trees that saw most.
    """

    rows: Rows
    log_odds: Floats
    unseen: bool = True
    newest: int = 0

    def last(self, chosen: TrainingSet) -> "Later":
        """The newest stretch as it was, or a fair sample of it: not what is here only because a finding names it."""
        kept = chosen.fair[self.rows] & (moments(chosen.past)[self.rows] >= self.newest)
        return replace(self, rows=self.rows[kept], log_odds=self.log_odds[kept])


@dataclass(frozen=True)
class Fitted:
    """Trees (LightGBM text), their calibration (None where findings are too few), and what they said of later lines.

    `rounds` is the number of boosted trees. `calibrated` says in a sentence how the calibration came about.
    """

    text: str
    platt: Platt | None
    rounds: int
    later: Later
    calibrated: str
    warnings: tuple[str, ...]
    scorecard_share: float = SCORECARD_SHARE

    @property
    def made(self) -> str:
        """A sentence for the card."""
        if not self.scorecard_share:
            return f"{self.rounds} boosted trees."
        return f"{self.scorecard_share:.0%} of its log-odds are a scorecard's, the rest of {self.rounds} boosted trees."

    @property
    def calibration(self) -> Platt:
        """The calibration; where there is none, the one that changes nothing."""
        return self.platt or Platt(1.0, 0.0)


def fit(
    chosen: TrainingSet,
    *,
    seed: int = 7,
    threads: int = 0,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Trees and their calibration from a training set; equal input, seed and threads give equal text."""
    trees = Trees(parameters or {}, seed, threads)
    tell = progress or _quiet
    tell("choosing the number of trees", 0.0)
    told_before: list[str] = []
    if chosen.unknown == "pu":
        chosen, doubt = corrected(chosen, lambda whole, rows: trees.grow(whole, rows, CHANCE_ROUNDS))
        told_before = [doubt] if doubt else []
    rounds, share, warnings = _useful(trees, chosen)
    trees = replace(trees, parameters={**trees.parameters, "scorecard_share": share})
    warnings = [*told_before, *warnings]
    parts = []
    for number, fold in enumerate(forward_folds(chosen.t, FOLDS, together=chosen.evidence)):
        tell("scoring later lines in forward folds", 0.2 + 0.5 * number / FOLDS)
        if can_teach(chosen, fold.teach):
            parts.append(_later(trees.grow(chosen, fold.teach, rounds), chosen, chosen.t[fold.judge]))
    tell("growing the trees that serve", 0.7)
    booster = trees.grow(chosen, np.arange(len(chosen.target)), rounds)
    if parts:
        rows, scores = np.concatenate([p.rows for p in parts]), np.concatenate([p.log_odds for p in parts])
        later = Later(rows, scores, newest=parts[-1].newest)
        platt, told = _platt(chosen, later, warnings)
    else:
        later = replace(_later(booster, chosen, chosen.t), unseen=False)
        platt, told = None, UNCALIBRATED
        warnings.append("no earlier line can teach: scores of the training lines themselves set the threshold")
    if platt is None:
        warnings.append(UNCALIBRATED)
    text = booster.model_to_string()
    return Fitted(text, platt, rounds, later, told, tuple(warnings), trees.scorecard_share)


def _useful(trees: Trees, chosen: TrainingSet) -> tuple[int, float, list[str]]:
    """How many trees, and what share of a scorecard, were useful on later lines."""
    first, stop = forward_parts(chosen.t, STOP_SHARES, together=chosen.evidence)
    found = int(chosen.target[stop].sum())
    told = f"{found} later diverted lines are too few to tell when to stop: {USUAL_ROUNDS} trees were grown"
    enough = found >= LEAST_POSITIVES and can_teach(chosen, first)
    return *trees.useful(chosen, np.arange(len(chosen.target))), [] if enough else [told]


def _later(booster: lgb.Booster, chosen: TrainingSet, judge: NDArray[np.int64]) -> Later:
    """All lines of the past between the moments `judge`, also those that do not teach, scored."""
    t = moments(chosen.past)
    rows = np.flatnonzero((t >= judge.min()) & (t <= judge.max()))
    log_odds = np.asarray(booster.predict(chosen.past.values[rows], raw_score=True), np.float64)
    return Later(rows, log_odds, newest=int(judge.min()))


def judged_rows(chosen: TrainingSet, table_rows: Rows) -> tuple[NDArray[np.intp], Floats]:
    """Of some rows of the past, which were judged by a finding of their own (indices), and what it said (1 or 0)."""
    place = np.full(chosen.past.lines.num_rows, -1)
    place[chosen.rows] = np.arange(len(chosen.rows))
    taught = place[table_rows]
    judged = np.flatnonzero((taught >= 0) & chosen.judged[taught])
    return judged, chosen.target[taught[judged]]


def _platt(chosen: TrainingSet, later: Later, warnings: list[str]) -> tuple[Platt | None, str]:
    """The calibration on judged lines and a sentence about it; None, with a warning, where they are too few."""
    judged, truth = judged_rows(chosen, later.rows)
    try:
        platt = fit_platt(later.log_odds[judged], truth)
    except NotCalibrated as problem:
        warnings.append(f"the judged lines allow no calibration ({problem})")
        return None, UNCALIBRATED
    return platt, f"calibrated on {len(judged):,} judged lines, scored by trees that saw only earlier lines"


def order_probabilities(table: FeatureTable, rows: Rows, probability: Floats) -> Floats:
    """The highest line probability of each order among `rows` of a table: what the policy ranks."""
    orders = table.lines.column("order_id").take(rows).to_pandas()
    _, which = np.unique(orders.to_numpy(str), return_inverse=True)
    highest = np.zeros(int(which.max()) + 1 if len(which) else 0)
    np.maximum.at(highest, which, probability)
    return highest


def _quiet(step: str, share: float) -> None:
    """The progress of a run that nobody watches."""
