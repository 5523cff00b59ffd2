"""The long run at the terminal: which engine, bars that tell its pace, and what is printed at the end."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from features.mapping.rows import DATA
from features.measures import Refused
from features.record import Record
from features.terminal import complaints, console
from models.model import Model
from serving.history.pace import Beat, Pace
from serving.history.report import write_report
from serving.history.run import Options, Sales, rejects_path, score_history, work_folder
from serving.history.summary import Summary

Engine = Literal["auto", "memory", "stream", "dask"]

SMALL_BYTES = 16 << 20
"""Plain files up to this size are scored in memory, in the order of the file, unless told otherwise."""


def fits_into_memory(data: Sequence[Path]) -> bool:
    """Whether data is small and plain."""
    plain = all(path.is_file() and path.suffix.lower() in DATA for path in data)
    return plain and sum(path.stat().st_size for path in data) <= SMALL_BYTES


def asked_for(data: Sequence[Path], mapping: Path | None, sql: str | None, database: str | None) -> Sales:
    """What is to be scored; raises `Refused` unless there are files, or a query and where to put it."""
    if (sql is None) != (database is None):
        raise Refused("--sql", sql, "and --from-database: one is missing", "give both, or files")
    if not data and sql is None:
        raise Refused("data", None, "is missing", "name files or folders, or give --sql and --from-database")
    if mapping is None and sql is not None:
        raise Refused("--mapping", None, "is missing", "say what the columns of the query mean")
    return Sales(mapping, tuple(data), sql, database)


def run_at_terminal(
    record: Record,
    model: Model,
    sales: Sales,
    out: Path,
    options: Options,
    *,
    now: int,
    report: Path | None,
    scheduler: str | None,
) -> int:
    """Score a past with bars on the screen, write its report, print its summary; returns how much was rejected."""
    if work_folder(out).exists():
        complaints.print(f"going on with the work in {work_folder(out)}, if it asked the same", highlight=False)
    scorer: Any = None
    if scheduler is not None:
        from serving.history.cluster import scorer_on  # noqa: PLC0415 - Dask is an extra

        scorer = scorer_on(scheduler)
    with _bars() as pace:
        summary = score_history(record, model, sales, out, options, now=now, progress=pace, scorer=scorer)
    page = write_report(summary, report or out.with_name(f"{out.stem}.report.html"))
    _show(summary)
    console.print(f"{summary}; written to {out}, told in {page}", highlight=False, soft_wrap=True)
    rejected = _count(rejects_path(out))
    if rejected:
        complaints.print(f"{rejected:,} rows or orders rejected, see {rejects_path(out)}", highlight=False)
    return rejected


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


@contextmanager
def _bars() -> Iterator[Pace]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints) as bars:
        tasks: dict[str, Any] = {}

        def tell(beat: Beat) -> None:
            name = beat.step.partition(",")[0]
            for other in [each for each in tasks if each != name]:
                bars.update(tasks[other], completed=1.0)
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=1.0)
            bars.update(tasks[name], completed=min(1.0, beat.share), description=str(beat))

        yield Pace(tell, time.monotonic)
        for task in tasks.values():
            bars.update(task, completed=1.0)


def _show(summary: Summary) -> None:
    table = Table("reseller", "orders", "would wait", "at risk", title="Which resellers to look at first")
    for each in summary.resellers[:10]:
        table.add_row(
            each.reseller_id, f"{each.orders:,}", f"{each.stopped:,}", f"{each.at_risk:,.0f} {summary.currency}"
        )
    console.print(table)
    for name, counts in summary.by_category[:10]:
        told = ", ".join(f"{counts.get(action, 0):,} {action}" for action in ("proceed", "review", "hold"))
        console.print(f"  {name or '(no category)'}: lines {told}", highlight=False, markup=False)
