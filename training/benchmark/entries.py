"""Entries of the benchmark. An entry learns from a task's lines and scores others; nothing else is asked of it.

>>> class Mine:
...     name = "the dearest first"
...     def fit(self, teach): ...
...     def score(self, lines): return lines.features["line_value_log2"].to_numpy()
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer

from features.measures import Refused
from training.benchmark import reference, rules
from training.benchmark.champion import Champion
from training.benchmark.tasks import Lines, Taught
from training.split import forward_folds

Floats = NDArray[np.float64]


class Entry(Protocol):
    """What an entry must have; `score` answers (n_lines,), higher is riskier."""

    name: str

    def fit(self, teach: Taught) -> None:
        """Learn from lines with observed labels."""

    def score(self, lines: Lines) -> Floats:
        """Scores of lines that were not taught."""


@dataclass
class Rule:
    """A rule on the frozen features that learns nothing."""

    name: str
    rule: Callable[[pd.DataFrame], Floats]

    def fit(self, teach: Taught) -> None:
        """Nothing to learn."""

    def score(self, lines: Lines) -> Floats:
        """What the rule says."""
        return self.rule(lines.features)


def _prior(table: pd.DataFrame) -> Floats:
    return np.zeros(len(table))


@dataclass
class Logistic:
    """Logistic regression on ranked features; its strength is chosen by forward folds within training."""

    name: str = "logistic"
    strengths: tuple[float, ...] = (0.001, 0.01, 0.1, 1.0)
    model: Pipeline | None = None

    def fit(self, teach: Taught) -> None:
        """Choose the strength by average precision on judged lines of later folds, then learn from all lines."""
        table, t = teach.features, teach.world.t[teach.rows]
        scores = {strength: self._forward(table, t, teach, strength) for strength in self.strengths}
        self.model = self._fitted(table, teach.label, teach.weight, max(scores, key=lambda each: scores[each]))

    def score(self, lines: Lines) -> Floats:
        """Probabilities that rank."""
        if self.model is None:
            raise Refused("entry", self.name, "was not taught", "call fit first")
        return np.asarray(self.model.predict_proba(lines.features)[:, 1], np.float64)

    def _forward(self, table: pd.DataFrame, t: NDArray[np.int64], teach: Taught, strength: float) -> float:
        found = []
        for fold in forward_folds(t, 3):
            judge = fold.judge[teach.judged[fold.judge]]
            if teach.label[judge].any() and not teach.label[judge].all() and teach.label[fold.teach].any():
                rows = fold.teach
                model = self._fitted(table.iloc[rows], teach.label[rows], teach.weight[rows], strength)
                scores = model.predict_proba(table.iloc[judge])[:, 1]
                found.append(average_precision_score(teach.label[judge], scores))
        return float(np.mean(found)) if found else -strength

    def _fitted(self, table: pd.DataFrame, label: Floats, weight: Floats, strength: float) -> Pipeline:
        kept = (weight >= 1.0) | (np.random.default_rng(7).random(len(label)) < 0.25)  # a quarter of the weak ones
        heavier = np.where(weight >= 1.0, weight, weight * 4.0)
        pipeline = make_pipeline(
            SimpleImputer(add_indicator=True),
            QuantileTransformer(n_quantiles=200, subsample=50_000, random_state=7),
            LogisticRegression(C=strength, max_iter=500),
        )
        return pipeline.fit(table[kept], label[kept], logisticregression__sample_weight=heavier[kept])


@dataclass
class Forest:
    """An isolation forest (Liu, Ting and Zhou 2008): what is unusual, without any label."""

    name: str = "isolation forest"
    model: Any = None

    def fit(self, teach: Taught) -> None:
        """Learn what is usual."""
        self.model = make_pipeline(SimpleImputer(), IsolationForest(random_state=7)).fit(teach.features)

    def score(self, lines: Lines) -> Floats:
        """How unusual each line is."""
        return -np.asarray(self.model.score_samples(lines.features), np.float64)

    def score_resellers(self, rows: pd.DataFrame) -> Floats:
        """How unusual each reseller is among all, one row each."""
        filled = rows.fillna(rows.mean()).fillna(0.0)
        return -np.asarray(IsolationForest(random_state=7).fit(filled).score_samples(filled), np.float64)


@dataclass
class Reference:
    """The frozen reference learner of the gates, on observed labels."""

    name: str = "reference"
    model: Any = None

    def fit(self, teach: Taught) -> None:
        """Grow the trees."""
        self.model = reference.grow(teach.features, teach.label, teach.weight)

    def score(self, lines: Lines) -> Floats:
        """Probabilities that rank."""
        return reference.scored(self.model, lines.features)


@dataclass
class Extra:
    """A classifier of a package that is not always installed, with scikit-learn's interface."""

    name: str
    package: str
    maker: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    model: Any = None

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.package.partition(".")[0]) is not None

    def fit(self, teach: Taught) -> None:
        """Learn with the weights of the lines; of the weak lines a quarter, with four times the weight."""
        kept = (teach.weight >= 1.0) | (np.random.default_rng(7).random(len(teach.label)) < 0.25)
        heavier = np.where(teach.weight >= 1.0, teach.weight, teach.weight * 4.0)
        self.model = getattr(import_module(self.package), self.maker)(**self.arguments)
        self.model.fit(teach.features[kept], teach.label[kept], sample_weight=heavier[kept])

    def score(self, lines: Lines) -> Floats:
        """Probabilities that rank."""
        return np.asarray(self.model.predict_proba(lines.features)[:, 1], np.float64)


def shipped() -> list[Entry]:
    """The entries that ship, without those whose package is not installed."""
    extras = (
        Extra(
            "explainable boosting",
            "interpret.glassbox",
            "ExplainableBoostingClassifier",
            {"random_state": 7, "n_jobs": 1, "outer_bags": 4},
        ),
        Extra(
            "catboost",
            "catboost",
            "CatBoostClassifier",
            {"random_seed": 7, "verbose": False, "thread_count": 1, "allow_writing_files": False},
        ),
    )
    return [
        Rule("prior", _prior),
        Rule("region rule", rules.region),
        Rule("two-term rule", rules.two_term),
        Rule("checklist", rules.checklist),
        Logistic(),
        Forest(),
        *(extra for extra in extras if extra.installed),
        Reference(),
        Champion(),
    ]


def of_path(path: str) -> Entry:
    """An entry of somebody else, named as `module:Class`. Raises `Refused` where it is not one."""
    module, colon, name = path.partition(":")
    if not colon or find_spec(module) is None or not hasattr(import_module(module), name):
        raise Refused("entry", path, "names no class", "write module:Class, with the module on the Python path")
    made = getattr(import_module(module), name)()
    if not all(hasattr(made, each) for each in ("name", "fit", "score")):
        raise Refused("entry", path, "is no entry", "give it a name, fit(teach) and score(lines); see docs/world.md")
    entry: Entry = made
    return entry
