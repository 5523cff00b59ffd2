"""The rivals a model must beat, trained on the same lines with the same weights.

``prior``
    the share of diverted lines; ranks nothing.
``two_term``
    a reseller with diverted findings known by then x sensitive goods: what a clerk would do by hand.
``checklist``
    how many red flags a line shows: what is done where there is no model.
``ebm``, ``catboost``
    an explainable boosting machine (Nori et al. 2019) and CatBoost (Prokhorenkova et al. 2018) on our own features,
    with the weights of the lines; they need ``pip install '.[rivals]'``.
``logistic``
    a tuned logistic regression on what was declared of the line, one column for each value; it knows no history.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from features.measures import Refused
from features.vector import FeatureTable
from features.windows.view import FindingRate
from training.columns import attribute_columns
from training.dataset import TrainingSet, feature
from training.split import forward_folds

Floats = NDArray[np.float64]

DECLARED = ("category", "sku", "end_user_class", "declared_use", "ship_country", "ship_region")
MAX_VALUES = 500
"""A declared column with more different values than this is left out: it names things, it does not class them."""

RARE = 5
"""Values seen on fewer teaching lines share one column, and so does a value never seen."""

SENSITIVE = "product_sensitivity"
"""The line feature that says how sensitive the goods are."""

STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Inverse regularisation strengths tried."""


class Rival(Protocol):
    """Anything that scores order lines."""

    def score(self, table: FeatureTable) -> Floats:
        """Probabilities (n_lines,) in [0, 1], or scores that rank."""


@dataclass(frozen=True)
class Prior:
    """The same probability for every line."""

    share: float

    def score(self, table: FeatureTable) -> Floats:
        """The share of diverted lines in training, for each line."""
        return np.full(table.lines.num_rows, self.share)


@dataclass(frozen=True)
class TwoTerm:
    """The mean outcome in each of the four cells: reseller found out above `usual` or not x sensitive or not."""

    rate: str
    usual: float
    sensitive: str | None
    shares: Floats

    def score(self, table: FeatureTable) -> Floats:
        """The mean outcome in the line's cell in training."""
        scores: Floats = self.shares[self.cells(table)]
        return scores

    def cells(self, table: FeatureTable) -> NDArray[np.intp]:
        """The cell (n_lines,) of each line: 2 x suspect reseller + sensitive goods."""
        suspect = feature(table, self.rate) > self.usual
        goods = np.zeros(len(suspect), np.bool_) if self.sensitive is None else feature(table, self.sensitive) >= 2
        return (2 * suspect + goods).astype(np.intp)


@dataclass(frozen=True)
class Flag:
    """A feature that reads as a red flag from `least` up to `most`, in the feature's unit; a missing value is none."""

    feature: str
    least: float = -np.inf
    most: float = np.inf

    def shown(self, table: FeatureTable) -> NDArray[np.bool_]:
        """Which lines (n_lines,) show it."""
        value = feature(table, self.feature)
        return (value >= self.least) & (value <= self.most)


@dataclass(frozen=True)
class Checklist:
    """How many of the flags a line shows."""

    flags: tuple[Flag, ...]

    def score(self, table: FeatureTable) -> Floats:
        """The number of flags (n_lines,)."""
        flags: Floats = np.sum([flag.shown(table) for flag in self.flags], axis=0, dtype=np.float64)
        return flags


@dataclass(frozen=True)
class Boosted:
    """A classifier of another package on our features."""

    classifier: Any

    def score(self, table: FeatureTable) -> Floats:
        """Probabilities (n_lines,) that the line is diverted."""
        probability: Floats = np.asarray(self.classifier.predict_proba(table.values)[:, 1], np.float64)
        return probability


@dataclass(frozen=True)
class Logistic:
    """Logistic regression on declared columns; `strength` was chosen by forward folds within training."""

    pipeline: Pipeline
    strength: float

    def score(self, table: FeatureTable) -> Floats:
        """Probabilities (n_lines,) that the line is diverted."""
        declared = declared_columns(table)
        wanted = self.pipeline.feature_names_in_
        known = declared.reindex(columns=[*wanted])
        probability: Floats = self.pipeline.predict_proba(known)[:, 1]
        return probability


def prior(chosen: TrainingSet, seed: int = 7) -> Prior:  # noqa: ARG001 - all rivals are made alike
    """The weighted share of diverted lines."""
    return Prior(float(np.average(chosen.target, weights=chosen.weight)))


def two_term(chosen: TrainingSet, seed: int = 7) -> TwoTerm | None:  # noqa: ARG001
    """The two-term rule, or None where the definitions hold no finding rate of the reseller."""
    definitions = chosen.table.features
    reseller = [view for view in definitions.views if view.entity == "reseller"]
    priors = [each.prior for view in reseller for each in view.features if isinstance(each, FindingRate)]
    if not priors:
        return None
    rate = next(name for name in definitions.names if name.startswith("reseller_finding_rate"))
    sensitive = SENSITIVE if SENSITIVE in definitions.names else None
    rule = TwoTerm(rate, priors[0], sensitive, np.zeros(4))
    cell = rule.cells(chosen.table)
    share = float(np.average(chosen.target, weights=chosen.weight))
    hits = np.bincount(cell, chosen.weight * chosen.target, minlength=4) + share
    return replace(rule, shares=hits / (np.bincount(cell, chosen.weight, minlength=4) + 1.0))


FLAGS = (
    Flag("product_sensitivity", least=2.0),
    Flag("ship_to_region_sensitivity", least=1.0),
    Flag("ship_to_hub", least=1.0),
    Flag("ship_to_in_territory", most=0.0),
    Flag("for_stock", least=1.0),
    Flag("end_user_undeclared", least=1.0),
    Flag("reseller_value_to_mean_365d", least=3.0),
    Flag("reseller_orders_burst_10d", least=3.0),
    Flag("price_to_list", least=1.5),
)
"""The red flags of the checklist. Our choice; definitions of an analyst's own may hold fewer of their features."""


def checklist(chosen: TrainingSet, seed: int = 7) -> Checklist | None:  # noqa: ARG001
    """The checklist of the flags that the definitions hold, or None where they hold none."""
    flags = tuple(flag for flag in FLAGS if flag.feature in chosen.past.features.names)
    return Checklist(flags) if flags else None


def ebm(chosen: TrainingSet, seed: int = 7) -> Boosted:
    """An explainable boosting machine; raises `Refused` where its package is not installed."""
    return _boosted(
        chosen, "interpret.glassbox", "ExplainableBoostingClassifier", random_state=seed, n_jobs=1, outer_bags=4
    )


def catboost(chosen: TrainingSet, seed: int = 7) -> Boosted:
    """CatBoost as it comes; raises `Refused` where its package is not installed."""
    return _boosted(
        chosen, "catboost", "CatBoostClassifier", random_seed=seed, verbose=False, thread_count=1,
        allow_writing_files=False,
    )  # fmt: skip


def _boosted(chosen: TrainingSet, package: str, maker: str, **arguments: Any) -> Boosted:
    if find_spec(package.partition(".")[0]) is None:
        raise Refused("rival", package, "is not installed", "pip install '.[rivals]'")
    made = getattr(import_module(package), maker)(**arguments)
    made.fit(chosen.table.values, chosen.target, sample_weight=chosen.weight)
    return Boosted(made)


def logistic(chosen: TrainingSet, seed: int = 7, declared_as: Sequence[str] = ()) -> Logistic:
    """The tuned logistic regression. Strength: best mean average precision over three forward folds.

    `declared_as` names the attributes and declared columns that it may read, all that sort lines into classes unless
    given. Raises `Refused` for a name that no line carries.
    """
    declared = declared_columns(chosen.table)
    columns = [name for name in declared if _classes(declared[name])]
    if declared_as:
        columns = [_named(name, declared) for name in declared_as]
    declared = declared[[*columns, *_NUMBERS]]
    scores = {strength: _forward_score(declared, chosen, strength, seed) for strength in STRENGTHS}
    strength = max(scores, key=lambda each: scores[each])
    return Logistic(_fitted(declared, chosen.target, chosen.weight, strength, seed), strength)


_NUMBERS = ("quantity_log", "value_log")


def declared_columns(table: FeatureTable) -> pd.DataFrame:
    """Declared text columns and attributes, with ``log1p`` of quantity (units) and value (major units)."""
    lines = table.lines
    declared = lines.select(list(DECLARED)).to_pandas().astype(object).fillna("(none)")
    attributes = attribute_columns(lines).fillna("(none)").add_prefix("attribute.")
    numbers = {
        "quantity_log": np.log1p(_numbers(lines, "quantity_milli") / 1_000),
        "value_log": np.log1p(_numbers(lines, "value") / 100),
    }
    return pd.concat([declared, attributes, pd.DataFrame(numbers)], axis=1)


def _named(name: str, declared: pd.DataFrame) -> str:
    for column in (f"attribute.{name}", name):
        if column in declared:
            return column
    known = ", ".join(column.removeprefix("attribute.") for column in declared)
    raise Refused("--declared", name, "is no declared column or attribute", f"use some of {known}")


def _numbers(lines: Any, column: str) -> Floats:
    numbers: Floats = lines.column(column).to_pandas().astype("float64").to_numpy()
    return numbers


def _classes(column: pd.Series) -> bool:
    """Whether a declared column sorts lines into classes: it varies, and not line by line."""
    return column.name not in _NUMBERS and 1 < column.nunique() <= MAX_VALUES


def _forward_score(declared: pd.DataFrame, chosen: TrainingSet, strength: float, seed: int) -> float:
    """Mean average precision over forward folds, on lines that a finding decided; -1 where no fold can judge."""
    scores = []
    for fold in forward_folds(chosen.t, 3, together=chosen.evidence):
        judge = fold.judge[chosen.judged[fold.judge]]
        truth = chosen.target[judge]
        if truth.any() and not truth.all() and chosen.target[fold.teach].any():
            teach = fold.teach
            fitted = _fitted(declared.iloc[teach], chosen.target[teach], chosen.weight[teach], strength, seed)
            scores.append(average_precision_score(truth, fitted.predict_proba(declared.iloc[judge])[:, 1]))
    return float(np.mean(scores)) if scores else -1.0


def _fitted(declared: pd.DataFrame, target: Floats, weight: Floats, strength: float, seed: int) -> Pipeline:
    classes = [name for name in declared if name not in _NUMBERS]
    one_hot = OneHotEncoder(min_frequency=RARE, handle_unknown="infrequent_if_exist")
    numbers = make_pipeline(SimpleImputer(add_indicator=True, keep_empty_features=True), StandardScaler())
    pipeline = Pipeline(
        [
            ("columns", ColumnTransformer([("class", one_hot, classes), ("number", numbers, list(_NUMBERS))])),
            ("logistic", LogisticRegression(C=strength, max_iter=5_000, random_state=seed)),
        ]
    )
    return pipeline.fit(declared, target, logistic__sample_weight=weight)


BASELINES: Mapping[str, Callable[[TrainingSet, int], Rival | None]] = {
    "prior": prior,
    "two_term": two_term,
    "checklist": checklist,
    "logistic": logistic,
    "ebm": ebm,
    "catboost": catboost,
}
"""Rivals by name; None where the definitions do not allow one."""
