"""Commands from a simulated world to a promoted model."""

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from features.measures import Refused
from features.terminal import HOME, Home, Tracking, Url, complaints, console, moment, now, open_record, progress

commands = typer.Typer()

NEWEST = "newest.json"


@commands.command()
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

    with progress() as say:
        summary = simulated(out, seed=seed, scenario_name=scenario, orders=orders, progress=say)
    (out / "mapping.toml").write_bytes(files("training.simulator").joinpath("mapping.toml").read_bytes())
    counts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in asdict(summary).items())
    console.print(counts)
    console.print(f"next: [cyan]diversion import --mapping {out / 'mapping.toml'} {out}[/cyan]")


@commands.command()
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
    with progress() as say:
        rows = run(folder, entries, task or [*TASKS, RESELLERS], seed=seed, orders=orders, draws=draws, progress=say)
    console.print(render(rows), highlight=False, soft_wrap=True, markup=False)
    if json_file:
        json_file.write_text(json.dumps([row.to_json() for row in rows], indent=2))


@commands.command()
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


@commands.command()
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

    with open_record(home, record) as opened, progress() as say:
        features = catalogue(Book.of(opened).attributes())
        result = trained(
            opened, features, until=moment(until, "--until"), home=home, tracking_uri=tracking,
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


@commands.command()
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
    with open_record(home, record) as opened, progress() as say:
        report = evaluated(
            opened, None, folder, start=moment(start, "--from") or 0, end=moment(end, "--to") or now(),
            by=by, exclude=exclude or [], declared=declared or [], progress=say,
        )  # fmt: skip
    console.print(report.render())
    if mapping:
        from features.mapping import Mapping  # noqa: PLC0415 - start-up stays quick

        meaning = Mapping.load(mapping).meaning
        console.print("In this data: " + "; ".join(f"{name} = {text}" for name, text in meaning.items()))
    if json_file:
        json_file.write_text(json.dumps(report.to_json(), indent=2))


@commands.command()
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
    with open_record(home, record) as opened:
        event = promoted(
            opened, home / "trained" / newest["model"], home=home, run_id=newest["run_id"], reason=reason, who=who,
            now=now(), tracking_uri=tracking,
        )  # fmt: skip
    console.print(f"champion: {event.model[:12]}, agreed by {', '.join(event.who)}")
