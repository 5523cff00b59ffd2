"""Commands that score: files, single orders over HTTP, and the audit of what was answered."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from features.measures import Refused
from features.secret import secret
from features.terminal import (
    HOME,
    INCOMPLETE,
    Home,
    Url,
    address,
    complaints,
    console,
    moment,
    now,
    open_record,
    progress,
)

if TYPE_CHECKING:
    from features.record import Record
    from models.artefact import Model
    from serving.settings import Settings

commands = typer.Typer()


@commands.command()
def score(
    out: Annotated[Path, typer.Option(help="Where the scores go: .csv or .parquet.")],
    data: Annotated[
        list[Path] | None, typer.Argument(help="Sales: CSV or Parquet, files or folders, also compressed.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="What the columns mean, as for import; without it they are those of a record's lines."),
    ] = None,
    reasons: Annotated[
        Literal["waiting", "all", "none"], typer.Option(help="Whose reasons to write: of lines that wait, all, none.")
    ] = "waiting",
    as_known_today: Annotated[
        bool,
        typer.Option(
            "--as-known-today/--as-it-was", help="With what was found since and today's rules, or as of each moment."
        ),
    ] = False,
    sql: Annotated[str | None, typer.Option(help="A query that gives the rows, against --from-database.")] = None,
    from_database: Annotated[
        str | None, typer.Option(envvar="DIVERSION_SALES", help="Address of the database of the sales.")
    ] = None,
    engine: Annotated[
        Literal["auto", "memory", "stream", "dask"],
        typer.Option(help="Small files in memory, others by way of the disk, or on a cluster of --scheduler."),
    ] = "auto",
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")] = None,
    memory_mb: Annotated[int, typer.Option(min=200, help="About how much memory the stream takes.")] = 800,
    report: Annotated[Path | None, typer.Option(help="Where the page about a long run goes: .html.")] = None,
    model: Annotated[Path | None, typer.Option(help="A model's folder; the champion by default.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Score sales, each order as of its own moment, as the service would have.

    Nothing is written to the record. A long run goes on where it was stopped. Example: [cyan]diversion score --mapping
    var/world/mapping.toml --out scores.csv var/world/orders.csv[/cyan]
    """
    from serving.history.question import Question  # noqa: PLC0415 - start-up stays quick
    from serving.history.run import Options  # noqa: PLC0415
    from serving.history.terminal import asked_for, fits_into_memory, run_at_terminal  # noqa: PLC0415

    database = from_database if sql is not None else None
    sales = asked_for(data or [], mapping, sql, database)
    if (engine == "dask") != (scheduler is not None):
        raise Refused("--scheduler", scheduler, "goes with --engine dask", "give both, or none")
    long = sql is not None or report is not None or as_known_today or mapping is None
    if engine == "memory" and long:
        raise Refused("--engine", engine, "takes a mapping, no query, no report and one question", "leave --engine out")
    plain = engine == "auto" and not long and fits_into_memory(sales.data)
    with open_record(home, record) as opened:
        champion = model_of(opened, home, model)
        draw_key = None if as_known_today else _draw_key(champion, home)
        if mapping is not None and (plain or engine == "memory"):
            _score_in_memory(opened, champion, sales.data, mapping, out, reasons, draw_key)
            return
        question: Question = "as-known-today" if as_known_today else "as-it-was"
        options = Options(question, reasons, memory_mb, draw_key=draw_key)
        rejected = run_at_terminal(opened, champion, sales, out, options, now=now(), report=report, scheduler=scheduler)
    if rejected:
        raise typer.Exit(INCOMPLETE)


def _score_in_memory(
    record: "Record",
    model: "Model",
    data: Sequence[Path],
    mapping: Path,
    out: Path,
    reasons: Literal["waiting", "all", "none"],
    draw_key: bytes | None,
) -> None:
    from features.exchange import Exchange  # noqa: PLC0415 - start-up stays quick
    from features.mapping import Mapping, Rejected, Rejects  # noqa: PLC0415
    from features.trade import Order, Rate  # noqa: PLC0415
    from serving.batch import score as scored  # noqa: PLC0415

    path = out.with_name(f"{out.stem}.rejects.csv")
    with Rejects(path) as rejects, progress() as say:
        exchange = Exchange(record.currency, [entry.event for entry in record.entries((Rate,))])
        orders: list[Order] = []
        for item in Mapping.load(mapping).read(data, exchange=exchange, now=now()):
            if isinstance(item, Rejected):
                rejects.add(item)
            elif isinstance(item, Order):
                orders.append(item)
        summary = scored(record, model, orders, out, with_reasons=reasons, draw_key=draw_key, progress=say)
    console.print(f"{summary}; written to {out}")
    for order in summary.rejected[:20]:
        complaints.print(escape(str(order)), highlight=False)
    if rejects.count:
        complaints.print(f"{rejects.count:,} rows rejected, see {path}")
    if rejects.count or summary.rejected:
        raise typer.Exit(INCOMPLETE)


def _draw_key(model: "Model", home: Path) -> bytes | None:
    """What the service draws random audits by, where the policy draws any; tells where it is not at hand."""
    from serving.draw import SECRET_FILE, at_hand  # noqa: PLC0415 - start-up stays quick

    rate = model.policy.draw_rate
    if rate == 0:
        return None
    key = at_hand(home, secret(os.environ, "DIVERSION_DRAW_SECRET") or "")
    if key is None:
        where = f"neither DIVERSION_DRAW_SECRET nor {home / SECRET_FILE} holds its secret"
        told = f"the service also reviews {rate:.2%} of all orders at random; none are drawn here: {where}"
        complaints.print(f"[yellow]mind:[/yellow] {escape(told)}", highlight=False)
    return key


@commands.command("audit-features")
def audit_features(
    since: Annotated[str | None, typer.Option(help="Only what was decided since this date; all by default.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest so many decisions.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Only those of this model: its fingerprint, or how it begins.")
    ] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Compute the vectors of logged decisions again from the record, and report any that differ, bit for bit.

    Exit code 1 when any differs. Example: [cyan]diversion audit-features --since 2026-01-01[/cyan]
    """
    from serving.audit import audit  # noqa: PLC0415 - start-up stays quick

    with open_record(home, record) as opened, progress() as say:
        found = audit(
            opened, home, since=moment(since, "--since"), limit=limit, model=model, progress=say
        )  # fmt: skip
    if model and not found.decisions and not found.skipped:
        raise Refused("--model", model, "answered no decision here", "leave it out, or give the first digits of one")
    console.print(str(found))
    for reason, count in found.skipped.items():
        complaints.print(f"[yellow]mind:[/yellow] {count:,} decisions left out: {escape(reason)}")
    for each in found.differences[:SHOWN]:
        where = f"decision {each.decision_id}, order {each.order_id} revision {each.revision}, line {each.line_id}"
        values = f"{each.feature}: stored {each.stored!r}, recomputed {each.recomputed!r}"
        complaints.print(escape(f"{where}, {values}"), highlight=False, soft_wrap=True)
    if len(found.differences) > SHOWN:
        complaints.print(f"and {len(found.differences) - SHOWN:,} more values")
    if found.differences:
        raise typer.Exit(INCOMPLETE)


SHOWN = 50
"""Differing values that are printed."""


def model_of(record: "Record", home: Path, folder: Path | None) -> "Model":
    """The model of a folder, or the champion. Raises `Refused` where there is neither."""
    from models.artefact import load  # noqa: PLC0415 - start-up stays quick

    if folder is not None:
        return load(folder)
    champion = record.champion()
    if champion is None:
        raise Refused("--model", None, "names no model and there is no champion", "run `diversion promote` first")
    return load(home / champion.artefact, expected=champion.model)


Port = Annotated[int, typer.Option(envvar="DIVERSION_PORT", min=1, max=65_535, help="Port to listen on.")]


@commands.command()
def serve(
    host: Annotated[str, typer.Option(envvar="DIVERSION_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Port = 3000,
    workers: Annotated[int, typer.Option(envvar="DIVERSION_WORKERS", min=1, max=256, help="Server processes.")] = 1,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Serve the champion over HTTP until interrupted: POST an order to /v1/score.

    Example: [cyan]diversion serve --port 3001[/cyan]
    """
    from serving.run import serve as served  # noqa: PLC0415 - start-up stays quick

    served(replace(settings_of(home, record, port, host), workers=workers))


def settings_of(home: Path, record: str | None, port: int, host: str = "127.0.0.1") -> "Settings":
    """Settings of a service with this home; all else as the environment says."""
    from serving.settings import Settings  # noqa: PLC0415 - start-up stays quick

    return replace(Settings.of(os.environ), home=home, record_url=address(home, record), host=host, port=port)


@commands.command()
def stop(home: Home = HOME, record: Url = None) -> None:
    """Stop the service that `demo` left running."""
    from serving.background import Background  # noqa: PLC0415 - start-up stays quick

    pid = Background(settings_of(home, record, 3000)).stop()
    console.print("no service was running" if pid is None else f"stopped process {pid}")
