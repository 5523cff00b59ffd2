"""What is told to the record beside orders: findings, and what became of orders. Each is kept before it is answered."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from features.measures import Refused, instant, iso
from features.record import Access, Entry, Record, Writer
from features.record import history as held
from features.record.moments import AHEAD
from features.record.reports import Unvouched, following, people, said, take
from features.trade import Finding, Outcome, StatusChange
from serving import parties
from serving.access import Caller
from serving.desk import Desk
from serving.intake_contract import ConfirmationRequest, FindingRequest, StatusRequest
from serving.problems import Fault, Problem, pointer, shown
from serving.removed import missing
from serving.turn import SOURCE


@dataclass(frozen=True, slots=True)
class Taken:
    """An event as the record holds it, as JSON types; `fresh` is False where it was told before."""

    content: dict[str, Any]
    fresh: bool


class Intake:
    """Takes in what people tell. `now` tells microseconds UTC.

    What is told is known from now on, but never before the record's clock: no window has to go back for it.
    """

    def __init__(self, desk: Desk, now: Callable[[], int]) -> None:
        self._desk, self._now = desk, now

    @property
    def record(self) -> Record:
        """The record; raises `Problem` before it was opened."""
        return self._desk.state.record

    def finding(self, request: FindingRequest, caller: Caller) -> Taken:
        """Take a finding that the caller vouches for, by the rules of `features.record.reports`.

        The same again changes nothing. Raises `Problem` where it cannot be taken.
        """
        asked = _finding(request, caller, self._now())
        with self.record.writer() as writer:
            newest = writer.finding(asked.finding_id)
            due = 1 if newest is None else newest.event.revision + 1
            if asked.revision < due:
                return _told_before(asked, writer)
            if asked.revision > due:
                raise _out_of_order(
                    Refused("revision", asked.revision, f"comes before revision {due}", "send that first")
                )
            return self._reported(asked, writer, caller)

    def confirmation(self, request: ConfirmationRequest, caller: Caller) -> Taken:
        """Add the caller to those who vouch for a finding; nothing changes where he did so before.

        Raises `Problem` where there is none, where it says something else, and where nobody but the caller said it.
        """
        me = _person(caller)
        with self.record.writer() as writer:
            newest = writer.finding(request.finding_id)
            if newest is None:
                raise Problem("no-finding", f"the record holds no finding {shown(request.finding_id)!r}")
            before = newest.event
            if request.outcome is not said(before):
                fault = Fault("/outcome", "differs", f"the finding says {said(before).value}", request.outcome.value)
                raise Problem("says-otherwise", "look at the finding again, and at who corrected it", [fault])
            if before.who and people(before.who).keys() == people([me]).keys():
                raise Problem("same-person", "nobody else said so yet; another person has to confirm it")
            grade, note = request.grade or before.grade, request.note or before.note
            agreed = replace(before, outcome=request.outcome, who=(me,), grade=grade, note=note)
            return self._reported(agreed, writer, caller, "confirm finding")

    def status(self, order_id: str, request: StatusRequest, caller: Caller) -> Taken:
        """Append what became of an order; the same again changes nothing, nor does its newest status without a time."""
        with self.record.writer() as writer, self.record.reading() as connection:
            if writer.order(order_id) is None:
                raise missing(self.record, "order", order_id)
            known = held.statuses_of(connection, [order_id])
            newest = max(known, key=lambda entry: entry.position, default=None)
            if request.happened_at is None and newest is not None and newest.event.status is request.status:
                return Taken(parties.status(newest), fresh=False)
            happened_at = self._now() if request.happened_at is None else _time(request.happened_at, self._now())
            for entry in known:
                if (entry.event.status, entry.event.happened_at) == (request.status, happened_at):
                    return Taken(parties.status(entry), fresh=False)
            asked = StatusChange(order_id, request.status, happened_at, self._known(writer))
            entry, fresh = self._append(asked, writer, caller)
            writer.note(Access(self._now(), caller.key_id, f"status {request.status.value}", order_id))
        return Taken(parties.status(entry), fresh)

    def _reported(self, asked: Finding, writer: Writer, caller: Caller, deed: str = "finding") -> Taken:
        """Take a report into the record, and who made it into the trail."""
        now = self._now()
        asked = replace(asked, known_at=self._known(writer), claimed=None)
        try:
            reported = take(writer, asked, recorded_at=now, source=f"{SOURCE}, key {caller.key_id}")
        except Refused as refused:
            raise _problem(refused) from None
        self._desk.state.hold()
        if reported.fresh:
            writer.note(Access(now, caller.key_id, deed, asked.finding_id))
        finding = reported.finding
        return Taken(parties.finding(Entry(reported.position, finding.known_at, finding)), reported.fresh)

    def _append(self, event: Any, writer: Writer, caller: Caller) -> tuple[Entry[Any], bool]:
        try:
            where = writer.append(event, source=f"{SOURCE}, key {caller.key_id}", recorded_at=self._now())
        except Refused as refused:
            raise _problem(refused) from None
        self._desk.state.hold()
        return Entry(where.position, event.known_at, event), where.fresh

    def _known(self, writer: Writer) -> int:
        return max(self._now(), writer.clock() or 0)


def _finding(request: FindingRequest, caller: Caller, now: int) -> Finding:
    if request.outcome is Outcome.WITHDRAWN and not request.note:
        raise Problem.invalid([Fault("/note", "missing", "say why it is withdrawn")], "invalid")
    try:
        return Finding(
            finding_id=request.finding_id,
            outcome=request.outcome,
            happened_at=_time(request.happened_at, now),
            known_at=now,
            order_id=request.order_id,
            line_id=request.line_id,
            reseller_id=request.reseller_id,
            source=request.source,
            confidence=request.confidence,
            propensity=request.propensity,
            note=request.note,
            revision=request.revision,
            who=(_person(caller),),
            grade=request.grade,
        )
    except Refused as refused:
        raise _problem(refused) from None


def _person(caller: Caller) -> str:
    """The name of the caller's key; raises `Problem` where that names nobody, such as ``:legal``."""
    if not people([caller.name]):
        raise Problem("not-allowed", "the name of this key names nobody; ask for one with a name")
    return caller.name


def _problem(refused: Refused) -> Problem:
    fault = Fault.of(pointer([refused.column]), refused)
    if refused.column == "revision":
        return _out_of_order(refused)
    if isinstance(refused, Unvouched):
        return Problem("not-vouched", "what was said remains; give it what it needs, or another finding_id", [fault])
    return Problem.invalid([fault], "invalid")


def _out_of_order(refused: Refused) -> Problem:
    return Problem("revision-out-of-order", "send the revisions in order", [Fault.of("/revision", refused)])


def _time(text: str, now: int) -> int:
    try:
        moment = instant(text, column="happened_at")
        iso(moment)
    except OverflowError:
        refused = Refused("happened_at", text, "is outside 1938..2100", "check the year")
    except Refused as error:
        refused = error
    else:
        if moment <= now + AHEAD:
            return moment
        refused = Refused("happened_at", text, "lies ahead", "tell it when it has happened")
    raise Problem.invalid([Fault.of("/happened_at", refused)], "invalid")


def _told_before(asked: Finding, writer: Writer) -> Taken:
    """The revision that the record holds, where the same person told the same; raises `Problem` for anything else."""
    kept = writer.finding(asked.finding_id, asked.revision)
    if kept is None:
        raise Problem("revision-out-of-order", "the record does not hold this revision")
    before = writer.finding(asked.finding_id, asked.revision - 1)
    try:
        would = following(None if before is None else before.event, replace(asked, known_at=kept.known_at))
    except Refused as refused:
        raise _problem(refused) from None
    differing = [each.name for each in fields(would) if getattr(would, each.name) != getattr(kept.event, each.name)]
    if not differing:
        return Taken(parties.finding(kept), fresh=False)
    if differing == ["who"]:
        detail = f"another person told finding {shown(asked.finding_id)!r}; confirm it, or send the next revision"
        raise Problem("differs", detail, [Fault("/finding_id", "taken", detail)])
    faults = [
        Fault(pointer([_FIELDS.get(name, name)]), "differs", f"was {_was(kept.event, name)}; send the next revision")
        for name in differing
        if name != "who"
    ]
    raise Problem("differs", f"finding {shown(asked.finding_id)!r} was told before with another content", faults)


_FIELDS = {"claimed": "outcome"}


def _was(finding: Finding, name: str) -> str:
    return said(finding).value if name in {"claimed", "outcome"} else shown(getattr(finding, name))
