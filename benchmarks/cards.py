"""Fraud found on the Handbook's card transactions: its published models by its protocol, and ours beside them.

Run, the folder HANDBOOK holding transactions, customers and terminals as Parquet files::

    HANDBOOK=folder python -m benchmarks.cards prepare var/cards/files
    DIVERSION_HOME=var/cards diversion import --mapping examples/handbook.toml var/cards/files
    HANDBOOK=folder DIVERSION_HOME=var/cards python -m benchmarks.cards published
    HANDBOOK=folder DIVERSION_HOME=var/cards python -m benchmarks.cards ours

The protocol (Le Borgne, Siblini, Lebichot, Bontempi 2022, chapters 3 and 5): a model learns from seven days, knows
each transaction's label seven days after it, and is judged on the seven days after that delay: the official week learns
from 2018-07-25 on and judges from 2018-08-08 on, and three more folds follow, a week later each. Customers whose fraud
is known by then judge no more. Card precision: of the 100 customers a day with the highest score, the share that is
defrauded and was not found on an earlier day.

Ours learns from every transaction of the last `TAUGHT_DAYS` days whose label is known when the judged week begins: what
`diversion train --until` does. Features come from our definitions alone, through the record, and none knows of the
generator's scenarios. It is simulated card fraud, and says nothing of diversion.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.handbook import theirs
from benchmarks.machine import home
from features.facts.book import Book
from features.measures import DAY
from features.record import Record
from features.vector import FeatureTable, feature_table
from features.windows.feature_set import FeatureSet
from features.windows.view import (
    ALL,
    Count,
    Distinct,
    FindingRate,
    LineFeature,
    Max,
    Mean,
    Ratio,
    SinceLast,
    Std,
    View,
    ZScore,
)
from training.dataset import take, training_set
from training.growing import Trees

Floats = NDArray[np.float64]
Scores = Callable[[pd.DataFrame, pd.DataFrame], Floats]

FIRST = pd.Timestamp("2018-07-25")
WEEK = pd.Timedelta(days=7)
FOLDS = 4
PUBLISHED = {"logistic regression": (0.871, 0.606, 0.291), "random forest": (0.867, 0.658, 0.287)}
"""AUC, average precision and card precision of the official week, as published."""

PUBLISHED_FOLDS = {"random forest": 0.672, "random forest, 20 deep": 0.678}
"""Average precision of four weekly folds, as published (chapter 5: at most 50 deep; at most 20, which it chose)."""

TAUGHT_DAYS = 35
PARAMETERS = {"learning_rate": 0.05, "num_leaves": 16, "min_data_in_leaf": 60, "scorecard_share": 0.0}
"""Larger trees than for findings that are few, and no scorecard."""

ROUNDS = 300
RECENT: tuple[int, ...] = (1, 7, 14, 30)

FEATURES = FeatureSet(
    lines=(
        LineFeature("line_value", "direct", ("value",), "currency", "transaction", "the line is worth {value}", 0.01),
        LineFeature(
            "ship_to_plane_distance_km", "direct", ("plane_distance",), "km", "location", "it goes {value} km", 0.001
        ),
    ),
    views=(
        View(
            "reseller", ("reseller",), "reseller", "this terminal",
            (Count("orders", windows=RECENT), Mean("value", windows=(7, 30)), Distinct("end_user", windows=(30,)),
             Ratio("value", windows=(30,)), Count("diverted", windows=(*RECENT, ALL)),
             SinceLast("diverted", windows=(60,)), SinceLast("cleared", windows=(60,)),
             FindingRate(windows=(*RECENT, ALL), prior=0.01)),
        ),
        View(
            "end_user", ("end_user",), "end_user", "this customer",
            (Count("orders", windows=RECENT), Mean("value", windows=(*RECENT, ALL)), Max("value", windows=(7, 30)),
             Std("value", windows=(30,)), Ratio("value", windows=(7, 30, ALL)), ZScore("value", windows=(30, ALL)),
             SinceLast("orders"), Distinct("reseller", windows=(7, 30)), Count("diverted", windows=(*RECENT, ALL)),
             SinceLast("diverted", windows=(60,)), FindingRate(windows=(14, 30), prior=0.01)),
        ),
        View("pair", ("end_user", "reseller"), "end_user", "this customer here", (Count("orders", windows=(30, ALL)),)),
    ),
)  # fmt: skip
"""What is counted of a terminal and a customer: the same statistics as of a reseller and an end user, shorter windows,
since labels come after a week and not after months."""


def transactions(folder: Path) -> pd.DataFrame:
    """The transactions in order of time."""
    table = pd.read_parquet(folder / "transactions.parquet").drop(columns="TX_FRAUD_SCENARIO", errors="ignore")
    return table.sort_values("TX_DATETIME", kind="stable", ignore_index=True)


def prepare(source: Path, target: Path) -> None:
    """Write the files that the mapping reads: each transaction with the place of its customer."""
    target.mkdir(parents=True, exist_ok=True)
    customers = pd.read_parquet(source / "customers.parquet")
    table = transactions(source).merge(customers, on="CUSTOMER_ID", how="left")
    table.assign(TX_AMOUNT=table["TX_AMOUNT"].round(2)).to_parquet(target / "transactions.parquet", index=False)
    pd.read_parquet(source / "terminals.parquet").to_parquet(target / "terminals.parquet", index=False)


def folds() -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """First day that teaches and first day that judges, of each fold."""
    for week in range(FOLDS):
        yield FIRST + week * WEEK, FIRST + (week + 2) * WEEK


def taught(table: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """The seven days that teach."""
    return table[(table["TX_DATETIME"] >= first) & (table["TX_DATETIME"] < first + WEEK)]


def judged(table: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """The seven days after the delay, each without the customers whose fraud is known on that day."""
    learned = taught(table, first)
    known = set(learned.loc[learned["TX_FRAUD"] == 1, "CUSTOMER_ID"])
    days = []
    for day in range(7):
        begin = first + 2 * WEEK + pd.Timedelta(days=day)
        # Published as it is: the day that has just become known is seven days and one day before the judged one.
        delayed = _day(table, begin - WEEK - pd.Timedelta(days=1))
        known |= set(delayed.loc[delayed["TX_FRAUD"] == 1, "CUSTOMER_ID"])
        today = _day(table, begin)
        days.append(today[~today["CUSTOMER_ID"].isin(known)])
    return pd.concat(days)


def _day(table: pd.DataFrame, begin: pd.Timestamp) -> pd.DataFrame:
    return table[(table["TX_DATETIME"] >= begin) & (table["TX_DATETIME"] < begin + pd.Timedelta(days=1))]


def card_precision(rows: pd.DataFrame, score: Floats, most: int = 100) -> float:
    """Mean over days of the share of defrauded customers among the `most` with the highest score."""
    found: set[int] = set()
    shares = []
    scored = rows.assign(score=score, day=rows["TX_DATETIME"].dt.floor("D"))
    for _, day in scored.groupby("day"):
        cards = day.groupby("CUSTOMER_ID").agg({"score": "max", "TX_FRAUD": "max"})
        cards = cards[~cards.index.isin(found)].sort_values("score", ascending=False).head(most)
        hits = cards.index[cards["TX_FRAUD"] == 1]
        found |= set(hits)
        shares.append(len(hits) / most)
    return float(np.mean(shares))


def measured(rows: pd.DataFrame, score: Floats) -> dict[str, float]:
    """AUC, average precision and card precision of a score (n_rows,)."""
    label = rows["TX_FRAUD"].to_numpy()
    return {
        "auc": float(roc_auc_score(label, score)),
        "ap": float(average_precision_score(label, score)),
        "cards": card_precision(rows, score),
    }


def inputs_of(table: pd.DataFrame) -> pd.DataFrame:
    """The Handbook's features of each transaction, in its order: a forest draws columns by their place."""
    day = table["TX_DATETIME"]
    own = pd.DataFrame({
        "TX_AMOUNT": table["TX_AMOUNT"],
        "TX_DURING_WEEKEND": (day.dt.day_of_week >= 5).astype(int),
        "TX_DURING_NIGHT": (day.dt.hour <= 6).astype(int),
    })  # fmt: skip
    return pd.concat([own, theirs(table)], axis=1)


def published(table: pd.DataFrame) -> dict[str, list[dict[str, float]]]:
    """The Handbook's logistic regression and random forests on its own features, fold by fold."""
    inputs = inputs_of(table)
    models = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(random_state=0)),
        "random forest": make_pipeline(StandardScaler(), RandomForestClassifier(random_state=0, n_jobs=2)),
        "random forest, 20 deep": make_pipeline(
            StandardScaler(), RandomForestClassifier(max_depth=20, random_state=0, n_jobs=2)
        ),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in models}
    for first, _ in folds():
        teach, judge = taught(table, first), judged(table, first)
        for name, model in models.items():
            model.fit(inputs.loc[teach.index], teach["TX_FRAUD"])
            found[name].append(measured(judge, model.predict_proba(inputs.loc[judge.index])[:, 1]))
    return found


def vectors(record: Record, since: pd.Timestamp) -> FeatureTable:
    """Our features of every transaction since a day, each as of its own moment, in order of time."""
    book = Book.of(record)
    wanted = np.asarray(book.lines.column("t").to_numpy(), np.int64) >= micros(since)
    computed = feature_table(book, FEATURES, wanted=wanted)
    t = np.asarray(computed.lines.column("t").to_numpy(), np.int64)
    return take(computed, np.argsort(t, kind="stable"))


def ours(table: pd.DataFrame, record: Record, seeds: tuple[int, ...] = (7,)) -> dict[str, list[dict[str, float]]]:
    """Our pipeline, fold by fold; scores are means over seeds."""
    computed = vectors(record, FIRST + WEEK - pd.Timedelta(days=TAUGHT_DAYS + 7))
    findings, t = record.findings(), np.asarray(computed.lines.column("t").to_numpy(), np.int64)
    number = pd.Series(np.arange(len(t)), index=computed.lines.column("order_id").to_pandas().astype("int64"))
    found: list[dict[str, float]] = []
    for first, judging in folds():
        until, since = micros(judging), micros(judging - pd.Timedelta(days=TAUGHT_DAYS))
        chosen = training_set(take(computed, np.flatnonzero(t >= since)), findings, until, unknown="drop")
        rows = judged(table, first)
        judging_rows = take(computed, number.loc[rows["TRANSACTION_ID"]].to_numpy())
        everything = np.arange(len(chosen.target))
        boosters = [Trees(PARAMETERS, seed).grow(chosen, everything, ROUNDS) for seed in seeds]
        found.append(measured(rows, np.mean([_odds(each, judging_rows.values) for each in boosters], axis=0)))
        sys.stderr.write(f"{judging.date()}: {found[-1]}\n")  # a fold takes minutes
    return {"ours": found}


def _odds(booster: lgb.Booster, values: Floats) -> Floats:
    return np.asarray(booster.predict(values, raw_score=True), np.float64)


def micros(moment: pd.Timestamp) -> int:
    """Microseconds since 1970 of a day, UTC."""
    return int((moment - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)) * DAY


def shown(found: dict[str, list[dict[str, float]]]) -> Table:
    """The table that people read: the official week, the mean of the folds, and what was published."""
    table = Table(title="Official week, and mean of four weekly folds", title_justify="left")
    for heading in ("", "AUC", "average precision", "card precision", "published AP", "AP, four folds", "published"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, folded in found.items():
        week = folded[0]
        mean = float(np.mean([each["ap"] for each in folded]))
        known = f"{PUBLISHED[name][1]:.3f}" if name in PUBLISHED else ""
        folds_known = f"{PUBLISHED_FOLDS[name]:.3f}" if name in PUBLISHED_FOLDS else ""
        own = (f"{week[each]:.3f}" for each in ("auc", "ap", "cards"))
        table.add_row(name, *own, known, f"{mean:.3f}", folds_known)
    return table


def main() -> None:
    """Prepare the files, or measure, print, and keep the figures as JSON."""
    console = Console()
    if "HANDBOOK" not in os.environ or len(sys.argv) < 2:
        console.print("let HANDBOOK name the folder of the Handbook's files; then: prepare FOLDER, published, or ours")
        sys.exit(0)
    source, what = Path(os.environ["HANDBOOK"]), sys.argv[1]
    if what == "prepare":
        prepare(source, Path(sys.argv[2]))
        return
    table = transactions(source)
    found: dict[str, Any]
    if what == "published":
        found = published(table)
    else:
        folder = Path(os.environ.get("DIVERSION_HOME", "var"))
        with Record.open(f"sqlite:///{folder / 'record.db'}") as record:
            found = ours(table, record)
    console.print(shown(found))
    path = home() / f"cards-{what}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2))
    console.print(f"kept in {path}")


if __name__ == "__main__":
    main()
