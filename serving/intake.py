"""What is told to the record beside orders: findings, and what became of orders. Each is kept before it is answered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from features.measures import Refused, instant, iso
from features.record import Access, Entry, Record, Writer
from features.record import history as held
from features.record import keys as keyed
from features.record.moments import AHEAD
from features.trade import Finding, StatusChange, plain
from serving import parties
from serving.access import Caller
from serving.desk import Desk
from serving.intake_contract import FindingRequest, StatusRequest
from serving.problems import Fault, Problem, pointer, shown
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
        """Append a finding; the same again changes nothing. Raises `Problem` where it cannot be taken."""
        asked = _finding(request, self._now())
        with self.record.writer() as writer, self.record.reading() as connection:
            before = held.finding(connection, asked.finding_id, asked.revision)
            if before is not None:
                _same(replace(asked, known_at=before.known_at), before)
                asked = before
            else:
                _judges_something(asked, writer)
                asked = replace(asked, known_at=self._known(writer))
            entry, fresh = self._append(asked, writer, caller)
        if fresh:
            self._note(caller, "finding", asked.finding_id)
        return Taken(parties.finding(entry), fresh)

    def status(self, order_id: str, request: StatusRequest, caller: Caller) -> Taken:
        """Append what became of an order; the same again changes nothing, nor does its newest status without a time."""
        with self.record.writer() as writer, self.record.reading() as connection:
            if writer.order(order_id) is None:
                raise Problem("no-order", f"the record holds no order {shown(order_id)!r}")
            known = held.statuses_of(connection, order_id)
            newest = max(known, key=lambda entry: entry.position, default=None)
            if request.happened_at is None and newest is not None and newest.event.status is request.status:
                return Taken(parties.status(newest), fresh=False)
            happened_at = self._now() if request.happened_at is None else _time(request.happened_at, self._now())
            for entry in known:
                if (entry.event.status, entry.event.happened_at) == (request.status, happened_at):
                    return Taken(parties.status(entry), fresh=False)
            asked = StatusChange(order_id, request.status, happened_at, self._known(writer))
            entry, fresh = self._append(asked, writer, caller)
        self._note(caller, f"status {request.status.value}", order_id)
        return Taken(parties.status(entry), fresh)

    def _append(self, event: Any, writer: Writer, caller: Caller) -> tuple[Entry[Any], bool]:
        try:
            where = writer.append(event, source=f"{SOURCE}, key {caller.key_id}", recorded_at=self._now())
        except Refused as refused:
            fault = Fault.of(pointer([refused.column]), refused)
            if refused.column == "revision":
                raise Problem("revision-out-of-order", "send the revisions in order", [fault]) from None
            raise Problem.invalid([fault], "invalid") from None
        self._desk.state.hold()
        return Entry(where.position, event.known_at, event), where.fresh

    def _known(self, writer: Writer) -> int:
        return max(self._now(), writer.clock() or 0)

    def _note(self, caller: Caller, deed: str, subject: str) -> None:
        with self.record.writing() as connection:
            keyed.note(connection, Access(self._now(), caller.key_id, deed, subject))


def _finding(request: FindingRequest, now: int) -> Finding:
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
        )
    except Refused as refused:
        raise Problem.invalid([Fault.of(pointer([refused.column]), refused)], "invalid") from None


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


def _judges_something(asked: Finding, writer: Writer) -> None:
    """Raise `Problem` for a finding on an order or a line that the record does not hold: a slip would be lost."""
    if asked.order_id is None:
        return
    order = writer.order(asked.order_id)
    if order is None:
        raise _unheld("order_id", asked.order_id, "the record holds no such order")
    if asked.line_id is not None and asked.line_id not in {line.line_id for line in order.event.lines}:
        raise _unheld("line_id", asked.line_id, "the order has no such line")


def _unheld(field: str, value: str, why: str) -> Problem:
    return Problem.invalid([Fault(pointer([field]), "unknown", f"{why}; check the id", shown(value))], "invalid")


def _same(asked: Finding, before: Finding) -> None:
    old, new = plain(before), plain(asked)
    faults = [
        Fault(pointer([name]), "differs", f"was {shown(old[name])} before; send a change as the next revision")
        for name in old
        if old[name] != new[name]
    ]
    if faults:
        raise Problem("differs", f"finding {shown(before.finding_id)!r} was told before with another content", faults)
