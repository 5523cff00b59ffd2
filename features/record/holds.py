"""Legal holds: what named people ordered to be kept whatever its age, as rows. Lifting one is its next revision."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Connection, Table, Text

from features.measures import Refused
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import identifier, optional_identifier


@dataclass(frozen=True, slots=True)
class LegalHold:
    """An order, or all orders of a reseller, must be kept; `lifted` ends it. `who` names people, `reason` says why."""

    hold_id: str
    reason: str
    who: tuple[str, ...]
    known_at: int
    order_id: str | None = None
    reseller_id: str | None = None
    revision: int = 1
    lifted: bool = False

    def __post_init__(self) -> None:
        identifier("hold_id", self.hold_id)
        optional_identifier("order_id", self.order_id)
        optional_identifier("reseller_id", self.reseller_id)
        for person in self.who:
            identifier("who", person)
        if not self.who:
            raise Refused("who", self.who, "names nobody", "name those who say so")
        if not self.reason.strip():
            raise Refused("reason", self.reason, "says nothing", "say why, for who reads it in years")
        if (self.order_id is None) == (self.reseller_id is None):
            raise Refused(
                "order_id", self.order_id, "and reseller_id: exactly one is needed", "name what is to be kept"
            )


LEGAL_HOLDS = Table(
    "legal_holds",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("hold_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("lifted", Boolean, nullable=False),
    Column("order_id", Text),
    Column("reseller_id", Text),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
)


def _identity(event: LegalHold) -> tuple[str, int]:
    return event.hold_id, event.revision


def _times(event: LegalHold) -> tuple[int | None, int | None]:
    return None, event.known_at


def _rows(entry: Entry[LegalHold]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    what = (event.hold_id, event.revision, event.lifted, event.order_id, event.reseller_id, event.reason)
    yield LEGAL_HOLDS, (entry.position, entry.known_at, *what, json.dumps(event.who, ensure_ascii=False))


def _read(connection: Connection, within: Within) -> Iterator[Entry[LegalHold]]:
    for position, known_at, hold_id, revision, lifted, *rest in at(connection, LEGAL_HOLDS, within):
        order_id, reseller_id, reason, who = rest
        names = tuple(json.loads(who))
        event = LegalHold(hold_id, reason, names, known_at, order_id, reseller_id, revision, bool(lifted))
        yield Entry(position, known_at, event)


LEGAL_HOLD: Kind[LegalHold] = Kind(
    "legal_hold",
    LegalHold,
    (LEGAL_HOLDS,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
    revised=True,
)
"""Legal holds, by id and revision."""
