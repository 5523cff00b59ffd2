"""A past scored end to end beside `Booster.predict` alone: CPU, wall, memory, and how they grow.

Run: ``python -m benchmarks.scoring`` (`make bench-scoring`); ``--rows 100000`` is a small one. The sales are invented
(`benchmarks.sales`), Parquet files with the columns of a record's lines, in no order; the model has all features of the
catalogue and 400 trees, the size that training grows. Each run is a process of its own, with the kernel compiled
before: read, sort, compute features, predict, decide, write. Booster.predict is timed on vectors of the first of these
sales, before, between and after the runs, and told for as many rows. The mapping, which reads row by row, is measured
by itself on a CSV file. Memory is the process's peak, imports and the record of 20,000 resellers included. Figures go
to ``scoring.json`` in the folder of run-time files.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv
from rich.console import Console
from rich.table import Table

from benchmarks import sales
from benchmarks.machine import home, machine, timed
from benchmarks.reasons import TREES, grown
from features.catalog.all import catalogue
from features.exchange import Exchange
from features.mapping import Mapping, Rejects
from features.measures import DAY
from features.record import Event, Record
from features.vector import feature_table
from features.windows.kernel import VERSION
from models.calibration import Platt
from models.card import Card
from models.classifier import Classifier
from models.model import Model
from models.policy import Policy
from models.rules import DEFAULT, load_rules
from serving.history.run import Options, Sales, Scorer, score_history
from serving.history.scored import WithReasons
from serving.history.taking import take

TAUGHT = 100_000
"""Lines whose vectors teach the trees, and on which LightGBM's own prediction is timed."""
PREDICTIONS = 5
WAITING = 0.02
NOW = sales.START + 4 * 365 * DAY

MAPPING = """
[order]
order_id = "order_id"
reseller_id = "reseller_id"
ordered_at = "ordered_at"
[line]
line_id = "line_id"
sku = "sku"
quantity = "quantity"
amount = "amount"
currency = { const = "USD" }
end_user_id = "end_user_id"
end_user_class = "end_user_class"
ship_to = { country = "ship_country", region = "ship_region", city = "ship_city" }
for_stock = "for_stock"
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="lines; may be given several times")
    parser.add_argument("--memory-mb", type=int, default=800)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, number = options.measure
        print(json.dumps(_MEASURED[name](int(number), options.memory_mb)))
        return
    sizes = options.rows or [1_000_000, 4_000_000]
    ask = partial(measured, options.memory_mb)
    for rows in {TAUGHT, 2_000, *sizes}:
        ask("sales", rows)
    ask("none", 2_000)
    alone = [ask("predict", TAUGHT)]
    figures: dict[str, Any] = {"mapping": ask("mapping", TAUGHT)}
    figures["none"] = [ask("none", rows) for rows in sizes]
    alone.append(ask("predict", TAUGHT))
    figures |= {name: ask(name, sizes[0]) for name in ("top", "waiting", "all")}
    alone.append(ask("predict", TAUGHT))
    figures["predict"] = _middle(alone)
    figures["machine"] = machine() | {"memory_mb": str(options.memory_mb)}
    home().mkdir(parents=True, exist_ok=True)
    (home() / "scoring.json").write_text(json.dumps(figures, indent=1))
    _show(figures)


def _world(rows: int) -> Path:
    return home().resolve() / "benchmarks" / f"sales-{rows}"


def measured(memory_mb: int, name: str, rows: int) -> dict[str, Any]:
    """What one of the measurements tells, made in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scoring", "--measure", name, str(rows), "--memory-mb", str(memory_mb)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def _vectors() -> NDArray[np.float64]:
    folder = _world(TAUGHT)
    lines = pq.read_table(sales.files(folder)).sort_by([("position", "ascending"), ("line_no", "ascending")])
    values = feature_table(replace(sales.others(folder), lines=lines), catalogue()).values
    return np.ascontiguousarray(values)


def _model() -> Model:
    """A model of the right size, whose labels follow a few columns and noise; kept once it was made."""
    path = _world(TAUGHT) / f"model-{catalogue().fingerprint[:12]}.txt"
    if not path.exists():
        values = _vectors()
        dice = np.random.default_rng(1)
        some = np.nan_to_num(values[:, ::9])
        spread = (some / (some.std(axis=0) + 1e-9)).sum(axis=1)
        labels = (spread + dice.normal(0, 3, len(values)) > np.quantile(spread, 0.97)).astype(np.int64)
        path.write_text(grown(values, labels, TREES, monotone_constraints=None).model_to_string())
        text = path.read_text()
        named = text.replace(
            "feature_names=" + " ".join(f"Column_{n}" for n in range(values.shape[1])),
            "feature_names=" + " ".join(catalogue().names),
        )
        path.write_text(named)
        np.save(path.with_suffix(".npy"), Classifier(named).predict(values))
    classifier, chances = Classifier(path.read_text()), np.load(path.with_suffix(".npy"))
    card = Card(NOW, 0, NOW, TAUGHT, TAUGHT, 1, 0, 0, 0, TAUGHT, ())
    policy = Policy.from_capacity(chances, WAITING)
    return Model(classifier, catalogue(), policy, load_rules(DEFAULT), Platt(1.0, 0.0), card, VERSION)


def _record(folder: Path) -> Record:
    """A record that knows the resellers and products of the sales, and no order."""
    path = folder / "record.db"
    fresh = not path.exists()
    record = Record.open(f"sqlite:///{path}", currency="USD")
    if fresh:
        book = sales.others(folder)
        events: list[Event] = [entry.event for entry in book.resellers]
        events += [entry.event for entry in book.products]
        record.append(events, source="benchmark", recorded_at=NOW)
    return record


def scored(
    reasons: WithReasons, rows: int, memory_mb: int, *, ruled: bool = True, scorer: Scorer | None = None
) -> dict[str, Any]:
    """One run end to end over so many lines, and what it cost; `digest` is that of the file of scores.

    Without rules, only the riskiest orders wait. `scorer` computes and scores elsewhere, see `score_history`.
    """
    folder, model = _world(rows), _model()
    model = model if ruled else replace(model, rules=())
    out = folder / "scores.parquet"
    shutil.rmtree(out.with_name("scores.parquet.work"), ignore_errors=True)
    phases = _Phases()
    with _record(folder) as record:
        asked, options = Sales(None, tuple(sales.files(folder))), Options(reasons=reasons, memory_mb=memory_mb)
        run = partial(score_history, record, model, asked, out, options, now=NOW, progress=phases, scorer=scorer)
        summary, cost = timed(run)
    told = pq.read_table(out, columns=["reasons"])["reasons"]
    explained = told.length() - told.null_count
    lines = told.length()
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    out.unlink()
    return {
        "lines": lines, "orders": summary.orders, **cost, "lines per CPU second": lines / cost["cpu"],
        "wall of CPU": cost["wall"] / cost["cpu"], "share explained": explained / lines, "phases": phases.cpu_s,
        "load": os.getloadavg()[1], "digest": digest,
    }  # fmt: skip


class _Phases:
    """CPU seconds of each step, as its progress is told."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self._last = _cpu()

    def __call__(self, what: str, _: float) -> None:
        now, phase = _cpu(), what.partition(",")[0]
        self.cpu_s[phase] = round(self.cpu_s.get(phase, 0.0) + now - self._last, 2)
        self._last = now


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _sales(rows: int, _: int) -> dict[str, Any]:
    """Made in a process of its own: the peak of a process is handed down to those that it starts."""
    sales.make(_world(rows), rows)
    return {"lines": rows}


def _predict(_: int, __: int) -> dict[str, Any]:
    """`Booster.predict` on a matrix in memory; the middle of some runs, which differ by a fifth on a shared machine."""
    values, text = _vectors(), _model().classifier.text
    booster = lgb.Booster(model_str=text)
    booster.predict(values[:1000])
    costs = [timed(lambda: booster.predict(values))[1] for _ in range(PREDICTIONS)]
    return _middle(
        [{"lines": len(values), **cost, "lines per CPU second": len(values) / cost["cpu"]} for cost in costs]
    )


def _middle(figures: list[dict[str, Any]]) -> dict[str, Any]:
    """The one of them, an odd number, that took neither most nor least CPU."""
    return sorted(figures, key=lambda each: float(each["cpu"]))[len(figures) // 2]


def _mapping(rows: int, _: int) -> dict[str, Any]:
    """A CSV file read through a mapping into lines on disk."""
    folder = _world(rows)
    path = folder / "sales.csv"
    table = pq.read_table(sales.files(folder), filters=[("revision", "=", 1)])
    frame = table.select(
        ["order_id", "reseller_id", "line_id", "sku", "end_user_id", "end_user_class", "ship_country", "ship_region",
         "ship_city", "for_stock"]
    )  # fmt: skip
    units, money = table["quantity_milli"].to_numpy() // 1000, table["amount_minor"].to_numpy()
    frame = frame.append_column("quantity", [units]).append_column("amount", [np.char.mod("%.2f", money / 100)])
    moments = np.datetime_as_string(table["t"].to_numpy().astype("datetime64[us]"), unit="s")
    csv.write_csv(frame.append_column("ordered_at", [np.char.add(moments, "Z")]), path)
    (folder / "mapping.toml").write_text(MAPPING)
    with Rejects(folder / "rejects.csv") as rejects:
        events = Mapping.load(folder / "mapping.toml").read([path], exchange=Exchange("USD"), now=NOW)
        orders, cost = timed(lambda: take(events, folder / "taken.parquet", rejects, 0))
        if rejects.count:
            raise SystemExit(f"{rejects.count} rows rejected")
    return {"lines": len(units), "orders": orders, **cost, "lines per CPU second": len(units) / cost["cpu"]}


_MEASURED: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "none": partial(scored, "none"),
    "waiting": partial(scored, "waiting"),
    "top": partial(scored, "waiting", ruled=False),
    "all": partial(scored, "all"),
    "predict": _predict,
    "sales": _sales,
    "mapping": _mapping,
}


def _show(figures: dict[str, Any]) -> None:
    alone = figures["predict"]["lines per CPU second"]
    table = Table("", "lines", "CPU s", "wall s", "lines a CPU s", "of predict alone", "wall of CPU", "peak MB")
    runs = [("no reasons", each) for each in figures["none"]]
    explained = [figures[name] for name in ("top", "waiting", "all")]
    runs += [(f"reasons of {each['share explained']:.1%}", each) for each in explained]
    for name, each in [*runs, ("mapping alone", figures["mapping"])]:
        speed = each["lines per CPU second"]
        table.add_row(
            name, f"{each['lines']:,}", f"{each['cpu']:,.1f}", f"{each['wall']:,.1f}", f"{speed:,.0f}",
            f"{alone / speed:.2f}", f"{each['wall'] / each['cpu']:.2f}", f"{each['peak_mb']:,.0f}",
        )  # fmt: skip
    console = Console(width=140)
    console.print(table)
    console.print(f"Booster.predict alone: {alone:,.0f} lines a CPU second, on {figures['predict']['lines']:,} lines")
    sizes = figures["none"]
    if len(sizes) > 1:
        steps = np.polyfit(np.log([each["lines"] for each in sizes]), np.log([each["cpu"] for each in sizes]), 1)
        console.print(f"CPU grows with lines to the power of {steps[0]:.2f}")
    for each in (*sizes, *explained):
        console.print(f"{each['lines']:,} lines: CPU seconds by step {each['phases']}; load {each['load']:.1f}")


if __name__ == "__main__":
    main()
