"""Search for LightGBM's parameters: bounded, seeded, resumable, pruned (Optuna: Akiba et al. 2019).

A trial grows trees on forward-chaining folds of the training set, each stopped early on its later part, and is worth
the mean average precision on later *judged* lines. Folds go from old to new, so a poor trial is given up after the
first. The study lies in a SQLite file of the home folder under the fingerprint of the data: the same search goes on
where it was interrupted, and other data begin anew. The usual parameters are the first trial, so a search never ends
below them on its own folds. Choosing by these folds flatters the folds: only later lines tell what was gained.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray

from training.dataset import TrainingSet
from training.growing import PARAMETERS, SCORECARD_SHARE, Trees
from training.metrics import Ranking, average_precision
from training.split import Fold, forward_folds

Rows = NDArray[np.intp]
Progress = Callable[[str, float], None]

FOLDS = 3
FOLD_POSITIVES = 5
"""Diverted lines that a fold needs on both sides to judge a trial."""

FILE = "search.db"
"""The studies, under the home folder."""


@dataclass(frozen=True)
class Trial:
    """One trial: its number, parameters, mean average precision (None where given up) and trees of its last fold."""

    number: int
    parameters: Mapping[str, Any]
    score: float | None
    rounds: int


@dataclass(frozen=True)
class Search:
    """What a search found: the best parameters, its score, and all trials; `usual` is the score of `PARAMETERS`."""

    best: Mapping[str, Any]
    score: float
    usual: float
    trials: tuple[Trial, ...]

    def statement(self) -> str:
        """One sentence for the output and the card."""
        given_up = sum(trial.score is None for trial in self.trials)
        return (
            f"parameters from {len(self.trials)} trials ({given_up} given up early): average precision "
            f"{self.score:.3f} on forward folds within training, {self.usual:.3f} with the usual ones"
        )


def search(
    chosen: TrainingSet, home: Path, *, trials: int, seed: int = 7, threads: int = 0, progress: Progress | None = None
) -> Search | None:
    """Search until the study holds `trials` trials; None where the folds hold too few findings to judge one."""
    every = forward_folds(chosen.t, FOLDS, together=chosen.evidence)
    folds = [fold for fold in every if _judges(chosen, fold)]
    if not folds:
        return None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    home.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{home.resolve() / FILE}",
        study_name=f"{chosen.fingerprint()[:24]}-{seed}",
        load_if_exists=True,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )
    if not study.trials:
        study.enqueue_trial(dict(PARAMETERS_OF_SPACE))
    while (done := _finished(study)) < trials:
        # A sampler seeded by the trial's number draws alike whether or not the search was interrupted before it.
        study.sampler = optuna.samplers.TPESampler(seed=seed * 1_000 + done, n_startup_trials=8)
        if progress is not None:
            progress("searching for parameters", done / trials)
        study.optimize(lambda trial: _score(trial, chosen, folds, seed, threads), n_trials=1)
    return _found(study)


SPACE: Mapping[str, tuple[Any, ...]] = {
    "learning_rate": ("float", 0.005, 0.05),
    "num_leaves": ("int", 4, 32),
    "min_data_in_leaf": ("int", 5, 80),
    "lambda_l2": ("float", 0.1, 30.0),
    "feature_fraction": ("share", 0.2, 1.0),
    "bagging_fraction": ("share", 0.5, 1.0),
    "scorecard_share": ("share", 0.0, 1.0),
}
"""Bounds of the search: small trees, since findings are few. Our choice."""

PARAMETERS_OF_SPACE = {name: {**PARAMETERS, "scorecard_share": SCORECARD_SHARE}[name] for name in SPACE}


def _suggested(trial: optuna.Trial) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (kind, low, high) in SPACE.items():
        if kind == "int":
            found[name] = trial.suggest_int(name, low, high, log=True)
        else:
            found[name] = trial.suggest_float(name, low, high, log=kind == "float")
    return found


def _score(trial: optuna.Trial, chosen: TrainingSet, folds: list[Fold], seed: int, threads: int) -> float:
    trees, scores = Trees(_suggested(trial), seed, threads), []
    for number, fold in enumerate(folds):
        rounds, _ = trees.useful(chosen, fold.teach)
        booster = trees.grow(chosen, fold.teach, rounds)
        trial.set_user_attr("rounds", rounds)
        judge = fold.judge[chosen.judged[fold.judge]]
        odds = np.asarray(booster.predict(chosen.table.values[judge], raw_score=True), np.float64)
        counts = Ranking.of(odds, chosen.target[judge]).counts(np.ones((1, len(judge))))
        scores.append(float(average_precision(*counts)[0]))
        trial.report(float(np.mean(scores)), number)
        if number + 1 < len(folds) and trial.should_prune():
            raise optuna.TrialPruned
    return float(np.mean(scores))


def _judges(chosen: TrainingSet, fold: Fold) -> bool:
    judge = fold.judge[chosen.judged[fold.judge]]
    found = chosen.target[judge].sum()
    return bool(FOLD_POSITIVES <= found < len(judge) and chosen.target[fold.teach].sum() >= FOLD_POSITIVES)


_ENDED = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)


def _finished(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=_ENDED))


def _found(study: optuna.Study) -> Search:
    ended = study.get_trials(deepcopy=False, states=_ENDED)
    pruned = optuna.trial.TrialState.PRUNED
    trials = tuple(
        Trial(each.number, each.params, None if each.state is pruned else each.value, each.user_attrs.get("rounds", 0))
        for each in ended
    )
    return Search(dict(study.best_params), study.best_value, float(trials[0].score or 0.0), trials)
