"""The command line: one command for each thing a user does; each calls one function.

Exit codes, for a scheduler: 0 all done; 1 done, but some rows were rejected (the rejects file says which) or vectors
differ; 2 the command was written wrong; 3 the input or the question was refused (the message says how to mend it); 4
the record, the model or the service is not available; 130 interrupted, nothing half done is left behind.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from features.measures import Refused, instant, micros
from features.record import Record, RecordError
from serving.run import CannotServe

if TYPE_CHECKING:
    from models.artefact import Model
    from serving.background import Background
    from serving.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done · 1 done, some rows rejected or vectors differ · 2 usage · 3 input refused "
    "· 4 not available · 130 interrupted",
    help="Score orders of sensitive goods for the risk of diversion. The usual way: [bold]simulate[/bold] (or your "
    "own files) → [bold]import[/bold] → [bold]train[/bold] → [bold]evaluate[/bold] → [bold]promote[/bold] → "
    "[bold]serve[/bold] and [bold]score[/bold].",
)
console = Console()
complaints = Console(stderr=True)

INCOMPLETE, REFUSED, UNAVAILABLE, INTERRUPTED = 1, 3, 4, 130

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
HOME = Path("var")
NEWEST = "newest.json"


def main() -> None:
    """Run the command line; turns what was refused into one clear line and an exit code."""
    try:
        app()
    except (RecordError, CannotServe) as error:
        sys.exit(_complain(str(error), UNAVAILABLE))
    except FileNotFoundError as error:
        sys.exit(_complain(f"{error.filename}: there is no such file; check the path", REFUSED))
    except (ValueError, LookupError) as error:
        if not _ours(error):
            raise
        sys.exit(_complain(str(error), REFUSED))
    except KeyboardInterrupt:
        sys.exit(_complain("interrupted; nothing half done is left behind", INTERRUPTED))


def _ours(error: Exception) -> bool:
    """Whether a room raised it to be read by people, such as `Refused`: all else is a fault of the program."""
    return type(error).__module__.partition(".")[0] in {"features", "models", "training", "serving"}


def _complain(text: str, code: int) -> int:
    complaints.print(f"[bold red]diversion:[/bold red] {escape(text)}", highlight=False, soft_wrap=True)
    return code


def _now() -> int:
    return micros(datetime.now(UTC))


def _moment(text: str | None, option: str) -> int | None:
    """An instant from a date (from its beginning: `--until 2019-01-01` leaves that day out) or a time with a zone."""
    if text is None:
        return None
    instant(text, UTC, option)  # what is no time is told as it was typed
    return instant(text if "T" in text or " " in text else f"{text}T00:00:00Z", column=option)


def _open(home: Path, url: str | None, currency: str | None = None) -> Record:
    home.mkdir(parents=True, exist_ok=True)
    return Record.open(url or f"sqlite:///{home / 'record.db'}", currency=currency)


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
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


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = HOME / "world",
    scenario: Annotated[
        str, typer.Option(help="small, standard, large, rare, frequent, drift or seed_2021; see docs/world.md.")
    ] = "small",
    orders: Annotated[int | None, typer.Option(min=500, help="About how many; the scenario's own by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same scenario, number and seed, same files.")] = 2021,
) -> None:
    """Write a world of sales: invented resellers, products, orders, findings, awards, and the mapping that reads them.

    What really happened lies apart, under [bold]sealed[/bold]; no command but [bold]benchmark[/bold] and
    [bold]picture[/bold] reads it.

    Example: [cyan]diversion simulate --scenario standard --out var/standard[/cyan]
    """
    from training.simulator import simulate as simulated  # noqa: PLC0415 - start-up stays quick

    with _progress() as say:
        summary = simulated(out, seed=seed, scenario_name=scenario, orders=orders, progress=say)
    (out / "mapping.toml").write_bytes(files("training.simulator").joinpath("mapping.toml").read_bytes())
    counts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in asdict(summary).items())
    console.print(counts)
    console.print(f"next: [cyan]diversion import --mapping {out / 'mapping.toml'} {out}[/cyan]")


@app.command()
def benchmark(
    task: Annotated[
        list[str] | None, typer.Option(help="time, unseen, rare, drift or resellers; may be given several times.")
    ] = None,
    entry: Annotated[
        list[str] | None, typer.Option(help="An entry of your own, module:Class; may be given several times.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only these of the shipped entries, by name; may be given several times.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the worlds.")] = 1,
    orders: Annotated[int | None, typer.Option(min=500, help="Smaller worlds, for a first look.")] = None,
    draws: Annotated[int, typer.Option(min=20, help="Bootstrap draws of the intervals.")] = 500,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file as well.")] = None,
    home: Home = HOME,
) -> None:
    """Run the fixed tasks of the benchmark on simulated worlds: the truth and the findings side by side.

    Example: [cyan]diversion benchmark --task time --only checklist --only reference[/cyan]
    """
    from training.benchmark.run import RESELLERS, TASKS, chosen_entries, run  # noqa: PLC0415 - start-up stays quick
    from training.benchmark.table import render  # noqa: PLC0415

    entries = chosen_entries(only or [], entry or [])
    folder = home / "benchmark" / (f"{orders}" if orders else "full")
    with _progress() as say:
        rows = run(folder, entries, task or [*TASKS, RESELLERS], seed=seed, orders=orders, draws=draws, progress=say)
    console.print(render(rows), highlight=False, soft_wrap=True, markup=False)
    if json_file:
        json_file.write_text(json.dumps([row.to_json() for row in rows], indent=2))


@app.command()
def picture(
    world: Annotated[Path, typer.Argument(help="Folder of a simulated world.")] = HOME / "world",
    out: Annotated[Path | None, typer.Option(help="The page; world.html in that folder by default.")] = None,
) -> None:
    """Draw a simulated world as one page: orders in time, a map of places, who diverts how, labels against truth.

    Example: [cyan]diversion picture var/world[/cyan]
    """
    from training.benchmark.picture import write_page  # noqa: PLC0415 - start-up stays quick

    page = write_page(world, out or world / "world.html")
    console.print(f"written to {page}")


@app.command("import")
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
    with _open(home, record, currency) as opened, complaints.status("reading") as status:
        imported = import_data(
            opened, Mapping.load(mapping), data, rejects=path, now=_now(),
            progress=lambda name, rows: status.update(f"{name}: {rows:,} rows read"),
        )  # fmt: skip
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
    if not imported.complete:
        complaints.print(f"rejected rows are in {path}" if imported.rejected else "the rest of the file was imported")
        raise typer.Exit(INCOMPLETE)


@app.command()
def train(
    until: Annotated[
        str | None, typer.Option(help="Learn only from what was known before this date; all by default.")
    ] = None,
    unknown: Annotated[
        Literal["weak", "drop"],
        typer.Option(
            help="Lines without a finding: [bold]weak[/bold] (clean with little weight) or [bold]drop[/bold]."
        ),
    ] = "weak",
    review_share: Annotated[
        float, typer.Option(min=0.0001, max=1.0, help="Share of the orders that people can look at.")
    ] = 0.02,
    seed: int = 7,
    home: Home = HOME,
    record: Url = None,
    tracking: Tracking = None,
) -> None:
    """Train a model on the record and log the run, its plots and its card to MLflow.

    Example: [cyan]diversion train --until 2025-10-01[/cyan]
    """
    from features.catalog.all import catalogue  # noqa: PLC0415 - start-up stays quick
    from features.facts.book import Book  # noqa: PLC0415
    from training.train import train as trained  # noqa: PLC0415

    with _open(home, record) as opened, _progress() as say:
        features = catalogue(Book.of(opened).attributes())
        result = trained(
            opened, features, until=_moment(until, "--until"), home=home, tracking_uri=tracking,
            unknown=unknown, review_share=review_share, seed=seed, progress=say,
        )  # fmt: skip
    console.print(result.statement)
    for warning in result.warnings:
        complaints.print(f"[yellow]mind:[/yellow] {escape(warning)}")
    for name, interval in result.metrics.items():
        console.print(f"{name}: {interval}")
    console.print(f"run {result.run_id}, model {result.artefact}")
    console.print(
        "next: [cyan]diversion evaluate --from DATE[/cyan], or [cyan]diversion promote --reason TEXT --who NAME[/cyan]"
    )
    _remember(home, result.run_id, result.artefact)


def _remember(home: Path, run_id: str, artefact: Path) -> None:
    """Note the newest trained model, for `evaluate` and `promote` to start from."""
    content = {"run_id": run_id, "model": artefact.name}
    (home / NEWEST).write_text(json.dumps(content))


def _newest(home: Path) -> dict[str, str]:
    if not (home / NEWEST).exists():
        raise Refused("--model", None, "names no model and none was trained here", "run `diversion train` first")
    content: dict[str, str] = json.loads((home / NEWEST).read_text())
    return content


@app.command()
def evaluate(
    start: Annotated[str, typer.Option("--from", help="First day of the period that judges.")],
    end: Annotated[str | None, typer.Option("--to", help="The day after its last; up to now by default.")] = None,
    by: Annotated[
        Literal["reseller", "order"],
        typer.Option(help="What the intervals are drawn by: [bold]reseller[/bold] or [bold]order[/bold]."),
    ] = "reseller",
    exclude: Annotated[
        list[str] | None, typer.Option(help="Leave out lines where NAME=VALUE; may be given several times.")
    ] = None,
    declared: Annotated[
        list[str] | None, typer.Option(help="Columns that the logistic regression reads; all by default.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping, for what the outcomes mean in its data.")] = None,
    model: Annotated[Path | None, typer.Option(help="A model's folder; the newest trained one by default.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file as well.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Compare a model with the baselines on later order lines, with bootstrap intervals.

    Example: [cyan]diversion evaluate --from 2025-10-01[/cyan]
    """
    from training.evaluate import evaluate as evaluated  # noqa: PLC0415 - start-up stays quick

    folder = model or home / "trained" / _newest(home)["model"]
    with _open(home, record) as opened, _progress() as say:
        report = evaluated(
            opened, None, folder, start=_moment(start, "--from") or 0, end=_moment(end, "--to") or _now(),
            by=by, exclude=exclude or [], declared=declared or [], progress=say,
        )  # fmt: skip
    console.print(report.render())
    if mapping:
        from features.mapping import Mapping  # noqa: PLC0415 - start-up stays quick

        meaning = Mapping.load(mapping).meaning
        console.print("In this data: " + "; ".join(f"{name} = {text}" for name, text in meaning.items()))
    if json_file:
        json_file.write_text(json.dumps(report.to_json(), indent=2))


@app.command()
def promote(
    reason: Annotated[str, typer.Option(help="Why this model should serve.")],
    who: Annotated[list[str], typer.Option(help="Who agreed; may be given several times.")],
    home: Home = HOME,
    record: Url = None,
    tracking: Tracking = None,
) -> None:
    """Make the newest trained model the champion: an event in the record, mirrored by MLflow's alias.

    Example: [cyan]diversion promote --reason "first model" --who ana --who ben[/cyan]
    """
    from training.promote import promote as promoted  # noqa: PLC0415 - start-up stays quick

    newest = _newest(home)
    with _open(home, record) as opened:
        event = promoted(
            opened, home / "trained" / newest["model"], home=home, run_id=newest["run_id"], reason=reason, who=who,
            now=_now(), tracking_uri=tracking,
        )  # fmt: skip
    console.print(f"champion: {event.model[:12]}, agreed by {', '.join(event.who)}")


@app.command()
def score(
    data: Annotated[list[Path], typer.Argument(help="Files of orders, CSV or Parquet.")],
    mapping: Annotated[Path, typer.Option(help="What the columns mean, as for import.")],
    out: Annotated[Path, typer.Option(help="Where the scores go: .csv or .parquet.")],
    reasons: Annotated[
        Literal["waiting", "all", "none"], typer.Option(help="Whose reasons to write: of lines that wait, all, none.")
    ] = "waiting",
    model: Annotated[Path | None, typer.Option(help="A model's folder; the champion by default.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Score the orders of a file, each as of its own moment, as the service would have.

    Nothing is written to the record. Example: [cyan]diversion score --mapping var/world/mapping.toml --out scores.csv
    var/world/orders.csv[/cyan]
    """
    from features.exchange import Exchange  # noqa: PLC0415 - start-up stays quick
    from features.mapping import Mapping, Rejected, Rejects  # noqa: PLC0415
    from features.trade import Order, Rate  # noqa: PLC0415
    from serving.batch import score as scored  # noqa: PLC0415

    path = out.with_name(f"{out.stem}.rejects.csv")
    with _open(home, record) as opened, Rejects(path) as rejects, _progress() as say:
        champion = _model(opened, home, model)
        exchange = Exchange(opened.currency, [entry.event for entry in opened.entries((Rate,))])
        orders: list[Order] = []
        for item in Mapping.load(mapping).read(data, exchange=exchange, now=_now()):
            if isinstance(item, Rejected):
                rejects.add(item)
            elif isinstance(item, Order):
                orders.append(item)
        summary = scored(opened, champion, orders, out, with_reasons=reasons, progress=say)
    console.print(f"{summary}; written to {out}")
    for order in summary.rejected[:20]:
        complaints.print(escape(str(order)), highlight=False)
    if rejects.count:
        complaints.print(f"{rejects.count:,} rows rejected, see {path}")
    if rejects.count or summary.rejected:
        raise typer.Exit(INCOMPLETE)


@app.command("audit-features")
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

    with _open(home, record) as opened, _progress() as say:
        found = audit(
            opened, home, since=_moment(since, "--since"), limit=limit, model=model, progress=say
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


def _model(record: Record, home: Path, folder: Path | None) -> "Model":
    from models.artefact import load  # noqa: PLC0415 - start-up stays quick

    if folder is not None:
        return load(folder)
    champion = record.champion()
    if champion is None:
        raise Refused("--model", None, "names no model and there is no champion", "run `diversion promote` first")
    return load(home / champion.artefact, expected=champion.model)


Port = Annotated[int, typer.Option(envvar="DIVERSION_PORT", min=1, max=65_535, help="Port to listen on.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar="DIVERSION_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Port = 3000,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Serve the champion over HTTP until interrupted: POST an order to /v1/score.

    Example: [cyan]diversion serve --port 3001[/cyan]
    """
    from serving.run import serve as served  # noqa: PLC0415 - start-up stays quick

    served(_settings(home, record, port, host))


def _settings(home: Path, record: str | None, port: int, host: str = "127.0.0.1") -> "Settings":
    from serving.settings import Settings  # noqa: PLC0415 - start-up stays quick

    return Settings(home, record or f"sqlite:///{home / 'record.db'}", host, port)


@app.command()
def demo(port: Port = 3000, home: Home = HOME, record: Url = None) -> None:
    """Go through everything once on a small made-up world, and leave the service running.

    What is there already is used again. Example: [cyan]diversion demo --port 3001[/cyan]
    """
    from serving.background import Background  # noqa: PLC0415 - start-up stays quick
    from serving.example import rendered  # noqa: PLC0415

    service = Background(_settings(home, record, port))
    if service.pid() is None:
        service.require_port()
    if not (home / "world" / "mapping.toml").exists():
        console.rule("1. A world of sales", align="left")
        simulate(home / "world")
    with _open(home, record) as opened:
        empty, crowned = not opened.counts()["orders"], opened.champion() is not None
    if empty:
        console.rule("2. Into the record", align="left")
        import_([home / "world"], home / "world" / "mapping.toml", home, record)
    if not crowned:
        console.rule("3. A model", align="left")
        train(DEMO_UNTIL, home=home, record=record)
        console.rule("4. Is it any good?", align="left")
        evaluate(DEMO_UNTIL, home=home, record=record)
        promote("first model of the made-up world", ["demo"], home, record)
    console.rule("5. An order", align="left")
    order = _demo_order(home, record)
    with complaints.status("starting the service"):
        pid = service.start()
    console.print(rendered(service.ask(order)))
    _say_next(service, order, pid, home)


DEMO_UNTIL = "2025-07-01"
"""The made-up world goes on for another year, which judges the model."""


def _demo_order(home: Path, record: str | None) -> Path:
    """An order like the riskiest of the world's last quarter, as a file; made once."""
    path = home / "order.json"
    if not path.exists():
        from serving.example import riskiest  # noqa: PLC0415 - start-up stays quick

        with _open(home, record) as opened, _progress() as say:
            path.write_text(riskiest(opened, _model(opened, home, None), "DEMO-1", progress=say))
    return path


def _say_next(service: "Background", order: Path, pid: int, home: Path) -> None:
    console.rule("What next", align="left")
    console.print(f"the service runs at {service.address} (process {pid}, log {service.log}); `make stop` ends it")
    mapping, orders = home / "world" / "mapping.toml", home / "world" / "orders.csv"
    for text, command in (
        ("the same order again, the same answer:", curl(service.address, order)),
        ("all runs, plots and models (MLflow), on port 5000:", "make ui"),
        ("the API:", f"{service.address}/v1/docs"),
        ("score a file:", f".venv/bin/diversion score --mapping {mapping} --out scores.csv {orders}"),
        ("your own sales:", ".venv/bin/diversion import --help, and docs/mapping.md"),
    ):
        console.print(f"  {text}\n    [cyan]{command}[/cyan]", soft_wrap=True, highlight=False)


def curl(address: str, order: Path) -> str:
    """The line that sends an order by hand."""
    return f"curl -s -H 'content-type: application/json' -d @{order} {address}/v1/score"


@app.command()
def stop(home: Home = HOME, record: Url = None) -> None:
    """Stop the service that `demo` left running."""
    from serving.background import Background  # noqa: PLC0415 - start-up stays quick

    pid = Background(_settings(home, record, 3000)).stop()
    console.print("no service was running" if pid is None else f"stopped process {pid}")


if __name__ == "__main__":
    main()
