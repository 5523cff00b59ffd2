"""Commands for API keys: who may ask the service what."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from features.terminal import HOME, Home, Url, console, moment, now, open_record

key = typer.Typer(no_args_is_help=True, help="API keys of the service: create, list, revoke.")
commands = typer.Typer()
commands.add_typer(key, name="key")


@key.command()
def create(
    name: Annotated[str, typer.Option(help="Whose key it is, such as the system that uses it.")],
    role: Annotated[
        list[str], typer.Option(help="What for: orders, analyst, modeller, approver, auditor, admin. May be repeated.")
    ],
    expires: Annotated[str | None, typer.Option(help="A date or time after which it lets nobody in.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it into this file, readable by you alone.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Create a key and print it, once: only its hash is kept.

    Example: [cyan]diversion key create --name order-system --role orders --expires 2027-01-01[/cyan]
    """
    from serving.keys import create as created  # noqa: PLC0415 - start-up stays quick
    from serving.keys import keep  # noqa: PLC0415

    with open_record(home, record) as opened:
        token, held = created(opened, name, role, now(), moment(expires, "--expires"))
    if out is None:
        console.print(token, soft_wrap=True, highlight=False)
    else:
        keep(token, out)
        console.print(f"key {held.key_id} for {', '.join(sorted(held.roles))} written to {out}")


@key.command("list")
def list_(home: Home = HOME, record: Url = None) -> None:
    """List all keys, without their secrets.

    Example: [cyan]diversion key list[/cyan]
    """
    from features.measures import iso  # noqa: PLC0415 - start-up stays quick
    from serving.keys import held  # noqa: PLC0415

    table = Table("key", "name", "roles", "created", "expires", "state")
    with open_record(home, record) as opened:
        for each in held(opened):
            state = "revoked" if each.revoked_at is not None else "holds" if each.holds(now()) else "expired"
            expires = "never" if each.expires_at is None else iso(each.expires_at)
            table.add_row(each.key_id, each.name, ", ".join(sorted(each.roles)), iso(each.created_at), expires, state)
    console.print(table)


@key.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, as `diversion key list` shows it.")],
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Take a key back, for good; a running service follows within seconds.

    Example: [cyan]diversion key revoke 0f3a9c[/cyan]
    """
    from serving.keys import revoke as revoked  # noqa: PLC0415 - start-up stays quick

    with open_record(home, record) as opened:
        held = revoked(opened, key_id, now())
    console.print(f"key {held.key_id} ({held.name}) is revoked")
