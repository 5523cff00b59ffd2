"""The engine on the Fraud Detection Handbook's transactions: its published features, by its method and by ours.

Run: ``HANDBOOK=folder python -m benchmarks.handbook`` (`make bench`), the folder holding its simulated transactions as
``transactions.parquet`` (TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT, TX_FRAUD).

The Handbook (Le Borgne, Siblini, Lebichot, Bontempi: Reproducible Machine Learning for Credit Card Fraud Detection,
chapter 3, "Baseline feature transformation") counts a customer's transactions over 1, 7 and 30 days and takes their
mean amount; and of a terminal, the transactions and the share of fraud over the same spans, seven days ago. Its windows
are ``(t - W, t]`` with the transaction itself. Ours are ``[t - W, t)`` without it. The conversion:

- **theirs is ours, read one microsecond later by somebody else.** Times are whole seconds, so that ``[t + 1 us - W,
  t + 1 us)`` holds just what ``(t - W, t]`` holds, the transaction included since the reader's order is another.
- **the delay is knowledge.** Each transaction's label becomes known seven days after it, as a finding with that
  `known_at`; findings known in the last W days are the transactions of the W days that ended seven days ago.
- **one thing remains:** among transactions of one customer in one second, pandas counts those that stand above in the
  file and not those below; we count all. Such rows are counted and told; every other row must agree.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.machine import home, machine, settle, timed
from features.measures import DAY
from features.windows.by_entity import compute
from features.windows.columns import FILTERS
from features.windows.feature_set import FeatureSet
from features.windows.kernel import READ
from features.windows.state import PLAIN
from features.windows.step_table import OPERATION, TIME, steps_of_lines
from features.windows.view import Count, Mean, Statistic, View

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WINDOWS = (1, 7, 30)
DELAY = 7
CUSTOMER = [f"CUSTOMER_{what}_{days}DAY" for what in ("NB_TX", "AVG_AMOUNT") for days in WINDOWS]
TERMINAL = [f"TERMINAL_{what}_{days}DAY" for what in ("NB_TX", "RISK") for days in WINDOWS]


def made(rows: int, seed: int = 1) -> pd.DataFrame:
    """A small table like theirs, with many transactions in one second."""
    dice = np.random.default_rng(seed)
    seconds = np.sort(dice.integers(0, 60 * 24, rows)) * 3600
    return pd.DataFrame({
        "TX_DATETIME": pd.Timestamp("2018-04-01") + pd.to_timedelta(seconds, unit="s"),
        "CUSTOMER_ID": dice.integers(0, rows // 100, rows),
        "TERMINAL_ID": dice.integers(0, rows // 50, rows),
        "TX_AMOUNT": np.round(dice.gamma(2, 30, rows), 2),
        "TX_FRAUD": (dice.random(rows) < 0.05).astype(int),
    })  # fmt: skip


def theirs(transactions: pd.DataFrame) -> pd.DataFrame:
    """Customer and terminal features by the published method: one rolling window after the other, group by group."""
    customers = transactions.groupby("CUSTOMER_ID")[["TX_DATETIME", "TX_AMOUNT"]].apply(_spending)
    terminals = transactions.groupby("TERMINAL_ID")[["TX_DATETIME", "TX_FRAUD"]].apply(_risk)
    return pd.concat([each.droplevel(0).sort_index() for each in (customers, terminals)], axis=1)


def _spending(own: pd.DataFrame) -> pd.DataFrame:
    amounts = own.set_index("TX_DATETIME")["TX_AMOUNT"]
    found = {}
    for days in WINDOWS:
        rolling = amounts.rolling(f"{days}D")
        found[f"CUSTOMER_NB_TX_{days}DAY"] = count = rolling.count().to_numpy()
        found[f"CUSTOMER_AVG_AMOUNT_{days}DAY"] = rolling.sum().to_numpy() / count
    return pd.DataFrame(found, index=own.index)


def _risk(own: pd.DataFrame) -> pd.DataFrame:
    frauds = own.set_index("TX_DATETIME")["TX_FRAUD"]
    delayed = frauds.rolling(f"{DELAY}D")
    late_frauds, late_count = delayed.sum().to_numpy(), delayed.count().to_numpy()
    found = {}
    for days in WINDOWS:
        rolling = frauds.rolling(f"{DELAY + days}D")
        found[f"TERMINAL_NB_TX_{days}DAY"] = count = rolling.count().to_numpy() - late_count
        fraud = rolling.sum().to_numpy() - late_frauds
        found[f"TERMINAL_RISK_{days}DAY"] = np.divide(fraud, count, out=np.zeros(len(own)), where=count > 0)
    return pd.DataFrame(found, index=own.index)


def ours(transactions: pd.DataFrame) -> pd.DataFrame:
    """The same features from definitions, by the conversion that the module states."""
    t = transactions["TX_DATETIME"].to_numpy().astype("datetime64[us]").astype(np.int64)
    cents = np.rint(transactions["TX_AMOUNT"].to_numpy() * 100).astype(np.int64)
    line = np.full(t.size, FILTERS["lines"], np.int64)
    spent = (Count(windows=WINDOWS), Mean("value", windows=WINDOWS))
    customers = _read_after(transactions["CUSTOMER_ID"].to_numpy(), t, t, line, cents, spent)
    found = np.where(transactions["TX_FRAUD"].to_numpy() > 0, FILTERS["diverted"], FILTERS["cleared"])
    judged = (Count("diverted", windows=WINDOWS), Count("cleared", windows=WINDOWS))
    labels = _read_after(transactions["TERMINAL_ID"].to_numpy(), t, t + DELAY * DAY, found, cents, judged)
    frauds, count = labels[:, :3], labels[:, :3] + labels[:, 3:]
    risk = np.divide(frauds, count, out=np.zeros_like(frauds), where=count > 0)
    values = np.hstack([customers, count, risk])
    return pd.DataFrame(values, columns=[*CUSTOMER, *TERMINAL], index=transactions.index)


def _read_after(
    entity: Ints, t: Ints, known_at: Ints, flags: Ints, cents: Ints, statistics: tuple[Statistic, ...]
) -> Floats:
    """The features of each entity a microsecond after t, of events that became known at `known_at`."""
    features = FeatureSet((), (View("party", ("reseller",), "reseller", "this party", statistics),))
    number, nobody = np.arange(t.size), np.full(t.size, -1)
    appends = steps_of_lines(known_at, number, number, flags | PLAIN, nobody)
    reads = steps_of_lines(t + 1, number, number, np.full(t.size, PLAIN), number)
    reads[:, OPERATION] = READ
    steps = np.concatenate([reads, appends])
    out = np.empty((t.size, len(statistics) * len(WINDOWS)))
    rows = np.column_stack([entity, cents, number, flags])
    in_time = steps[np.argsort(steps[:, TIME], kind="stable")]
    compute(features, in_time, rows, out, names=("reseller", "value", "order", "flags"))
    return out


def disagreements(transactions: pd.DataFrame, one: pd.DataFrame, other: pd.DataFrame) -> dict[str, int]:
    """How many rows have an equal one below them, and how many values differ in and outside of these rows.

    Counts and risks must be equal, mean amounts to 1e-9: theirs are differences of running sums of floats.
    """
    tied = transactions.duplicated(["TX_DATETIME", "CUSTOMER_ID"], keep="last").to_numpy()
    found = {"tied": int(tied.sum()), "differ_tied": 0, "differ": 0}
    for name in (*CUSTOMER, *TERMINAL):
        a, b = one[name].to_numpy(), other[name].to_numpy()
        exact = "AVG" not in name
        differs = a != b if exact else np.abs(a - b) > 1e-9 * np.abs(a)
        customers = tied if name in CUSTOMER else np.zeros_like(tied)
        found["differ_tied"] += int((differs & customers).sum())
        found["differ"] += int((differs & ~customers).sum())
    return found


def compare(transactions: pd.DataFrame) -> dict[str, Any]:
    """Both methods on the same transactions: seconds, their ratio, and where they disagree."""
    few = transactions.head(2_000)
    _, warm_up = timed(lambda: (ours(few), theirs(few)))
    settle(2_000)
    one, engine = timed(lambda: ours(transactions))
    other, handbook = timed(lambda: theirs(transactions))
    ratio = handbook["cpu"] / engine["cpu"]
    found = {"rows": len(transactions), "engine": engine, "handbook": handbook, "ratio": ratio, "warm_up": warm_up}
    return {**found, **disagreements(transactions, one, other)}


def main() -> None:
    """Measure, print the table, and keep the figures as JSON."""
    console = Console()
    if "HANDBOOK" not in os.environ:
        console.print("the Handbook's data is not here: let HANDBOOK name the folder of its transactions.parquet")
        sys.exit(0)
    transactions = pd.read_parquet(Path(os.environ["HANDBOOK"], "transactions.parquet"))
    told = machine()
    console.print(", ".join(f"{name} {value}" for name, value in told.items()), highlight=False)
    with console.status(f"{len(transactions):,} transactions"):
        found = compare(transactions.sort_values("TX_DATETIME", kind="stable", ignore_index=True))
    table = Table(title=f"{found['rows']:,} transactions, {len(CUSTOMER) + len(TERMINAL)} features")
    for heading in ("", "CPU s", "wall s"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in ("engine", "handbook"):
        table.add_row(name, f"{found[name]['cpu']:.2f}", f"{found[name]['wall']:.2f}")
    console.print(table)
    console.print(f"the Handbook's method takes {found['ratio']:.1f} times the engine's CPU; warm-up apart")
    console.print(
        f"{found['tied']} rows have another of the same customer and second below them: {found['differ_tied']} of "
        f"their values differ; of all other values {found['differ']} differ"
    )
    path = home() / "handbook.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": told, **found}, indent=2))
    console.print(f"kept in {path}")
    sys.exit(1 if found["differ"] else 0)


if __name__ == "__main__":
    main()
