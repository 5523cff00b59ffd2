"""Findings as people report them: what two must say, what needs evidence, and what waits until then.

``diverted``
    stands when two different people vouch for it. What one alone says is kept as ``inconclusive`` with `claimed`
    beside it: it labels nothing and holds nothing until a second person says the same.
``cleared``
    stands with evidence of grade A or B and at least one person outside sales; kept as a claim until then.
``inconclusive``, ``withdrawn``
    stand as they are; a withdrawal says why. What takes a standing ``diverted`` back needs two people as well: it goes
    on standing, with the withdrawal claimed, until a second person says the same.

In one transaction with a ``diverted`` that stands, or that falls, the open orders of its reseller are recalled, or
released (see `features.record.recalling`).

A finding without anybody's name was brought over from before these rules: it stands as it is, and its source answers
for it. See docs/decisions/0010-who-may-say-so.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from features.measures import Refused
from features.record.recalling import concerned, recall
from features.record.store import Record
from features.record.writing import Writer
from features.trade import Finding, Outcome

PEOPLE_NEEDED = 2
EVIDENCE = ("A", "B")
"""Grades that clear: a party's own word, or hearsay, does not."""

SALES = "sales"


class Unvouched(Refused):
    """A correction for which too little vouches: what it was to replace remains."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding as it now stands in the record.

    `fresh` is False where nothing changed. `missing` is what its claim still needs, None where it stands.
    """

    finding: Finding
    position: int
    fresh: bool
    missing: str | None


def person(text: str) -> tuple[str, str | None]:
    """Name and department of ``name:department``; two spellings that differ in case or blanks are one person.

    >>> person("Ana Lima: Compliance"), person("ben")
    (('ana lima', 'compliance'), ('ben', None))
    """
    name, _, department = text.partition(":")
    return " ".join(name.casefold().split()), department.strip().casefold() or None


def people(who: Iterable[str]) -> dict[str, str]:
    """Each different person once, by name, as first written; one whose department is written somewhere has it."""
    found: dict[str, str] = {}
    for text in who:
        name, department = person(text)
        if name and (name not in found or (department and not person(found[name])[1])):
            found[name] = text
    return found


def missing(finding: Finding, replaced: Outcome | None = None) -> str | None:
    """What keeps a finding from standing; None where nothing does. `replaced` is the standing outcome before it."""
    if not finding.who:
        return None
    wanted = []
    if Outcome.DIVERTED in {finding.outcome, replaced} and len(people(finding.who)) < PEOPLE_NEEDED:
        wanted.append(f"{PEOPLE_NEEDED} different people")
    if finding.outcome is Outcome.CLEARED:
        if finding.grade not in EVIDENCE:
            wanted.append(f"evidence of grade {' or '.join(EVIDENCE)}")
        if not {person(text)[1] for text in finding.who} - {None, SALES}:
            wanted.append("somebody outside sales, as name:department")
    if finding.outcome is Outcome.WITHDRAWN and not finding.note:
        wanted.append("a note that says why")
    return " and ".join(wanted) or None


def standing(finding: Finding) -> Finding:
    """The finding as it may stand: as it is, or ``inconclusive`` with its claim beside it."""
    if finding.outcome in {Outcome.DIVERTED, Outcome.CLEARED} and missing(finding):
        return replace(finding, outcome=Outcome.INCONCLUSIVE, claimed=finding.outcome)
    return finding


def said(finding: Finding) -> Outcome:
    """What a finding says, standing or not."""
    return finding.claimed or finding.outcome


def report(record: Record, finding: Finding, *, recorded_at: int, source: str = "report") -> Reported:
    """Take a report of people into the record: a first finding, a second person's agreement, or a correction.

    The `revision` given does not matter: the next one is taken. The same outcome said again by others under one
    `finding_id` adds them to those who vouch; another outcome corrects, and must stand at once. `source` is the
    way it came, `recorded_at` the present, microseconds UTC. Raises `Refused` without a name, for an order or line
    that the record does not hold, and `Unvouched` where a correction does not stand.
    """
    with record.writer() as writer:
        return take(writer, finding, recorded_at=recorded_at, source=source)


def take(writer: Writer, finding: Finding, *, recorded_at: int, source: str) -> Reported:
    """As `report`, in a turn that the caller holds."""
    if not people(finding.who):
        raise Refused("who", finding.who, "names nobody", "name who says so")
    _require_known(writer, finding)
    before = writer.finding(finding.finding_id)
    new = following(None if before is None else before.event, finding)
    if before is not None and new == before.event:
        return Reported(new, before.position, fresh=False, missing=needs(new))
    placed = writer.append(new, source=source, recorded_at=recorded_at)
    if Outcome.DIVERTED in {new.outcome, before.event.outcome if before else None}:
        recall(writer, concerned(writer.connection, new), recorded_at=recorded_at, source=source)
    return Reported(new, placed.position, fresh=True, missing=needs(new))


def following(before: Finding | None, finding: Finding) -> Finding:
    """What is kept of a report that comes after `before`; `before` itself where it adds nothing.

    Raises `Unvouched` where it corrects and does not stand, `Refused` where it cannot be meant.
    """
    return _first(finding) if before is None else _next(before, finding)


def needs(finding: Finding) -> str | None:
    """What the claim of a finding still needs; None where it stands."""
    if finding.claimed is None:
        return None
    return missing(replace(finding, outcome=finding.claimed, claimed=None), replaced=finding.outcome)


def _require_known(writer: Writer, finding: Finding) -> None:
    if finding.order_id is None:
        return
    order = writer.order(finding.order_id)
    if order is None:
        raise Refused("order_id", finding.order_id, "is not a known order", "import its order first, or check the id")
    lines = [line.line_id for line in order.event.lines]
    if finding.line_id not in {None, *lines}:
        raise Refused("line_id", finding.line_id, "is no line of the order", f"use one of {', '.join(lines[:9])}")


def _first(finding: Finding) -> Finding:
    new = standing(replace(finding, revision=1))
    lacking = missing(new) if new.claimed is None else None
    if lacking or new.outcome is Outcome.WITHDRAWN:
        raise Refused("outcome", str(finding.outcome), "withdraws nothing", "name the finding that is to be withdrawn")
    return new


def _next(before: Finding, finding: Finding) -> Finding:
    """The next revision of a finding."""
    judged = ("order_id", "line_id", "reseller_id")
    if any(getattr(before, name) != getattr(finding, name) for name in judged):
        raise Refused("finding_id", finding.finding_id, "judged something else", "give the finding another id")
    if finding.known_at < before.known_at:
        raise Refused("known_at", finding.known_at, "lies before what it follows", "give the time at which you knew")
    finding = replace(finding, revision=before.revision + 1, claimed=None)
    if finding.outcome is said(before) and before.who:
        return _joined(before, finding)
    lacking = missing(finding, before.outcome)
    if lacking and _withdrawing(before, finding):
        return _claimed(before, finding)
    if lacking:
        what = f"cannot follow {said(before).value!r}, said by {', '.join(before.who) or 'its source'}"
        raise Unvouched("outcome", finding.outcome.value, what, f"a correction needs {lacking}")
    return finding


def _as_it_may_stand(finding: Finding) -> Finding:
    return finding if finding.claimed is Outcome.WITHDRAWN else standing(finding)


def _withdrawing(before: Finding, finding: Finding) -> bool:
    """Whether a finding takes a standing `diverted` back, and says why: then it may wait for its second voice."""
    return before.outcome is Outcome.DIVERTED and finding.outcome is Outcome.WITHDRAWN and bool(finding.note)


def _claimed(before: Finding, finding: Finding) -> Finding:
    """What stood goes on standing, as it was found, with its withdrawal beside it and those who ask for that."""
    return replace(
        before, claimed=Outcome.WITHDRAWN, who=finding.who, note=finding.note, revision=finding.revision,
        known_at=finding.known_at,
    )  # fmt: skip


def _joined(before: Finding, finding: Finding) -> Finding:
    """Both say the same: who vouches is added up, the better evidence counts, what is not said again stays."""
    grades = [grade for grade in (before.grade, finding.grade) if grade]
    new = replace(
        finding,
        who=tuple(people((*before.who, *finding.who)).values()),
        grade=min(grades) if grades else None,
        source=finding.source or before.source,
        confidence=finding.confidence or before.confidence,
        propensity=finding.propensity or before.propensity,
        note=finding.note or before.note,
    )
    if missing(new, before.outcome) and _withdrawing(before, new):
        new = _claimed(before, new)
    same = replace(
        _as_it_may_stand(new), revision=before.revision, known_at=before.known_at, happened_at=before.happened_at
    )
    return before if same == before else _as_it_may_stand(new)
