"""Commands of the analyst who found a public notice: add it, look at its links, confirm or reject them."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from features.commands import tell_refused
from features.evidence import Grade, link_id
from features.terminal import HOME, INCOMPLETE, Home, Url, complaints, console, moment, now, open_record, progress

if TYPE_CHECKING:
    from features.awards.docket import Case
    from features.awards.taking import Taken
    from features.evidence import Link, Linking, LinkVerdict, Notice
    from features.record import Record
    from features.record.reports import Reported
    from serving.evidence import Changes

commands = typer.Typer()
evidence = typer.Typer(
    no_args_is_help=True,
    help="Public notices of awards, and the orders that they point at; see docs/evidence.md.\n\n"
    "Example: [cyan]diversion evidence add notice.json[/cyan]",
)
commands.add_typer(evidence, name="evidence")

SHOWN = 20
"""Notices, or orders, that are printed one by one."""

TRUSTED = (Grade.A, Grade.B)
"""Links that may become findings."""

Who = Annotated[
    list[str],
    typer.Option(help="Who says so, as [bold]name[/bold] or [bold]name:department[/bold]; once for each person."),
]
Why = Annotated[str | None, typer.Option(help="What the links were checked against.")]


@evidence.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="OCDS (.json, .jsonl) or the template (.csv, .xlsx).")],
    lag: Annotated[
        str | None, typer.Option(help="Known so long after it was published, such as '1 day'; by default, now.")
    ] = None,
    open_days: Annotated[int, typer.Option(min=1, help="How old an order may be to count as open.")] = 90,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Take notices into the record: the sales that they point at, why, and which open orders change their action.

    The same notice again changes nothing; an amendment is a new version. See docs/evidence.md.

    Example: [cyan]diversion evidence add notice.json[/cyan]
    """
    from features.awards.taking import take  # noqa: PLC0415 - start-up stays quick
    from features.mapping.kinds import span_micros  # noqa: PLC0415
    from serving import notice_words  # noqa: PLC0415

    micros = None if lag is None else span_micros(lag, "--lag")
    with open_record(home, record) as opened:
        before = opened.position()
        with progress() as say:
            taken = take(opened, files, now=now(), lag=micros, progress=say)
        _told(taken)
        tell_refused(taken)
        if taken.new:
            found = _changes(opened, home, taken, before, open_days)
            console.rule("open orders", align="left")
            for text in notice_words.changes(found, open_days, SHOWN):
                _say(text)
            _tell_next(taken)
    if not taken.complete:
        raise typer.Exit(INCOMPLETE)


def _told(taken: "Taken") -> None:
    counts = f"{len(taken.new):,} new, {taken.same:,} that say nothing new, {taken.empty:,} that award nothing"
    console.print(f"notices: {counts}, {len(taken.refused):,} refused", soft_wrap=True)
    for notice, linking in sorted(taken.new, key=_best_grade)[:SHOWN]:
        console.rule(escape(f"{notice.notice_id} (version {notice.revision})"), align="left")
        keys = {link_id(notice.notice_id, link): link for link in linking.links}
        _tell_lines(notice, linking, keys)
    if len(taken.new) > SHOWN:
        grades = [link.grade.value for _, linking in taken.new for link in linking.links]
        said = ", ".join(f"{grades.count(grade):,} of grade {grade}" for grade in sorted(set(grades)))
        console.print(f"and {len(taken.new) - SHOWN:,} more; links of all: {said or 'none'}")


def _tell_lines(
    notice: "Notice",
    linking: "Linking",
    links: "Mapping[str, Link]",
    verdicts: "Mapping[str, LinkVerdict] | None" = None,
) -> None:
    """The buyer, each line as it was understood, and below it the links that are asked for."""
    from serving import notice_words  # noqa: PLC0415 - start-up stays quick

    _say(notice_words.buyer(notice))
    forbidden = notice_words.policy(notice)
    if forbidden is not None:
        _say(forbidden)
    if not notice.lines:
        _say(notice_words.WITHDRAWN)
    for number, text in enumerate(notice_words.lines(notice, linking)):
        _say(text)
        for key, link in links.items():
            verdict = (verdicts or {}).get(key)
            said = "" if verdict is None else f"({'confirmed' if verdict.confirmed else 'rejected'} by {verdict.who})"
            if link.line == number:
                _tell_link(key, link, said)


def _say(text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)


def _tell_link(key: str, link: "Link", verdict: str = "") -> None:
    sale = f"order {link.order_id} line {link.line_id}" if link.order_id else f"reseller {link.reseller_id}"
    head = f"  {key}  grade {link.grade}  weight {link.weight:.2f}  {sale} {verdict}".rstrip()
    console.print(escape(head), highlight=False, soft_wrap=True)
    for name, text in link.terms:
        console.print(escape(f"      {name}: {text}"), highlight=False, soft_wrap=True)


def _changes(record: "Record", home: Path, taken: "Taken", before: int, open_days: int) -> "Changes | None":
    """What the new notices change; None where no model serves."""
    if record.champion() is None:
        return None

    from serving.commands import model_of  # noqa: PLC0415 - start-up stays quick
    from serving.evidence import changes  # noqa: PLC0415
    from serving.keeping import Keeper  # noqa: PLC0415

    names = {notice.notice_id for notice, _ in taken.new}
    model, keeper = model_of(record, home, None), Keeper(home, now)
    with progress() as say:
        return changes(record, model, names, before, keeper=keeper, open_days=open_days, progress=say)


def _tell_next(taken: "Taken") -> None:
    trusted = [(notice, link) for notice, linking in taken.new for link in linking.links if link.grade in TRUSTED]
    if trusted:
        notice, link = trusted[0]
        _say(f"next: look into {len(trusted):,} links of grade A or B, then confirm or reject each:")
        _say(f"  diversion evidence confirm {link_id(notice.notice_id, link)} --who NAME --who NAME --why TEXT")


def _best_grade(pair: "tuple[Notice, Linking]") -> str:
    return min((link.grade.value for link in pair[1].links), default="none")


@evidence.command("list")
def list_(
    grade: Annotated[list[Grade] | None, typer.Option(help="Only notices with a link of this grade.")] = None,
    unsettled: Annotated[bool, typer.Option(help="Only notices with links that nobody judged.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    speed: Annotated[bool, typer.Option(help="Days from published to flagged, by month, instead.")] = False,
    since: Annotated[str | None, typer.Option(help="Only what became known since this date.")] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """List notices with their links, newest first; or how many days passed from published to flagged.

    Example: [cyan]diversion evidence list --grade A --grade B --unsettled[/cyan]
    """
    from features.awards.docket import Docket  # noqa: PLC0415 - start-up stays quick
    from features.measures import iso  # noqa: PLC0415
    from serving import notice_words  # noqa: PLC0415

    with open_record(home, record) as opened:
        docket = Docket(opened)
    if speed:
        months = list(docket.speed())
        for month, count, days in months:
            console.print(f"{month}  notices {count:>6,}  {days:8.1f} days from published to flagged", highlight=False)
        if not months:
            console.print("no notice tells when it was published")
        return
    first = moment(since, "--since")
    cases = sorted(docket.cases.values(), key=lambda case: (-case.linking.known_at, case.notice.notice_id))
    kept = [
        case for case in cases if _wanted(case, grade or [], unsettled) and case.linking.known_at >= (first or -(2**62))
    ]
    for case in kept[:limit]:
        grades = "".join(sorted({link.grade.value for link in case.links.values()})) or "-"
        said = f"{len(case.verdicts)} of {len(case.links)} judged"
        head = f"{iso(case.linking.known_at)[:10]}  {case.notice.notice_id}  grades {grades}  {said}"
        console.print(
            escape(f"{head}  {notice_words.buyer(case.notice)}"),
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"{len(kept[:limit]):,} of {len(kept):,} notices")


def _wanted(case: "Case", grades: Collection[Grade], unsettled: bool) -> bool:
    links = [(key, link) for key, link in case.links.items() if not grades or link.grade in grades]
    return (not grades or bool(links)) and (not unsettled or any(key not in case.verdicts for key, _ in links))


@evidence.command()
def show(
    name: Annotated[str, typer.Argument(help="A notice's id, or a link's id or its beginning.")],
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Show a notice: what it says, where it was read, its links with their terms, and what was said of them.

    Example: [cyan]diversion evidence show ocds-tier2-0000001[/cyan]
    """
    from features.awards.docket import Docket  # noqa: PLC0415 - start-up stays quick
    from features.measures import iso  # noqa: PLC0415

    with open_record(home, record) as opened:
        case, keys = Docket(opened).named(name)
    notice = case.notice
    times = (("awarded", notice.happened_at), ("published", notice.published_at), ("known", notice.known_at))
    console.print(escape(f"{notice.notice_id}, version {notice.revision}"), highlight=False)
    console.print(", ".join(f"{word} {iso(at)}" for word, at in times if at is not None), highlight=False)
    console.print(
        escape(f"read from {notice.source}, {notice.url or 'no address'}, SHA-256 {notice.content_hash}"),
        highlight=False,
        soft_wrap=True,
    )
    _tell_lines(notice, case.linking, {key: case.links[key] for key in keys}, case.verdicts)


@evidence.command()
def confirm(
    link: Annotated[str, typer.Argument(help="A link's id, or its beginning.")],
    who: Who,
    why: Why = None,
    outcome: Annotated[
        Literal["diverted", "cleared", "inconclusive"] | None,
        typer.Option(help="What it says of the order; by default what the policy on buyers says."),
    ] = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Confirm that a notice speaks of a sale. Grades A and B become a finding where policy forbids the buyer.

    Example: [cyan]diversion evidence confirm 3f2a --who ana --who ben[/cyan]
    """
    from features.awards.docket import Docket  # noqa: PLC0415 - start-up stays quick
    from features.trade import Outcome  # noqa: PLC0415

    with open_record(home, record) as opened:
        said = Outcome(outcome) if outcome else None
        verdict, finding = Docket(opened).confirm(link, who=who, now=now(), why=why, outcome=said)
    console.print(f"confirmed {verdict.link_id}")
    _tell_finding(finding, "no finding: the policy does not forbid this buyer, or the grade is neither A nor B")


@evidence.command()
def reject(
    link: Annotated[str, typer.Argument(help="A link's id, or its beginning.")],
    who: Who,
    why: Why = None,
    home: Home = HOME,
    record: Url = None,
) -> None:
    """Reject a link; a finding that a confirmation had made is withdrawn.

    Example: [cyan]diversion evidence reject 3f2a --who ana --who ben --why "other serials"[/cyan]
    """
    from features.awards.docket import Docket  # noqa: PLC0415 - start-up stays quick

    with open_record(home, record) as opened:
        verdict, finding = Docket(opened).reject(link, who=who, now=now(), why=why)
    console.print(f"rejected {verdict.link_id}")
    _tell_finding(finding, "there was no finding to withdraw")


def _tell_finding(reported: "Reported | None", otherwise: str) -> None:
    if reported is None:
        complaints.print(otherwise)
        return
    finding = reported.finding
    text = (
        f"finding {finding.finding_id} (revision {finding.revision}): {finding.outcome.value}, order {finding.order_id}"
    )
    claimed = f"; claimed {finding.claimed.value}, which needs {reported.missing}" if finding.claimed else ""
    console.print(escape(text + claimed), highlight=False, soft_wrap=True)
