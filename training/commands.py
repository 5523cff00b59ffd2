"""Commands from a simulated world to a promoted model."""

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from features.terminal import HOME, Home, Tracking, Url, complaints, console, moment, now, open_record, progress
from training.champion_commands import newest, publish, remember

commands = typer.Typer()


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
        Literal["weak", "drop", "pu"],
        typer.Option(
            help="Lines without a finding: [bold]weak[/bold] (clean with little weight), [bold]drop[/bold], or "
            "[bold]pu[/bold] (some of them diverted, as many as the random audits say)."
        ),
    ] = "weak",
    inconclusive: Annotated[
        Literal["drop", "weak"],
        typer.Option(help="Inconclusive lines: left out ([bold]drop[/bold]), or [bold]weak[/bold] as if not judged."),
    ] = "drop",
    by_reseller: Annotated[
        bool,
        typer.Option(help="Findings on a reseller teach its lines of a year, together as one; see docs/training.md."),
    ] = False,
    review_share: Annotated[
        float, typer.Option(min=0.0001, max=1.0, help="Share of the orders that people can look at.")
    ] = 0.02,
    audit_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of that capacity for orders drawn at random: 0.05 to 0.1.")
    ] = 0.0,
    missed_cost: Annotated[float | None, typer.Option(help="What a missed diversion costs; informs only.")] = None,
    review_cost: Annotated[float | None, typer.Option(help="What a review costs, in the same currency.")] = None,
    trials: Annotated[
        int, typer.Option(min=0, help="Search for parameters, up to so many trials in all; goes on if interrupted.")
    ] = 0,
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
    from training.building import Capacity  # noqa: PLC0415
    from training.train import train as trained  # noqa: PLC0415

    with open_record(home, record) as opened, progress() as say:
        features = catalogue(Book.of(opened).attributes())
        result = trained(
            opened, features, until=moment(until, "--until"), home=home, tracking_uri=tracking,
            unknown=unknown, inconclusive=inconclusive, by_reseller=by_reseller, trials=trials, seed=seed, progress=say,
            capacity=Capacity(review_share, audit_share, missed_cost, review_cost),
        )  # fmt: skip
    console.print(result.statement)
    for doubt in result.doubts:
        complaints.print(f"[bold yellow]look at:[/bold yellow] {escape(str(doubt))}", highlight=False)
    for warning in result.warnings:
        complaints.print(f"[yellow]mind:[/yellow] {escape(warning)}")
    for name, interval in result.metrics.items():
        console.print(f"{name}: {interval}")
    console.print(f"run {result.run_id}, model {result.artefact}")
    console.print(
        "next: [cyan]diversion evaluate --from DATE[/cyan], or [cyan]diversion promote --reason TEXT --who NAME[/cyan]"
    )
    remember(home, result.run_id, result.artefact)


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
    rival: Annotated[
        list[str] | None,
        typer.Option(help="logistic, checklist, two_term, prior, ebm or catboost; the first four by default."),
    ] = None,
    ablations: Annotated[
        bool, typer.Option(help="Also train without location and without the history of findings.")
    ] = False,
    unseen: Annotated[bool, typer.Option(help="Judge on resellers that had not ordered by the model's date.")] = False,
    missed_cost: Annotated[float | None, typer.Option(help="What a missed diversion costs.")] = None,
    review_cost: Annotated[float | None, typer.Option(help="What a review costs, in the same currency.")] = None,
    home: Home = HOME,
    record: Url = None,
    tracking: Tracking = None,
) -> None:
    """Compare a model with the baselines on later order lines, with bootstrap intervals.

    Example: [cyan]diversion evaluate --from 2025-10-01[/cyan]
    """
    from training.evaluate import RIVALS  # noqa: PLC0415 - start-up stays quick
    from training.evaluate import evaluate as evaluated  # noqa: PLC0415
    from training.pages.evaluation import evaluation_page, name_of  # noqa: PLC0415

    folder = model or home / "trained" / newest(home)["model"]
    with open_record(home, record) as opened, progress() as say:
        report = evaluated(
            opened, None, folder, home=home, start=moment(start, "--from") or 0, end=moment(end, "--to") or now(),
            by=by, exclude=exclude or [], declared=declared or [], rivals=rival or RIVALS, ablations=ablations,
            unseen=unseen, costs=(missed_cost, review_cost) if missed_cost and review_cost else None, progress=say,
        )  # fmt: skip
    console.print(report.render())
    publish(home, folder, report.model, name_of(report), evaluation_page(report), tracking)
    if mapping:
        from features.mapping import Mapping  # noqa: PLC0415 - start-up stays quick

        meaning = Mapping.load(mapping).meaning
        console.print("In this data: " + "; ".join(f"{name} = {text}" for name, text in meaning.items()))
    if json_file:
        json_file.write_text(json.dumps(report.to_json(), indent=2))
