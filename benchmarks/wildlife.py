"""Refused wildlife imports, trained anew each quarter: ours beside a logistic regression and plain LightGBM.

Run, after `diversion import` of the wildlife lines (docs/results.md) into the record of ``DIVERSION_HOME``::

    python -m benchmarks.wildlife

Each quarter of 2019 is judged by models that learned from the lines before it and the findings known by its first day,
as `diversion retrain` on a schedule would have made them. The rivals read the eight declared columns and the quantity
of the same lines, with the same weights: a logistic regression with one column a value, its strength chosen by forward
folds, and LightGBM as it comes on numbers that stand for values. Scores of all quarters are put together; intervals
are drawn by shipment.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.machine import home
from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import instant
from features.record import Record
from features.vector import FeatureTable, feature_table
from training.baselines import declared_columns, logistic
from training.dataset import TrainingSet, take, training_set
from training.fit import fit
from training.intervals import Sample
from training.judging import Candidate, Rows, judge, judging_rows
from training.report import signed

Floats = NDArray[np.float64]
Scores = Callable[[FeatureTable], Floats]

QUARTERS = ("2019-01-01", "2019-04-01", "2019-07-01", "2019-10-01", "2020-01-01")
DECLARED = (
    "genus", "species_code", "description", "country_origin", "country_imp_exp", "port", "purpose", "source",
)  # fmt: skip
STRICT = ("source=U", "country_origin=XX", "country_imp_exp=XX", "purpose=P")
"""Lines whose columns look filled in when a shipment is seized."""
SHARE = 0.02
MEASURES = ("auc", "ap")


def ours(chosen: TrainingSet, seed: int) -> Scores:
    """What `diversion train` makes."""
    booster = lgb.Booster(model_str=fit(chosen, seed=seed, threads=1).text)
    return lambda table: np.asarray(booster.predict(table.values, raw_score=True, num_threads=1), np.float64)


def one_hot(chosen: TrainingSet, seed: int) -> Scores:
    """The tuned logistic regression."""
    return logistic(chosen, seed, DECLARED).score


@dataclass(frozen=True)
class _Numbered:
    """LightGBM on numbers that stand for the values of the teaching lines; a value never seen is missing."""

    booster: lgb.Booster
    values: dict[str, dict[str, int]]

    def score(self, table: FeatureTable) -> Floats:
        return np.asarray(self.booster.predict(_numbers(table, self.values), raw_score=True), np.float64)


def label_encoded(chosen: TrainingSet, seed: int) -> Scores:
    """LightGBM as it comes."""
    columns = declared_columns(chosen.table)
    values = {name: {value: number for number, value in enumerate(sorted(columns[name].unique()))} for name in _NAMED}
    data = lgb.Dataset(_numbers(chosen.table, values), chosen.target, weight=chosen.weight)
    settings = {"objective": "binary", "seed": seed, "num_threads": 1, "deterministic": True, "verbosity": -1}
    return _Numbered(lgb.train(settings, data), values).score


_NAMED = tuple(f"attribute.{name}" for name in DECLARED)


def _numbers(table: FeatureTable, values: dict[str, dict[str, int]]) -> Floats:
    columns = declared_columns(table).reindex(columns=[*values, "quantity_log"])
    numbers = pd.DataFrame({name: columns[name].map(values[name]) for name in values})
    return np.asarray(numbers.assign(quantity=columns["quantity_log"]), np.float64)


ENTRIES: dict[str, Callable[[TrainingSet, int], Scores]] = {
    "ours": ours, "logistic regression": one_hot, "label-encoded LightGBM": label_encoded,
}  # fmt: skip


def scores(record: Record, table: FeatureTable, seed: int) -> dict[str, Floats]:
    """What each entry says of each line (n_lines,) of the quarters, NaN before the first."""
    t = np.asarray(table.lines["t"].to_numpy(), np.int64)
    said = {name: np.full(len(t), np.nan) for name in ENTRIES}
    for start, end in track(list(_quarters()), "quarters", console=Console(stderr=True)):
        rows = np.flatnonzero((t >= start) & (t < end))
        chosen = training_set(table, record.findings(), start)
        for name, taught in ENTRIES.items():
            said[name][rows] = taught(chosen, seed)(take(table, rows))
    return said


def _quarters() -> Iterator[tuple[int, int]]:
    edges = [instant(f"{day}T00:00:00Z") for day in QUARTERS]
    yield from pairwise(edges)


def judged(rows: Rows, said: dict[str, Floats], draws: int) -> dict[str, Sample]:
    """Measures of each entry on the rows, with the same draws."""
    candidates = [Candidate(name, score[rows.index], calibrated=False) for name, score in said.items()]
    return judge(rows, candidates, SHARE, draws)


def show(found: dict[str, tuple[Rows, dict[str, Sample]]], console: Console) -> None:
    """A table of both sets of rows."""
    table = Table("rows", "", "AUC", "average precision", "ours ahead in AUC", "ours ahead in AP")
    for name, (rows, samples) in found.items():
        told = f"{name}: {len(rows.label):,} lines, {int(rows.label.sum())} refused"
        for entry, sample in samples.items():
            own = [f"{sample.interval(each)}" for each in MEASURES]
            ahead = [signed(samples["ours"].minus(sample, each)) if entry != "ours" else "" for each in MEASURES]
            table.add_row(told if entry == "ours" else "", entry, *own, *ahead)
    console.print(table)


def main() -> None:
    """Train, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--draws", type=int, default=2_000)
    asked = parser.parse_args()
    with Record.open(f"sqlite:///{home().resolve() / 'record.db'}") as record:
        book = Book.of(record)
        table = feature_table(book, catalogue(book.attributes()))
        said = scores(record, table, asked.seed)
        period = [instant(f"{day}T00:00:00Z") for day in (QUARTERS[0], QUARTERS[-1])]
        found = {}
        for name, without in (("all", ()), ("without outcome-coded rows", STRICT)):
            rows = judging_rows(
                table, record.findings(), start=period[0], end=period[1], by="order", exclude=without
            )  # fmt: skip
            found[name] = rows, judged(rows, said, asked.draws)
    show(found, Console(width=160))


if __name__ == "__main__":
    main()
