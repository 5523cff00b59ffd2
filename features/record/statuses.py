"""What became of orders, as rows."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Table, Text

from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Status, StatusChange

STATUSES = Table(
    "statuses",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("happened_at", INT64, nullable=False),
)


def _identity(event: StatusChange) -> tuple[str, int]:
    return f"{event.status.value} {event.order_id}", event.happened_at


def _times(event: StatusChange) -> tuple[int | None, int | None]:
    return event.happened_at, event.known_at


def _rows(entry: Entry[StatusChange]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    yield STATUSES, (entry.position, entry.known_at, event.order_id, event.status.value, event.happened_at)


def _read(connection: Connection, within: Within) -> Iterator[Entry[StatusChange]]:
    for position, known_at, order_id, status, happened_at in at(connection, STATUSES, within):
        yield Entry(position, known_at, StatusChange(order_id, Status(status), happened_at, known_at))


STATUS: Kind[StatusChange] = Kind(
    "status",
    StatusChange,
    (STATUSES,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Status changes, by order, status and time.

The ledger's subject reads ``shipped o-17``: no status holds a blank, so it names one order and one status."""
