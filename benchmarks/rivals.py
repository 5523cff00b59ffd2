"""The engine against what a user would reach for: pandas, polars and DuckDB compute the same windows of one entity.

Run: ``python -m benchmarks.rivals --rows 500000 --rows 2000000`` (`make bench`).

Six statistics of a reseller's order values over the last 1, 7, 30 and 90 days, each window ``[t - W, t)``: what
happened at the very moment does not count. Resellers are as unequal as Zipf has them. Everybody gets the same sorted
columns in memory and hands back arrays; each runs alone in a process of its own, after a warm-up on few rows that is
told apart (numba compiles in it). CPU seconds are user and system time of all threads. Outputs are compared: counts
and sums exactly, the rest to 1e-9 of the value or, for a standard deviation, of the window's mean.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.machine import home, installed, machine, settle, timed
from features.measures import DAY
from features.windows import view
from features.windows.by_entity import compute
from features.windows.columns import FILTERS
from features.windows.feature_set import FeatureSet
from features.windows.state import PLAIN
from features.windows.step_table import steps_of_lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Data = dict[str, Ints]

WINDOWS = (1, 7, 30, 90)
STATISTICS = ("count", "sum", "mean", "std", "min", "max")
RESELLERS = 20_000
YEARS = 3
LIMITS = {500_000: {"pandas": 20, "polars": 12, "duckdb": 20}, 2_000_000: {"pandas": 15, "polars": 30, "duckdb": 25}}
"""How many times less CPU the engine shall take, by rows."""

SETTLED_BYTES = 1_000
"""Memory that is made ready before each run, a row: more than any of them takes."""

_START = 20_000 * DAY
_WARM_UP = 2_000
_CHUNK = 100_000


def data(rows: int, resellers: int = RESELLERS, seed: int = 1) -> Data:
    """Reseller, t (microseconds UTC, whole minutes, sorted) and value (cents), each of shape (rows,)."""
    dice = np.random.default_rng(seed)
    weights = 1 / np.arange(1, resellers + 1)
    minutes = np.sort(dice.integers(0, YEARS * 365 * 1440, rows))
    return {
        "reseller": dice.choice(resellers, rows, p=weights / weights.sum()).astype(np.int64),
        "t": _START + minutes * (DAY // 1440),
        "value": np.ceil(dice.lognormal(11, 1.5, rows)).astype(np.int64),
    }


def definitions() -> FeatureSet:
    """The same windows as data; statistics that the engine does not know yet are left out."""
    made = [getattr(view, name.capitalize(), None) for name in STATISTICS]
    known = tuple(
        kind("lines", windows=WINDOWS) if kind is view.Count else kind("value", windows=WINDOWS)
        for kind in made
        if kind is not None
    )
    return FeatureSet((), (view.View("reseller", ("reseller",), "reseller", "this reseller", known),))


def names() -> list[str]:
    """``count_1`` and so on, in the order of the columns of every output."""
    return [f"{name}_{days}" for name in STATISTICS if hasattr(view, name.capitalize()) for days in WINDOWS]


def engine(given: Data) -> Floats:
    """Our kernel, from columns to features: encoded rows, steps, and the driver of batches."""
    n, features = given["t"].size, definitions()
    number, flags = np.arange(n), np.full(n, FILTERS["lines"] | FILTERS["orders"] | PLAIN, np.int64)
    rows = np.column_stack([given["reseller"], given["value"], number, flags])
    out = np.empty((n, len(names())))
    steps = steps_of_lines(given["t"], number, number, flags, number)
    compute(features, steps, rows, out, names=("reseller", "value", "order", "flags"))
    return out


def with_pandas(given: Data) -> Floats:
    """``groupby.rolling`` over time, as the Fraud Detection Handbook's features are made."""
    frame = pd.DataFrame({"reseller": given["reseller"], "value": given["value"]})
    frame.index = pd.to_datetime(given["t"], unit="us")
    grouped = frame.groupby("reseller")["value"]
    found = []
    for name in (each.split("_")[0] for each in names()[:: len(WINDOWS)]):
        for days in WINDOWS:
            rolling = grouped.rolling(f"{days}D", closed="left")
            found.append(getattr(rolling, name)().to_numpy())
    # Rows come reseller by reseller; among rows of one instant only the first saw none of the others.
    order = np.argsort(given["reseller"], kind="stable")
    reseller, t = given["reseller"][order], given["t"][order]
    fresh = np.ones(order.size, bool)
    fresh[1:] = (reseller[1:] != reseller[:-1]) | (t[1:] != t[:-1])
    first = np.maximum.accumulate(np.where(fresh, np.arange(order.size), 0))
    out = np.empty((order.size, len(found)))
    for index, column in enumerate(found):
        out[order, index] = column[first]
    return _scaled(out)


def with_polars(given: Data) -> Floats:
    """``rolling_*_by`` within each reseller; `DataFrame.rolling` with all statistics of a window takes longer."""
    import polars as pl  # noqa: PLC0415 - only `make bench` installs it

    frame = pl.DataFrame(given).with_columns(pl.from_epoch("t", "us").alias("t"), pl.lit(1).alias("one"))
    rolling = []
    for each in names():
        name, days = each.split("_")
        column, method = ("one", "sum") if name == "count" else ("value", name)
        made = getattr(pl.col(column), f"rolling_{method}_by")("t", window_size=f"{24 * int(days)}h", closed="left")
        rolling.append(made.over("reseller").alias(each))
    return _scaled(frame.select(rolling).fill_null(float("nan")).to_numpy().astype(np.float64))


def with_duckdb(given: Data) -> Floats:
    """Range frames over integer microseconds, which are quicker there than intervals."""
    frame = pd.DataFrame({**given, "row": np.arange(given["t"].size)})
    functions = {"count": "count", "sum": "sum", "mean": "avg", "std": "stddev_samp", "min": "min", "max": "max"}
    chosen = ", ".join(
        f"{functions[name]}(value) OVER w{days} AS {name}_{days}" for name, days in (n.split("_") for n in names())
    )
    windows = ", ".join(
        f"w{days} AS (PARTITION BY reseller ORDER BY t RANGE BETWEEN {days * DAY} PRECEDING AND 1 PRECEDING)"
        for days in WINDOWS
    )
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        table = connection.sql(f"SELECT row, {chosen} FROM frame WINDOW {windows}").to_arrow_table()  # noqa: S608
    out = np.empty((len(table), len(names())))
    row = table["row"].to_numpy()
    for index, name in enumerate(names()):
        out[row, index] = table[name].cast("float64").to_numpy()
    return _scaled(out)


def _scaled(out: Floats) -> Floats:
    """From cents to units, and nothing seen as the engine has it: counts and sums 0."""
    for index, name in enumerate(names()):
        if name.startswith(("count", "sum")):
            out[:, index] = np.nan_to_num(out[:, index])
        if not name.startswith("count"):
            out[:, index] /= 100
    return out


SUBJECTS: dict[str, Callable[[Data], Floats]] = {
    "engine": engine,
    "pandas": with_pandas,
    "polars": with_polars,
    "duckdb": with_duckdb,
}


def measured(subject: str, rows: int) -> tuple[Floats, dict[str, float]]:
    """One subject's output, of shape (rows, features), and its seconds: warm-up, CPU, wall; and its memory."""
    compute = SUBJECTS[subject]
    _, first = timed(lambda: compute(data(_WARM_UP)))
    given = data(rows)
    settle(rows * SETTLED_BYTES >> 20)
    out, figures = timed(lambda: compute(given))
    return out, {"warm_up": first["cpu"], **figures}


def differences(ours: Floats, theirs: Floats) -> dict[str, int]:
    """How many values differ, by statistic: counts and sums at all, others by more than 1e-9 (see the module)."""
    found = dict.fromkeys(STATISTICS, 0)
    mean = {name.split("_")[1]: index for index, name in enumerate(names()) if name.startswith("mean")}
    for start in range(0, len(ours), _CHUNK):
        a, b = ours[start : start + _CHUNK], theirs[start : start + _CHUNK]
        for index, name in enumerate(names()):
            statistic, days = name.split("_")
            one, other = a[:, index], b[:, index]
            if statistic in {"count", "sum"}:
                same = one == other
            else:
                size = np.abs(a[:, mean[days]]) if statistic == "std" else np.abs(one)
                same = (np.abs(one - other) <= 1e-9 * np.maximum(size, np.abs(one))) | (np.isnan(one) & np.isnan(other))
            found[statistic] += int((~same).sum())
    return {name: count for name, count in found.items() if count}


def compare(rows: int, folder: Path) -> dict[str, Any]:
    """Run every subject that is installed in a process of its own, and compare its output with the engine's."""
    found: dict[str, Any] = {}
    for subject in SUBJECTS:
        if subject != "engine" and installed(subject) is None:
            found[subject] = {"absent": f"{subject} is not installed (make .venv/ready-to-bench)"}
            continue
        path = folder / f"{subject}.npy"
        command = [sys.executable, "-m", "benchmarks.rivals", "--one", subject, "--rows", str(rows), "--out", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[subject] = json.loads(done.stdout)
        if subject != "engine":
            ours, theirs = np.load(folder / "engine.npy", mmap_mode="r"), np.load(path, mmap_mode="r")
            found[subject]["ratio"] = found[subject]["cpu"] / found["engine"]["cpu"]
            found[subject]["differ"] = differences(ours, theirs)
            path.unlink()
    return found


def shown(rows: int, found: dict[str, Any]) -> Table:
    """The table that people read."""
    table = Table(title=f"{rows:,} rows, {len(names())} features", title_justify="left")
    for heading in ("", "CPU s", "wall s", "warm-up s", "peak MB", "x the engine's CPU", "aim", "values that differ"):
        table.add_column(heading, justify="left" if heading in {"", "values that differ"} else "right")
    for subject, row in found.items():
        if "absent" in row:
            table.add_row(subject, *[""] * 6, row["absent"])
            continue
        seconds = [f"{row[name]:.2f}" for name in ("cpu", "wall", "warm_up")]
        limit = LIMITS.get(rows, {}).get(subject, 0)
        ratio = row.get("ratio", 1.0)
        compared = ", ".join(f"{name} {count:,}" for name, count in row.get("differ", {}).items()) or "none"
        table.add_row(
            subject, *seconds, f"{row['peak_mb']:.0f}", f"[{'red' if ratio < limit else 'none'}]{ratio:.1f}",
            str(limit or ""), "" if subject == "engine" else compared,
        )  # fmt: skip
    return table


def main() -> None:
    """Measure, print the tables, and keep the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--one", choices=SUBJECTS, help="measure only this one, here; figures go to stdout")
    parser.add_argument("--out", type=Path, help="where its output goes")
    parser.add_argument("--json", type=Path, default=home() / "rivals.json")
    asked = parser.parse_args()
    if asked.one:
        out, figures = measured(asked.one, asked.rows[0])
        if asked.out:
            np.save(asked.out, out)
        sys.stdout.write(json.dumps(figures))
        return
    console = Console()
    kept: dict[str, Any] = {"machine": machine(), "rows": {}}
    console.print(", ".join(f"{name} {value}" for name, value in kept["machine"].items()), highlight=False)
    left_out = len(STATISTICS) * len(WINDOWS) - len(names())
    if left_out:
        console.print(f"{left_out} of the features are left out: the engine does not know their statistics yet")
    for rows in asked.rows or [500_000]:
        with tempfile.TemporaryDirectory() as folder, console.status(f"{rows:,} rows"):
            found = kept["rows"][rows] = compare(rows, Path(folder))
        console.print(shown(rows, found))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(kept, indent=2))
    console.print(f"kept in {asked.json}")


if __name__ == "__main__":
    main()
