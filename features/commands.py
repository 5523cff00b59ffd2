"""Commands that bring events into the record, and that tell whether it is still what it was."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from features.measures import Refused
from features.record import checkpoints
from features.terminal import HOME, INCOMPLETE, Home, Url, complaints, console, now, open_record

if TYPE_CHECKING:
    from features.awards.taking import Taken
    from features.mapping import Mapping
    from features.record import Record

commands = typer.Typer()

CHECKPOINTS = "checkpoints.jsonl"
"""The file of the home folder that checkpoints go to."""


@commands.command("import")
def import_(
    data: Annotated[list[Path], typer.Argument(help="CSV or Parquet files, or folders of them.")],
    mapping: Annotated[Path, typer.Option(help="The TOML file that says what the columns mean; see docs/mapping.md.")],
    home: Home = HOME,
    record: Url = None,
    rejects: Annotated[
        Path | None, typer.Option(help="File for rejected rows; by default rejects.csv in the home folder.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="The record's currency, fixed when it is created (USD).")] = None,
) -> None:
    """Read files into the record, through a mapping. The same file twice changes nothing.

    A row that cannot be taken goes to the rejects file, with column, value, why and mend; the rest is imported.

    Example: [cyan]diversion import --mapping var/world/mapping.toml var/world[/cyan]
    """
    from features.mapping import Mapping  # noqa: PLC0415 - start-up stays quick
    from features.mapping.importing import import_data  # noqa: PLC0415

    path = rejects or home / "rejects.csv"
    read = Mapping.load(mapping)
    with open_record(home, record, currency) as opened, complaints.status("reading") as status:
        imported = import_data(
            opened, read, data, rejects=path, now=now(),
            progress=lambda name, rows: status.update(f"{name}: {rows:,} rows read"),
        )  # fmt: skip
        taken = _notices(opened, read, data)
        counts = opened.counts()
    receipt = imported.receipt
    console.print(
        f"{receipt.appended:,} new events, {receipt.same:,} known before, {imported.rejected:,} rows rejected"
    )
    console.print("the record holds " + ", ".join(f"{number:,} {name}" for name, number in counts.items() if number))
    for each in imported.first:
        complaints.print(
            escape(f"{each.file}:{each.row}: {each.column} {each.value!r} {each.why}; {each.mend}"), highlight=False
        )
    for problem in (*receipt.conflicts, *receipt.refusals)[:20]:
        complaints.print(escape(str(problem)), highlight=False)
    if taken is not None:
        console.print(
            f"{len(taken.new):,} new notices of awards, {taken.same:,} that say nothing new, "
            f"{len(taken.refused):,} refused"
        )
        tell_refused(taken)
    if taken is not None and not taken.complete and imported.complete:
        raise typer.Exit(INCOMPLETE)
    if not imported.complete:
        complaints.print(f"rejected rows are in {path}" if imported.rejected else "the rest of the file was imported")
        raise typer.Exit(INCOMPLETE)


@commands.command()
def checkpoint(
    out: Annotated[
        Path | None, typer.Option(help="File to add it to, best on another machine; by default in the home folder.")
    ] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Copy the newest link of the record's chain out of the store: the past up to it can no longer be altered unseen.

    Example: [cyan]diversion checkpoint --out /mnt/elsewhere/checkpoints.jsonl[/cyan]
    """
    file = out or home / CHECKPOINTS
    with open_record(home, record) as opened:
        newest = opened.checkpoint(now())
    if newest is None:
        raise Refused("record", None, "is empty", "a checkpoint of nothing would say nothing; import or score first")
    checkpoints.write(newest, file)
    console.print(f"position {newest.position:,}, link {newest.link}, in {file}", soft_wrap=True, highlight=False)


@commands.command("verify-log")
def verify_log(
    checkpoint_: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="File of checkpoints beside that of the home folder.")
    ] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Look at every row of the record: whether any was altered, removed or reordered since the checkpoints were made.

    What happened behind the last checkpoint cannot be told. Exit code 1 where something is wrong.

    Example: [cyan]diversion verify-log --checkpoint /mnt/elsewhere/checkpoints.jsonl[/cyan]
    """
    files = [*(checkpoint_ or []), *([home / CHECKPOINTS] if (home / CHECKPOINTS).exists() else [])]
    with open_record(home, record) as opened:
        found = opened.verify(checkpoints.read(files))
    console.print(str(found), soft_wrap=True, highlight=False)
    for fault in found.faults:
        complaints.print(str(fault), highlight=False)
    if found.faults:
        raise typer.Exit(INCOMPLETE)


def _notices(record: "Record", mapping: "Mapping", data: list[Path]) -> "Taken | None":
    """What became of the notices that lie in the folders of the data; None where the mapping names none."""
    from features.awards.taking import take  # noqa: PLC0415 - start-up stays quick

    told = mapping.notices
    folders = [path for path in data if path.is_dir()]
    files = sorted(file for folder in folders for file in folder.glob(told.files)) if told else []
    return take(record, files, now=now(), lag=told.lag_micros) if told and files else None


SHOWN = 20
"""Refusals that are printed."""


def tell_refused(taken: "Taken") -> None:
    """The first refusals, and the first fields of new notices that make no sense, each on a line."""
    refused = (*taken.refused, *taken.receipt.conflicts, *taken.receipt.refusals)
    for kind, problems in (("refused", refused), ("mind", taken.unread)):
        for problem in problems[:SHOWN]:
            complaints.print(escape(f"{kind}: {problem}"), highlight=False, soft_wrap=True)
        if len(problems) > SHOWN:
            complaints.print(f"{kind}: {len(problems) - SHOWN:,} more", highlight=False)
