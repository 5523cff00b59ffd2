"""Commands about how long the record keeps: retention, and legal holds."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from features.measures import Refused, iso
from features.record import LegalHold, Record
from features.record.reports import PEOPLE_NEEDED, people
from features.terminal import HOME, Home, Url, console, now, open_record, progress
from features.trade import Order, Reseller

commands = typer.Typer()
holding = typer.Typer(
    no_args_is_help=True,
    help="Orders that must be kept whatever their age: add, lift, list.\n\n"
    'Example: [cyan]diversion legal-hold add --reseller r-17 --reason "subpoena 24-118" --who ana[/cyan]',
)
commands.add_typer(holding, name="legal-hold")

Who = Annotated[list[str], typer.Option(help="Who says so, as name or name:department; once for each person.")]
Reason = Annotated[str, typer.Option(help="What an auditor should read years later.")]


@commands.command()
def retain(
    policy: Annotated[Path | None, typer.Option(help="The retention policy; the one that ships by default.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Remove, for good; without it, only tell.")] = False,
    who: Annotated[list[str] | None, typer.Option(help="With --apply: two people.")] = None,
    reason: Reason = "retention policy",
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Tell which orders were kept for their time, or remove their contents and the answers to them, with --apply.

    The ledger keeps their ids, times and digests; verify-log still passes, and says how many rows are redacted. A run
    that was interrupted goes on where it is called again. Services build their state again after it.

    Example: [cyan]diversion retain --apply --who ana --who ben[/cyan]
    """
    from features.retention import removing  # noqa: PLC0415 - start-up stays quick
    from features.retention.policy import load_retention  # noqa: PLC0415

    removal = removing.Removal(tuple(who or ()), reason) if apply else None
    rules = load_retention(policy)
    with open_record(home, record) as opened, progress() as say:
        tally = removing.retain(opened, rules, now(), removal, lambda share: say("looking at orders", share))
    for regime, count in sorted(tally.over.items()):
        console.print(f"{escape(regime)}: {count:,} orders {'removed' if apply else 'may be removed'}", highlight=False)
    for why, count in sorted(tally.kept.items()):
        console.print(f"kept, {why}: {count:,} orders", highlight=False)
    if apply:
        console.print(f"{tally.redactions:,} redactions written")
    elif tally.over:
        console.print("nothing was removed: add --apply --who NAME --who NAME")
    verify = sorted({rule.regime for rule in rules if rule.verify})
    if verify:
        console.print(f"[yellow]mind:[/yellow] to be verified against the law: {escape(', '.join(verify))}")


@holding.command()
def add(
    reason: Reason,
    who: Who,
    order: Annotated[str | None, typer.Option(help="The order to keep.")] = None,
    reseller: Annotated[str | None, typer.Option(help="The reseller whose orders are to be kept.")] = None,
    hold_id: Annotated[str | None, typer.Option("--id", help="Its id; made of what it names by default.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Keep an order, or all orders of a reseller, until the hold is lifted.

    Example: [cyan]diversion legal-hold add --order 2025-000123 --reason "subpoena 24-118" --who ana[/cyan]
    """
    named = hold_id or (f"order {order}" if order else f"reseller {reseller}")
    hold = LegalHold(named, reason, tuple(who), now(), order, reseller)
    with open_record(home, record) as opened:
        before = _newest(opened).get(named)
        if before is not None and not before.lifted:
            raise Refused("--id", named, "holds already", "give another id, or leave it")
        _append(opened, replace(hold, revision=before.revision + 1 if before else 1))
        known = opened.about((Order,), [order]) if order else opened.about((Reseller,), [str(reseller)])
    console.print(f"{escape(named)}: kept until it is lifted", highlight=False)
    if not known:
        whose = escape(f"order {order}" if order else f"reseller {reseller}")
        console.print(
            f"[yellow]mind:[/yellow] the record holds no {whose} yet; lift the hold if that is a slip of the pen"
        )


@holding.command()
def lift(
    hold_id: Annotated[str, typer.Argument(help="The hold's id.")],
    reason: Reason,
    who: Who,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """End a hold; two people say so, since what it covered may be removed for good after that.

    Example: [cyan]diversion legal-hold lift "order 2025-000123" --reason "case closed" --who ana --who ben[/cyan]
    """
    if len(people(who)) < PEOPLE_NEEDED:
        raise Refused("--who", who, f"are not {PEOPLE_NEEDED} different people", "name two")
    with open_record(home, record) as opened:
        before = _newest(opened).get(hold_id)
        if before is None or before.lifted:
            raise Refused("hold_id", hold_id, "holds nothing", "see `diversion legal-hold list`")
        lifted = replace(
            before, reason=reason, who=tuple(who), known_at=now(), revision=before.revision + 1, lifted=True
        )
        _append(opened, lifted)
    console.print(f"{escape(hold_id)}: lifted", highlight=False)


@holding.command("list")
def list_(home: Home = HOME, record: Url = None) -> None:
    """List all holds, with who said so and why.

    Example: [cyan]diversion legal-hold list[/cyan]
    """
    with open_record(home, record) as opened:
        holds = _newest(opened)
    for hold in holds.values():
        state = "lifted" if hold.lifted else "holds"
        told = f"{hold.hold_id}: {state} since {iso(hold.known_at)[:10]}, {', '.join(hold.who)}: {hold.reason}"
        console.print(escape(told), highlight=False, soft_wrap=True)


def _newest(record: Record) -> dict[str, LegalHold]:
    return {entry.event.hold_id: entry.event for entry in record.entries((LegalHold,))}


def _append(record: Record, hold: LegalHold) -> None:
    with record.writer() as writer:
        writer.append(hold, source="command line", recorded_at=hold.known_at)
