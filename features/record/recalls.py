"""Recalls: a later word on an order that was answered, as rows. The answer itself stays what it was."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, Text
from sqlalchemy import Index as TableIndex

from features.measures import Refused
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import identifier

HOLD, REVIEW = "hold", "review"


@dataclass(frozen=True, slots=True)
class Recall:
    """What stands for an open order from now on: `hold` where a diversion was confirmed, `review` where that fell.

    `number` counts the recalls of an order from 1. `revision` and `decision_id` name the answer that it follows,
    `finding_id` and `finding_revision` what was found, or what no longer stands.
    """

    order_id: str
    number: int
    revision: int
    decision_id: str
    action: str
    finding_id: str
    finding_revision: int
    known_at: int

    def __post_init__(self) -> None:
        for column in ("order_id", "decision_id", "finding_id"):
            identifier(column, getattr(self, column))
        if self.action not in (HOLD, REVIEW):
            raise Refused("action", self.action, "is no recall", f"use {HOLD} or {REVIEW}")


RECALLS = Table(
    "recalls",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("number", INT64, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("finding_id", Text, nullable=False),
    Column("finding_revision", INT64, nullable=False),
    TableIndex(None, "order_id"),
)


def _identity(event: Recall) -> tuple[str, int]:
    return event.order_id, event.number


def _times(event: Recall) -> tuple[int | None, int | None]:
    return None, event.known_at


def _rows(entry: Entry[Recall]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    what = (event.order_id, event.number, event.revision, event.decision_id, event.action)
    yield RECALLS, (entry.position, entry.known_at, *what, event.finding_id, event.finding_revision)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Recall]]:
    for position, known_at, *what in at(connection, RECALLS, within):
        order_id, number, revision, decision_id, action, *found = what
        event = Recall(order_id, number, revision, decision_id, action, found[0], found[1], known_at)
        yield Entry(position, known_at, event)


RECALL: Kind[Recall] = Kind(
    "recall",
    Recall,
    (RECALLS,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
    revised=True,
)
"""Recalls, by order and number."""
