"""Commands for findings: report, agree, correct, withdraw, look up."""

from dataclasses import replace
from typing import Annotated

import typer

from features.measures import Refused, iso
from features.record import Record
from features.record.reports import Reported, report, said
from features.terminal import HOME, Home, Url, console, moment, now, open_record
from features.trade import Finding, Outcome

commands = typer.Typer(
    no_args_is_help=True,
    help="What investigations said: add, confirm, withdraw, show.\n\n"
    "Example: [cyan]diversion finding add --order 2025-000123 --outcome diverted --who ana --who ben[/cyan]",
)

Who = Annotated[
    list[str],
    typer.Option(help="Who says so, as [bold]name[/bold] or [bold]name:department[/bold]; once for each person."),
]
Note = Annotated[str | None, typer.Option(help="What an auditor should read years later.")]
Id = Annotated[str, typer.Argument(help="The finding's id.")]


@commands.command()
def add(
    outcome: Annotated[Outcome, typer.Option(help="What was found.")],
    who: Who,
    order: Annotated[str | None, typer.Option(help="The order that was looked into.")] = None,
    line: Annotated[str | None, typer.Option(help="Its line; the whole order where none is named.")] = None,
    reseller: Annotated[str | None, typer.Option(help="The reseller, where it was not an order.")] = None,
    finding_id: Annotated[str | None, typer.Option("--id", help="Its id; made of order, line and source.")] = None,
    happened: Annotated[str | None, typer.Option(help="When it was found: a date or a time; today by default.")] = None,
    known: Annotated[str | None, typer.Option(help="When we learned it; now by default.")] = None,
    source: Annotated[str, typer.Option(help="Where it came from.")] = "investigation",
    confidence: Annotated[float | None, typer.Option(min=0.01, max=1.0, help="How sure they are.")] = None,
    grade: Annotated[str | None, typer.Option(help="Of the evidence: A, B, C or D; see docs/training.md.")] = None,
    note: Note = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Report what was found. `diverted` stands when two people say so, `cleared` with graded evidence.

    What does not stand yet is kept as a claim and labels nothing. Said again under the same id by somebody else it
    is agreement; another outcome is a correction.

    Example: [cyan]diversion finding add --order 2025-000123 --outcome diverted --who ana --who ben[/cyan]
    """
    present = now()
    known_at = moment(known, "--known") or present
    if (order is None) == (reseller is None):
        raise Refused("--order", order, "and --reseller: exactly one is needed", "name what was judged")
    parts = (order or reseller or "", line, source)
    made = Finding(
        finding_id or "/".join(part for part in parts if part),
        outcome, moment(happened, "--happened") or known_at, known_at, order, line, reseller, source,
        confidence, None, note, 1, tuple(who), grade,
    )  # fmt: skip
    with open_record(home, record) as opened:
        _say(report(opened, made, recorded_at=present))


@commands.command()
def confirm(finding_id: Id, who: Who, note: Note = None, home: Home = HOME, record: Url = None) -> None:
    """Agree with a claim: say the same as a second person.

    Example: [cyan]diversion finding confirm 2025-000123/investigation --who ben:legal[/cyan]
    """
    with open_record(home, record) as opened:
        before, present = _held(opened, finding_id), now()
        agreed = replace(
            before, outcome=said(before), claimed=None, known_at=present, who=tuple(who), note=note or before.note
        )
        _say(report(opened, agreed, recorded_at=present))


@commands.command()
def withdraw(finding_id: Id, who: Who, note: Note = None, home: Home = HOME, record: Url = None) -> None:
    """Take a finding back, with a note that says why; a standing `diverted` takes two people.

    Example: [cyan]diversion finding withdraw 2025-000123/investigation --note "wrong serial" --who ana --who ben[/cyan]
    """
    with open_record(home, record) as opened:
        before, present = _held(opened, finding_id), now()
        taken = replace(
            before, outcome=Outcome.WITHDRAWN, claimed=None, known_at=present, happened_at=present, who=tuple(who),
            note=note,
        )  # fmt: skip
        _say(report(opened, taken, recorded_at=present))


@commands.command()
def show(finding_id: Id, home: Home = HOME, record: Url = None) -> None:
    """Show a finding as it stands.

    Example: [cyan]diversion finding show 2025-000123/investigation[/cyan]
    """
    with open_record(home, record) as opened:
        finding = _held(opened, finding_id)
    judged = finding.order_id or finding.reseller_id
    claim = f", {finding.claimed.value} is claimed" if finding.claimed else ""
    console.print(f"{finding.finding_id}, revision {finding.revision}: {finding.outcome.value}{claim}, on {judged}")
    console.print(
        f"found {iso(finding.happened_at)}, known {iso(finding.known_at)}, by {', '.join(finding.who) or '?'}"
    )
    console.print(f"source {finding.source}, evidence {finding.grade or 'not graded'}; {finding.note or 'no note'}")


def _held(record: Record, finding_id: str) -> Finding:
    finding = record.finding(finding_id)
    if finding is None:
        raise Refused("finding_id", finding_id, "is not a finding here", "check the id, or add it")
    return finding


def _say(reported: Reported) -> None:
    finding = reported.finding
    told = "is kept" if reported.fresh else "was known before"
    console.print(f"{finding.finding_id}, revision {finding.revision}: {finding.outcome.value} {told}")
    if reported.missing and finding.claimed:
        console.print(f"{finding.claimed.value} is a claim until it has {reported.missing}")
