"""A LightGBM booster as text: calibrated probabilities and the contributions behind them.

Both come from tables made of the trees (`models.tree_tables`), in files and in the service alike; LightGBM itself
answers where trees are too deep for them. Its raw scores are the same, bit for bit.

Errors: `NotAClassifier` for a text that LightGBM reads but that is no binary classifier. A text that LightGBM
cannot parse may abort the whole process: `models.artefact` checks its hash, and tries it in a child process.
"""

from functools import cached_property

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.windows.feature_set import FeatureSet
from models import tree_shap
from models.tree_tables import Tables, tables

ROWS_PER_THREAD = 256
"""Below this many rows, starting threads costs more than they save."""

MANY = 32
"""Rows from which the tables answer sooner, however large the trees are."""

MOST_PIECES = 2
"""Of a tree, on average, above which LightGBM scores single rows sooner than the tables do (`benchmarks.reasons`)."""


class NotAClassifier(ValueError):
    """The text holds another kind of model than a binary LightGBM classifier."""


def header(text: str) -> dict[str, str]:
    """What a LightGBM text says before its first tree; a bare word such as ``average_output`` has the value ''."""
    head = text.partition("\nTree=")[0]
    return {key: value for key, _, value in (line.partition("=") for line in head.splitlines()) if key}


def signs(features: FeatureSet) -> list[int]:
    """LightGBM's ``monotone_constraints``: one of -1, 0, +1 a column, in the order of the columns.

    Every feature is a number, so none is declared categorical: LightGBM aborts the process where a categorical
    column carries a sign. A missing value escapes the sign: it goes down whichever branch training chose.
    """
    return [int(feature.sign) for feature in features.features]


class Classifier:
    """A binary LightGBM model, loaded from its text.

    `feature_names` are the columns in their order, `text` is what it was loaded from.

    Raises `NotAClassifier` unless the objective is ``binary sigmoid:1``, whose raw score is a log-odds.
    """

    def __init__(self, text: str) -> None:
        objective = header(text).get("objective", "")
        if objective.split() != ["binary", "sigmoid:1"]:
            raise NotAClassifier(
                f"objective: {objective!r} is not 'binary sigmoid:1'; train with objective=binary and sigmoid=1"
            )
        self.text = text
        self._booster = lgb.Booster(model_str=text)
        self.feature_names: tuple[str, ...] = tuple(self._booster.feature_name())

    def predict(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities, shape (n,), in [0, 1], of `values`, shape (n, k), NaN where a value is missing.

        A row's probability is the same bit for bit, alone or among others.
        """
        rows = self._rows(values)
        scored = self._scored_by(rows)
        return self._ask(rows) if scored is None else tree_shap.probabilities(scored, rows)

    def log_odds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw scores, shape (n,), in log-odds."""
        rows = self._rows(values)
        scored = self._scored_by(rows)
        return self._ask(rows, raw_score=True) if scored is None else tree_shap.log_odds(scored, rows)

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """TreeSHAP, shape (n, k + 1), in log-odds: one column a feature, the last the expected value.

        Each row sums to the row's log-odds.
        """
        rows = self._rows(values)
        if self._tables is not None:
            return tree_shap.contributions(self._tables, rows)
        return self._ask(rows, pred_contrib=True)

    @cached_property
    def _tables(self) -> Tables | None:
        """Made when they are first needed: reading a model stays quick."""
        return tables(self.text, average="average_output" in header(self.text))

    @cached_property
    def _quick_for_few(self) -> bool:
        made = self._tables
        return made is not None and len(made.first_leaf) - 1 <= MOST_PIECES * self._booster.num_trees()

    def _scored_by(self, rows: NDArray[np.float64]) -> Tables | None:
        """The tables, unless LightGBM walks a few rows through large trees sooner."""
        return self._tables if len(rows) >= MANY or self._quick_for_few else None

    def _rows(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        # C-contiguous: LightGBM would copy anything else; a DataFrame would be matched by position in silence.
        rows = np.ascontiguousarray(values, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.feature_names):
            raise ValueError(f"values: shape {rows.shape} is not (n, {len(self.feature_names)}); give one row a line")
        return rows

    def _ask(self, rows: NDArray[np.float64], **how: bool) -> NDArray[np.float64]:
        shape = (len(rows), len(self.feature_names) + 1) if how.get("pred_contrib") else (len(rows),)
        if not len(rows):
            return np.empty(shape)  # LightGBM divides by the number of rows
        threads = 1 if len(rows) < ROWS_PER_THREAD else 0  # 0 leaves the number to LightGBM
        answer = self._booster.predict(rows, num_threads=threads, **how)
        return np.asarray(answer, dtype=np.float64).reshape(shape)
