"""A past scored on a local Dask cluster of one and of two workers, beside the plain run: what the cluster adds.

Run: ``python -m benchmarks.cluster`` (`make bench-cluster`); ``--rows 100000`` is a small one. Sales, model and record
are those of `benchmarks.scoring`. CPU is that of the process that asks and of the workers, their start included. The
files of scores must be equal byte for byte; the run ends with an error where they are not. Figures go to
``cluster.json`` in the folder of run-time files.
"""

import argparse
import json
import resource
import subprocess
import sys
from typing import Any

from distributed import LocalCluster
from rich.console import Console
from rich.table import Table

from benchmarks.machine import home, machine
from benchmarks.scoring import TAUGHT, measured, scored
from serving.history.cluster import scorer_on

WORKERS = (0, 1, 2)
"""None is the plain run."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--memory-mb", type=int, default=800)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.workers is not None:
        print(json.dumps(_run(options.workers, options.rows, options.memory_mb)))
        return
    for rows in {TAUGHT, options.rows}:
        measured(options.memory_mb, "sales", rows)
    measured(options.memory_mb, "none", TAUGHT)
    figures = [_measured(workers, options.rows, options.memory_mb) for workers in WORKERS]
    home().mkdir(parents=True, exist_ok=True)
    (home() / "cluster.json").write_text(json.dumps({"runs": figures, "machine": machine()}, indent=1))
    _show(figures)
    if len({each["digest"] for each in figures}) > 1:
        raise SystemExit("the files of scores differ")


def _measured(workers: int, rows: int, memory_mb: int) -> dict[str, Any]:
    asked = [f"--rows={rows}", f"--memory-mb={memory_mb}", f"--workers={workers}"]
    command = [sys.executable, "-m", "benchmarks.cluster", *asked]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(told.splitlines()[-1])  # type: ignore[no-any-return]


def _run(workers: int, rows: int, memory_mb: int) -> dict[str, Any]:
    if not workers:
        return {"workers": 0, **scored("none", rows, memory_mb)}
    with LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=None, dashboard_address=None) as cluster:
        found = scored("none", rows, memory_mb, scorer=scorer_on(cluster.scheduler_address))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # the workers have ended
    found["cpu"] += used.ru_utime + used.ru_stime
    return {"workers": workers, **found, "peak MB of a worker": used.ru_maxrss / 1024}


def _show(figures: list[dict[str, Any]]) -> None:
    table = Table("", "CPU s", "of the plain run", "wall s", "of the plain run", "peak MB", "peak MB of a worker")
    plain = figures[0]
    for each in figures:
        table.add_row(
            f"{each['workers']} workers" if each["workers"] else "plain",
            f"{each['cpu']:,.1f}", f"{each['cpu'] / plain['cpu']:.2f}",
            f"{each['wall']:,.1f}", f"{each['wall'] / plain['wall']:.2f}",
            f"{each['peak_mb']:,.0f}", f"{each.get('peak MB of a worker', 0):,.0f}",
        )  # fmt: skip
    console = Console(width=140)
    console.print(table)
    same = len({each["digest"] for each in figures}) == 1
    console.print(f"{plain['lines']:,} lines; the files of scores are {'the same bytes' if same else 'different'}")


if __name__ == "__main__":
    main()
