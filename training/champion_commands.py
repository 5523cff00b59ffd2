"""Commands around the champion: compare, promote, roll back, retrain."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from features.measures import Refused
from features.terminal import HOME, Home, Tracking, Url, complaints, console, moment, now, open_record, progress

commands = typer.Typer()

NEWEST = "newest.json"
TRAINED = "trained"
REPORTS = "reports"

Reason = Annotated[str, typer.Option(help="Why; an auditor reads it years later.")]
Who = Annotated[list[str], typer.Option(help="Who agreed; once for each person.")]
Folder = Annotated[Path | None, typer.Option(help="A model's folder; the newest trained one by default.")]


def remember(home: Path, run_id: str, artefact: Path) -> None:
    """Note the newest trained model, for `evaluate`, `compare` and `promote` to start from."""
    content = {"run_id": run_id, "model": artefact.name}
    (home / NEWEST).write_text(json.dumps(content))


def newest(home: Path) -> dict[str, str]:
    """The newest trained model: its run and its folder's name."""
    if not (home / NEWEST).exists():
        raise Refused("--model", None, "names no model and none was trained here", "run `diversion train` first")
    content: dict[str, str] = json.loads((home / NEWEST).read_text())
    return content


def publish(home: Path, folder: Path, model: str, name: str, page: str, tracking: str | None) -> None:
    """Lay a page about a model into its reports, and into the MLflow run that is noted beside its `folder`.

    A digest of the page ends its name: what says something else replaces nothing.
    """
    from training.track import Book, NotTracked, log_page  # noqa: PLC0415 - start-up stays quick

    path = home / REPORTS / model[:16] / f"{name}-{hashlib.sha256(page.encode()).hexdigest()[:8]}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    console.print(f"page {path}", soft_wrap=True)
    run_id = _noted_run(folder)
    if run_id is not None:
        try:
            log_page(Book.at(home, tracking), run_id, path.name, page)
        except NotTracked as problem:
            complaints.print(f"[yellow]mind:[/yellow] the page is in no run: {escape(str(problem))}")


@commands.command()
def compare(
    start: Annotated[
        str | None, typer.Option("--from", help="First day that judges; after both models' dates.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="The day after its last; up to now by default.")] = None,
    model: Folder = None,
    champion: Annotated[Path | None, typer.Option(help="Another model to compare with than the champion.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file as well.")] = None,
    home: Home = HOME,
    record: Url = None,
    tracking: Tracking = None,
) -> None:
    """Say whether a model is better than the champion, for whom, and which orders it would treat otherwise.

    Example: [cyan]diversion compare --from 2025-10-01[/cyan]
    """
    from training.champion import champion_folder  # noqa: PLC0415 - start-up stays quick
    from training.compare import compare as compared  # noqa: PLC0415
    from training.pages.comparison import comparison_page, name_of  # noqa: PLC0415

    folder = model or home / TRAINED / newest(home)["model"]
    with open_record(home, record) as opened, progress() as say:
        named = champion_folder(opened, home)
        if champion is None and named is None:
            raise Refused("--champion", None, "names no model and none was promoted here", "promote a first model")
        rival = champion or (named[1] if named else folder)
        result = compared(
            opened,
            folder,
            rival,
            home=home,
            start=moment(start, "--from"),
            end=moment(end, "--to") or now(),
            progress=say,
        )  # fmt: skip
    console.print(result.render())
    publish(home, folder, result.challenger, name_of(result), comparison_page(result), tracking)
    if json_file:
        json_file.write_text(json.dumps(result.to_json(), indent=2))


@commands.command()
def promote(
    reason: Reason,
    who: Who,
    start: Annotated[str | None, typer.Option("--from", help="First day of the comparison with the champion.")] = None,
    override: Annotated[
        str | None, typer.Option(help="Promote though the gate is closed, and why; kept in the record.")
    ] = None,
    model: Folder = None,
    home: Home = HOME,
    record: Url = None,
    tracking: Tracking = None,
) -> None:
    """Make the newest trained model the champion: an event in the record, mirrored by MLflow's alias.

    Where a champion serves, the model must be better, no worse on any slice, calibrated, and reproducible from the
    record. "Cannot tell" keeps the champion. A running service follows by itself.

    Example: [cyan]diversion promote --reason "finds more, same load" --who ana --who ben[/cyan]
    """
    from training.examine import examine  # noqa: PLC0415 - start-up stays quick
    from training.promote import promote as promoted  # noqa: PLC0415

    noted = newest(home)
    folder = model or home / TRAINED / noted["model"]
    with open_record(home, record) as opened:
        with progress() as say:
            checked = examine(opened, folder, home, start=moment(start, "--from"), end=now(), progress=say)
        for check in checked.checks:
            console.print(f"{'passed' if check.passed else 'FAILED'}  {check.name}: {check.seen}", highlight=False)
        event = promoted(
            opened, folder, home=home, run_id=_run_of(folder, noted), reason=reason, who=who, now=now(),
            checked=checked, override=override, tracking_uri=tracking,
        )  # fmt: skip
    console.print(f"champion: {event.model[:12]}, agreed by {', '.join(event.who)}")


@commands.command()
def rollback(reason: Reason, who: Who, home: Home = HOME, record: Url = None, tracking: Tracking = None) -> None:
    """Put the champion before this one back into service.

    Example: [cyan]diversion rollback --reason "holds too much" --who ana[/cyan]
    """
    from training.promote import rollback as rolled_back  # noqa: PLC0415 - start-up stays quick

    with open_record(home, record) as opened:
        event = rolled_back(opened, home=home, reason=reason, who=who, now=now(), tracking_uri=tracking)
    console.print(f"champion: {event.model[:12]} again, said {', '.join(event.who)}")


@commands.command()
def retrain(
    holdout_days: Annotated[int, typer.Option(min=1, help="The newest days, which judge and teach nothing.")] = 180,
    trials: Annotated[int, typer.Option(min=0, help="Search for parameters, see `train`.")] = 0,
    review_share: Annotated[float, typer.Option(min=0.0001, max=1.0, help="Share of orders to look at.")] = 0.02,
    seed: int = 7,
    home: Home = HOME,
    record: Url = None,
    tracking: Tracking = None,
) -> None:
    """Train, evaluate, compare with the champion and write the report, for a scheduler; promotes nothing.

    Example: [cyan]diversion retrain --holdout-days 180[/cyan]
    """
    from training.building import Capacity  # noqa: PLC0415
    from training.pages import comparison, evaluation  # noqa: PLC0415
    from training.retrain import retrain as retrained  # noqa: PLC0415 - start-up stays quick

    with open_record(home, record) as opened, progress() as say:
        done = retrained(
            opened, home=home, holdout_days=holdout_days, trials=trials, capacity=Capacity(review_share), seed=seed,
            now=now(), tracking_uri=tracking, progress=say,
        )  # fmt: skip
    remember(home, done.trained.run_id, done.trained.artefact)
    for doubt in done.trained.doubts:
        complaints.print(f"[bold yellow]look at:[/bold yellow] {doubt}", highlight=False)
    for part in (done.report, done.comparison):
        if part is not None:
            console.print(part.render())
    console.print(done.sentence)
    model, folder = done.trained.model.fingerprint, home / REPORTS / done.trained.model.fingerprint[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(done.to_json(), indent=2))
    with (folder / "report.txt").open("w") as file:
        written = Console(file=file, width=160)
        for part in (done.report, done.comparison):
            if part is not None:
                written.print(part.render())
        written.print(done.sentence)
    console.print(f"written to {folder}")
    if done.report is not None:
        page = evaluation.evaluation_page(done.report)
        publish(home, done.trained.artefact, model, evaluation.name_of(done.report), page, tracking)
    if done.comparison is not None:
        page = comparison.comparison_page(done.comparison)
        publish(home, done.trained.artefact, model, comparison.name_of(done.comparison), page, tracking)


def _noted_run(folder: Path) -> str | None:
    note = folder.with_suffix(".json")
    return str(json.loads(note.read_text())["run_id"]) if note.exists() else None


def _run_of(folder: Path, noted: dict[str, str]) -> str:
    own = None if folder.name == noted["model"] else _noted_run(folder)
    return own or noted["run_id"]
