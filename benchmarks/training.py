"""What training costs as a past grows: CPU, wall and memory from the lines to the model that serves.

Run: ``python -m benchmarks.training`` (``--rows 200000``, may be given several times). The sales are invented
(`benchmarks.sales`), and so is what was found; nothing is said of how good the model is. Each size is a process of its
own, with the kernel compiled before; its peak includes the lines in memory. What `diversion train` does besides, to
read the record and to write the run down in MLflow, is left out. One thread grows the trees.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import sales
from benchmarks.machine import home, machine, timed
from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import DAY
from training.benchmark.champion import findings_of, statuses_of
from training.dataset import training_set
from training.fit import fit
from training.sample import sample, vectors

SIZES = (200_000, 2_000_000, 10_000_000)
UNTIL = sales.START + (sales.YEARS * 365 + 1) * DAY


def measure(rows: int) -> dict[str, Any]:
    """The costs of one size, by step: CPU and wall seconds, and the highest memory so far."""
    folder = home().resolve() / "benchmarks" / f"sales-{rows}"
    sales.make(folder, rows)
    book = _book(folder)
    findings = findings_of(book)
    some = sample(book.lines, findings, UNTIL)
    table, features = timed(lambda: vectors(book, catalogue(), some.lines, home()))
    chosen, chose = timed(lambda: training_set(table, findings, UNTIL, statuses=statuses_of(book), share=some.share))
    fitted, grew = timed(lambda: fit(chosen, threads=1))
    counts = chosen.counts()
    return {
        "lines": book.lines.num_rows,
        "computed": table.lines.num_rows,
        "diverted": counts["diverted"],
        "rounds": fitted.rounds,
        "vectors": features,
        "set": chose,
        "fit": grew,
    }


def _book(folder: Path) -> Book:
    order = [("position", "ascending"), ("line_no", "ascending")]
    return replace(sales.others(folder), lines=pq.read_table(sales.files(folder)).sort_by(order))


def measured(rows: int) -> dict[str, Any]:
    """The same, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.training", "--measure", str(rows)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def show(found: list[dict[str, Any]], console: Console) -> None:
    """A row a size."""
    table = Table("lines", "computed", "diverted", "trees", "vectors, CPU s", "model, CPU s", "wall s", "peak MB")
    for each in found:
        steps = [each[name] for name in ("vectors", "set", "fit")]
        table.add_row(
            *(f"{each[name]:,}" for name in ("lines", "computed", "diverted", "rounds")),
            f"{steps[0]['cpu']:.1f}",
            f"{steps[1]['cpu'] + steps[2]['cpu']:.1f}",
            f"{sum(step['wall'] for step in steps):.1f}",
            f"{steps[-1]['peak_mb']:,.0f}",
        )
    console.print(table)


def main() -> None:
    """Measure each size, print the table, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="lines; may be given several times")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure)))
        return
    measured(2_000)
    sizes = track(asked.rows or SIZES, "sizes", console=Console(stderr=True))
    found = [measured(rows) for rows in sizes]
    home().mkdir(parents=True, exist_ok=True)
    (home() / "training.json").write_text(json.dumps({"sizes": found, "machine": machine()}, indent=1))
    show(found, Console())


if __name__ == "__main__":
    main()
