"""How a model grows from lines: boosted trees and a scorecard, and the mean of both.

A scorecard (`training.scorecard`) generalises from few findings, trees see what features say together. Both are trees
of one LightGBM text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.classifier import signs
from training.blend import blend
from training.dataset import TrainingSet, take
from training.judging import codes
from training.labels import Kind
from training.scorecard import fit_scorecard
from training.split import forward_parts

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
_Taught = tuple[Floats, Floats, Floats]

PARAMETERS: Mapping[str, Any] = {
    "learning_rate": 0.01,
    "num_leaves": 8,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
}
"""Small, slow and shrunken trees: findings are few, and deep trees learn them by heart. Our choice, made by exploratory
runs on the wildlife imports of 2016 to 2018."""

MOST_ROUNDS = 800
USUAL_ROUNDS = 400
"""Trees where too few later findings tell when to stop."""

SCORECARD_SHARE = 0.5
"""How much of the log-odds is the scorecard's: the plain mean. Our choice; exploratory runs on worlds that no figure is
quoted from showed no better one."""

PATIENCE = 150
"""Rounds without a gain on the later part before the trees stop."""

MOST_UNKNOWN = 30_000
"""Lines without a finding that teach, at most; of more, so many are drawn and weigh more. Each of them says little.
Our choice, by exploratory runs on worlds that no figure is quoted from."""

STOP_SHARES = (0.8, 0.2)
"""Shares of the lines that grow the trees, and that tell when to stop, forward in time."""

LEAST_POSITIVES = 20
"""Diverted lines below which a part cannot tell when to stop: with a dozen, the first few trees may look best by
chance, and a model of three trees says next to nothing. Our choice."""


@dataclass(frozen=True)
class Trees:
    """How they are grown: `parameters` over `PARAMETERS`, the seed, and the number of threads (0: all cores).

    Among the parameters may be a ``scorecard_share``; then it is not chosen.
    """

    parameters: Mapping[str, Any]
    seed: int = 7
    threads: int = 0

    def grow(self, chosen: TrainingSet, teach: Rows, rounds: int) -> lgb.Booster:
        """The trees of both, as one booster, from the rows `teach` of the training set."""
        taught = self._taught(chosen, teach)
        booster = lgb.train(self._settings(chosen), self._data(chosen, taught), rounds)
        if not self.scorecard_share:
            return booster
        card = fit_scorecard(*taught, signs(chosen.past.features), seed=self.seed)
        return blend(booster, card, self.scorecard_share)

    def useful(self, chosen: TrainingSet, rows: Rows) -> tuple[int, float]:
        """How many trees were useful on the later part of these rows, and the scorecard's share.

        The usual ones where that part cannot tell. The share is 0 where the loss of the trees alone is lower than that
        of the mean by more than two standard errors (by reseller), and as given otherwise: later findings are few, and
        what they say of so small a difference is mostly chance.
        """
        first, stop = forward_parts(chosen.t[rows], STOP_SHARES, together=chosen.evidence[rows])
        if chosen.target[rows[stop]].sum() < LEAST_POSITIVES or not can_teach(chosen, rows[first]):
            return USUAL_ROUNDS, self.scorecard_share
        judge = self._draw(chosen, rows[stop])
        taught, later = self._taught(chosen, rows[first]), _twice(chosen, *judge)
        stopped = self._stopped(chosen, taught, later)
        rounds = max(int(stopped.best_iteration), 1)
        if not self.scorecard_share or "scorecard_share" in self.parameters:
            return rounds, self.scorecard_share
        vectors, target, weight = later
        alone = np.asarray(stopped.predict(vectors, raw_score=True, num_threads=self.threads), np.float64)
        card = fit_scorecard(*taught, signs(chosen.past.features), seed=self.seed).log_odds(vectors)
        both = alone + self.scorecard_share * (card - alone)
        whose = codes(take(chosen.past, chosen.rows[judge[0]]), "reseller_id")
        gain = np.bincount(whose, (weight * (_loss(both, target) - _loss(alone, target)))[: len(whose)])
        return rounds, 0.0 if gain.sum() > 2.0 * np.sqrt((gain**2).sum()) else self.scorecard_share

    def _stopped(self, chosen: TrainingSet, taught: _Taught, later: _Taught) -> lgb.Booster:
        """A booster that grew until the later lines gained no more."""
        data = self._data(chosen, taught)
        judge = self._data(chosen, later, data)
        early = lgb.early_stopping(PATIENCE, verbose=False)
        return lgb.train(self._settings(chosen), data, MOST_ROUNDS, valid_sets=[judge], callbacks=[early])

    @property
    def scorecard_share(self) -> float:
        """How much of the log-odds is the scorecard's, from 0 to 1."""
        return float(self.parameters.get("scorecard_share", SCORECARD_SHARE))

    def _taught(self, chosen: TrainingSet, rows: Rows) -> _Taught:
        return _twice(chosen, *self._draw(chosen, rows))

    def _draw(self, chosen: TrainingSet, rows: Rows) -> tuple[Rows, Floats]:
        """Of the rows without a finding at most `MOST_UNKNOWN`; and what each row left (n_rows,) stands for."""
        unknown = chosen.labels.kind[rows] == Kind.UNKNOWN
        known, maybe = np.flatnonzero(~unknown), np.flatnonzero(unknown)
        if len(maybe) <= MOST_UNKNOWN:
            return rows, np.ones(len(rows))
        some = np.random.default_rng(self.seed).choice(maybe, MOST_UNKNOWN, replace=False)
        kept = np.sort(np.concatenate([known, some]))
        return rows[kept], np.where(unknown[kept], len(maybe) / MOST_UNKNOWN, 1.0)

    def _data(self, chosen: TrainingSet, taught: _Taught, like: lgb.Dataset | None = None) -> lgb.Dataset:
        vectors, target, weight = taught
        names = list(chosen.past.features.names)
        return lgb.Dataset(vectors, target, weight=weight, feature_name=names, reference=like)

    def _settings(self, chosen: TrainingSet) -> dict[str, Any]:
        given = {**PARAMETERS, **self.parameters}
        return {
            **{name: value for name, value in given.items() if name != "scorecard_share"},
            "objective": "binary",
            "metric": "binary_logloss",
            "monotone_constraints": signs(chosen.past.features),
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,  # the column-wise choice is timed, so it may change from run to run
            "num_threads": self.threads,
            "verbosity": -1,
        }


def _twice(chosen: TrainingSet, rows: Rows, drawn: Floats) -> _Taught:
    """Vectors, targets and weights of the rows; one that may be diverted stands there twice, see `unlabelled`."""
    vectors, target = chosen.past.values[chosen.rows[rows]], chosen.target[rows]
    weight = chosen.weight[rows] * drawn
    if len(chosen.chance):
        maybe = np.flatnonzero(chosen.chance[rows] > 0.0)
        chance = chosen.chance[rows][maybe]
        vectors, target = np.concatenate([vectors, vectors[maybe]]), np.append(target, np.ones(len(maybe)))
        taken = weight[maybe] * chance
        weight = np.append(weight, taken)
        weight[maybe] -= taken
    return vectors, target, weight


def _loss(log_odds: Floats, target: Floats) -> Floats:
    """Logistic loss (n_lines,)."""
    loss: Floats = np.logaddexp(0.0, log_odds) - target * log_odds
    return loss


def can_teach(chosen: TrainingSet, rows: Rows) -> bool:
    """Whether these rows hold both kinds."""
    return bool(0 < chosen.target[rows].sum() < len(rows))
