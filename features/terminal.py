"""What the commands of all rooms share at the terminal: options, progress, exit codes, the way to the record."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from features.measures import instant, micros
from features.record import Record
from features.secret import secret

console = Console()
complaints = Console(stderr=True)

INCOMPLETE, REFUSED, UNAVAILABLE, INTERRUPTED = 1, 3, 4, 130
"""Exit codes beside 0 (all done) and 2 (the command was written wrong)."""

HOME = Path("var")

Home = Annotated[
    Path,
    typer.Option(envvar="DIVERSION_HOME", help="Folder of all run-time files: record, models, MLflow runs."),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--record",
        envvar="DIVERSION_RECORD",
        help="Address of the record; by default a SQLite file in the home folder.",
    ),
]  # fmt: skip
Tracking = Annotated[
    str | None,
    typer.Option("--tracking", envvar="MLFLOW_TRACKING_URI", help="MLflow's address; by default in the home folder."),
]


def now() -> int:
    """The present, in microseconds UTC."""
    return micros(datetime.now(UTC))


def moment(text: str | None, option: str) -> int | None:
    """An instant from a date (from its beginning: `--until 2019-01-01` leaves that day out) or a time with a zone."""
    if text is None:
        return None
    instant(text, UTC, option)  # what is no time is told as it was typed
    return instant(text if "T" in text or " " in text else f"{text}T00:00:00Z", column=option)


def open_record(home: Path, url: str | None, currency: str | None = None) -> Record:
    """The record at an address, by default the SQLite file of the home folder."""
    home.mkdir(parents=True, exist_ok=True)
    return Record.open(address(home, url), currency=currency)


def address(home: Path, url: str | None) -> str:
    """The record's address: as it was given, or what ``DIVERSION_RECORD_FILE`` names, or a file in the home folder."""
    return url or secret(os.environ, "DIVERSION_RECORD") or f"sqlite:///{home / 'record.db'}"


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A bar a step, each begun when the step is first heard of."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, transient=False) as bars:
        tasks: dict[str, Any] = {}

        def say(step: str, share: float) -> None:
            for other in [name for name in tasks if name != step]:
                bars.update(tasks[other], completed=1.0)
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1.0)
            bars.update(tasks[step], completed=min(share, 1.0))

        yield say
        for task in tasks.values():
            bars.update(task, completed=1.0)
