"""Our champion as an entry: the engine's catalogue, the usual training set, the usual trees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.facts.book import Book
from features.vector import FeatureTable, feature_table
from models.calibration import Platt
from training.benchmark.tasks import Lines, Taught
from training.benchmark.world import World
from training.dataset import Inconclusive, Unknown, take, training_set
from training.fit import fit
from training.sample import MOST_ORDERS, sample

Floats = NDArray[np.float64]


_TABLES: dict[str, FeatureTable] = {}
"""The vectors of the newest world, shared by all variants."""


@dataclass
class Champion:
    """What `diversion train` would train; the vectors of a world are computed once."""

    name: str = "champion"
    unknown: Unknown = "weak"
    inconclusive: Inconclusive = "drop"
    most_orders: int = MOST_ORDERS
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tables: dict[str, FeatureTable] = field(default_factory=lambda: _TABLES)
    model: lgb.Booster | None = None
    calibration: Platt = field(default_factory=lambda: Platt(1.0, 0.0))

    def fit(self, teach: Taught) -> None:
        """Train on the lines of the resellers that teach."""
        table = self._table(teach.world)
        among = set(teach.world.reseller[teach.rows])
        rows = np.flatnonzero([name in among for name in teach.world.reseller])
        book = teach.world.book
        past, findings = take(table, rows), findings_of(book)
        chosen = training_set(
            past, findings, teach.until, statuses=statuses_of(book), unknown=self.unknown,
            inconclusive=self.inconclusive, share=sample(past.lines, findings, teach.until, self.most_orders).share,
        )  # fmt: skip
        fitted = fit(chosen, threads=1, parameters=self.parameters)
        self.model, self.calibration = lgb.Booster(model_str=fitted.text), fitted.calibration

    def score(self, lines: Lines) -> Floats:
        """Log odds that rank."""
        if self.model is None:
            raise ValueError("the champion was not taught; call fit first")
        values = self._table(lines.world).values[lines.rows]
        return np.asarray(self.model.predict(values, raw_score=True), np.float64)

    def probabilities(self, lines: Lines) -> Floats:
        """Calibrated probabilities (n_lines,) of a finding `diverted`, as the service would answer."""
        return self.calibration.apply(self.score(lines))

    def _table(self, of: World) -> FeatureTable:
        key = str(of.folder)
        if key not in self.tables:
            table = feature_table(of.book, catalogue())
            ids = table.lines.column("order_id").to_pandas().to_numpy(str)
            if not np.array_equal(ids, of.lines["order_id"].to_numpy(str)):
                raise ValueError("the engine gives the lines in another order than the file")
            self.tables.clear()
            self.tables[key] = table
        return self.tables[key]


def dropping() -> Champion:
    """Lines without a finding teach nothing."""
    return Champion("unknown dropped", unknown="drop")


def corrected() -> Champion:
    """Positive-unlabelled correction by the random audits."""
    return Champion("unknown corrected", unknown="pu")


def vague() -> Champion:
    """Inconclusive findings count as none."""
    return Champion("inconclusive as unknown", inconclusive="weak")


def sampled() -> Champion:
    """Of the orders without a finding 20,000 are computed, about a quarter of those of a `standard` world."""
    return Champion("sampled", most_orders=20_000)


def shallow() -> Champion:
    """Trees of three splits on the way to a leaf at most: fewer features hang together in a leaf."""
    return Champion("depth 3", parameters={"max_depth": 3})


def leafy() -> Champion:
    """Trees of 31 leaves and any depth, LightGBM's own choice."""
    return Champion("31 leaves", parameters={"num_leaves": 31})


def findings_of(book: Book) -> pa.Table:
    """The columns of `Record.findings` that labels and folds are made of."""
    said = [(each.position, each.known_at, each.event) for each in book.findings]
    rows = [
        (position, known_at, e.finding_id, e.revision, e.outcome.value, e.order_id, e.line_id, e.propensity, e.source)
        for position, known_at, e in said
    ]
    judged = ["outcome", "order_id", "line_id", "propensity", "source"]
    names = ["position", "known_at", "finding_id", "revision", *judged]
    return pa.Table.from_pandas(pd.DataFrame(rows, columns=names), preserve_index=False)


def statuses_of(book: Book) -> pa.Table:
    """The columns of `Record.statuses` that a training set looks at."""
    rows = [(each.position, each.known_at, each.event.order_id, each.event.status.value) for each in book.statuses]
    names = ["position", "known_at", "order_id", "status"]
    return pa.Table.from_pandas(pd.DataFrame(rows, columns=names), preserve_index=False)
