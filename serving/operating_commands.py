"""Commands for whoever keeps the service running: doctor, backup and restore, and a policy tried on the past."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from features.terminal import HOME, INCOMPLETE, Home, Url, complaints, console, moment, now, open_record, progress
from serving.commands import Port, model_of, settings_of

commands = typer.Typer()
policy = typer.Typer(no_args_is_help=True, help="The policy: what another threshold would have done.")
commands.add_typer(policy, name="policy")


@commands.command()
def doctor(port: Port = 3000, home: Home = HOME, record: Url = None) -> None:
    """Look at the set-up: home, record, model, rules, lists, keys, service. Exit code 1 where something is bad.

    Example: [cyan]diversion doctor[/cyan]
    """
    from serving.doctor import State, examine  # noqa: PLC0415 - start-up stays quick

    signs = examine(settings_of(home, record, port), now())
    colours = {State.GOOD: "green", State.MIND: "yellow", State.BAD: "bold red"}
    for sign in signs:
        colour = colours[sign.state]
        line = f"[{colour}]{sign.state.value:>4}[/{colour}] {sign.what}: {escape(sign.said)}"
        console.print(line, highlight=False, soft_wrap=True)
    if any(sign.state is State.BAD for sign in signs):
        raise typer.Exit(INCOMPLETE)


@commands.command()
def backup(
    out: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Copy the record and its models into a folder, with hashes, while the service goes on.

    Example: [cyan]diversion backup --out var/backups/monday[/cyan]
    """
    from serving.backup import backup as backed_up  # noqa: PLC0415 - start-up stays quick

    with complaints.status("copying"):
        done = backed_up(settings_of(home, record, 3000).record_url, home, out, now())
    size = f"{done.size / 1e6:,.1f} MB"
    console.print(f"up to position {done.position:,}, {done.models} models, {size}, written to {out}")


@commands.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `backup` wrote.")],
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Bring a backup back, to where no record is: a SQLite file, or an empty PostgreSQL database.

    Example: [cyan]diversion restore var/backups/monday --home var2[/cyan]
    """
    from serving.backup import restore as restored  # noqa: PLC0415 - start-up stays quick

    with complaints.status("checking and copying"):
        done = restored(folder, settings_of(home, record, 3000).record_url, home)
    console.print(f"restored up to position {done.position:,}, with {done.models} models")


@policy.command("dry-run")
def dry_run(
    threshold: Annotated[float, typer.Option(min=0.0, max=1.0, help="The probability from which orders would wait.")],
    since: Annotated[str, typer.Option(help="Orders from this date on.")],
    model: Annotated[Path | None, typer.Option(help="A model's folder; the champion by default.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Lay another threshold over the orders of the record, each scored as of its own moment. Nothing is written.

    Example: [cyan]diversion policy dry-run --threshold 0.2 --since 2026-01-01[/cyan]
    """
    from serving.dry_run import dry_run as tried  # noqa: PLC0415 - start-up stays quick

    with open_record(home, record) as opened, progress() as say:
        done = tried(opened, model_of(opened, home, model), threshold, moment(since, "--since") or 0, say)
    table = Table(
        "", "as it is", "instead", title=f"{done.orders:,} orders, {done.days:.0f} days", title_justify="left"
    )
    table.add_row("threshold", f"{done.now.threshold:.4g}", f"{done.instead.threshold:.4g}")
    for action in ("proceed", "review", "hold"):
        table.add_row(action, *(f"{each.actions.get(action, 0):,}" for each in (done.now, done.instead)))
    table.add_row("waiting a day, mean", f"{done.now.mean_a_day:.1f}", f"{done.instead.mean_a_day:.1f}")
    table.add_row("waiting a day, most", f"{done.now.most_a_day:,}", f"{done.instead.most_a_day:,}")
    waiting = (done.now.diverted_waiting, done.instead.diverted_waiting)
    table.add_row(f"of {done.diverted:,} found diverted", *(f"{count:,} wait" for count in waiting))
    waiting = (done.now.cleared_waiting, done.instead.cleared_waiting)
    table.add_row(f"of {done.cleared:,} cleared", *(f"{count:,} wait" for count in waiting))
    console.print(table)
    console.print(
        f"[dim]Model {done.model[:12]}. Findings speak only of orders that somebody looked into; a model that learned "
        "from them flatters itself: name a date after its training.[/dim]"
    )
