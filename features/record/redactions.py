"""Redactions: which rows lost their payload, when, why and by whom, as rows. Their digests stay in the chain."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, ForeignKey, Integer, Table, Text, UniqueConstraint, select

from features.measures import Refused
from features.record.ledger import INT64, LEDGER, METADATA, Entry, Kind, Row, Within, among, at, position_column
from features.trade import identifier

REMOVED = ("order", "decision")
"""Kinds whose payload a redaction may remove: order inputs, and answers with the vectors behind them."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """The payloads at `positions` (ascending) are removed; `who` names the people, `reason` the rule they followed."""

    redaction_id: str
    reason: str
    who: tuple[str, ...]
    known_at: int
    positions: tuple[int, ...]

    def __post_init__(self) -> None:
        identifier("redaction_id", self.redaction_id)
        for person in self.who:
            identifier("who", person)
        if not self.who:
            raise Refused("who", self.who, "names nobody", "name those who say so")
        if not self.positions or list(self.positions) != sorted(set(self.positions)):
            raise Refused("positions", self.positions[:9], "are none, or not ascending", "name each position once")


REDACTIONS = Table(
    "redactions",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("redaction_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
)

REDACTED_ROWS = Table(
    "redacted_rows",
    METADATA,
    Column("position", INT64, ForeignKey(REDACTIONS.c.position), primary_key=True, autoincrement=False),
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("redacted", INT64, nullable=False),
    UniqueConstraint("redacted"),
)
"""Which positions a redaction speaks of: the database lets a payload go only where its position stands here."""


def redaction_of(connection: Connection, kind: str, subject: str) -> Redaction | None:
    """The redaction that removed what an id stood for, such as ``("order", "o-17")``; None where none did."""
    named = select(LEDGER.c.position).where(LEDGER.c.kind == kind, LEDGER.c.subject == subject)
    removed = select(REDACTED_ROWS.c.position).where(REDACTED_ROWS.c.redacted.in_(named)).limit(1)
    position = connection.execute(removed).scalar()
    return None if position is None else next(REDACTION.read(connection, among([position]))).event


def newest_removed(connection: Connection) -> tuple[int, int] | None:
    """The position of the last redaction, and the newest moment of an order that was removed; None without one."""
    last = connection.execute(select(REDACTIONS.c.position).order_by(REDACTIONS.c.position.desc()).limit(1)).scalar()
    if last is None:
        return None
    removed = select(REDACTED_ROWS.c.redacted)
    orders = select(LEDGER.c.known_at).where(LEDGER.c.kind == "order", LEDGER.c.position.in_(removed))
    moment = connection.execute(orders.order_by(LEDGER.c.known_at.desc()).limit(1)).scalar()
    return last, moment or 0


def redacted_positions(connection: Connection) -> dict[int, int]:
    """Each position whose payload was removed, and that of the redaction which says so."""
    rows = connection.execute(select(REDACTED_ROWS.c.redacted, REDACTED_ROWS.c.position))
    return {redacted: position for redacted, position in rows}  # noqa: C416 - a row is no pair to `dict`


def remove(connection: Connection, tables: Collection[Table], position: int) -> None:
    """Delete the payloads that the redaction at a position names; the guards let nothing else go."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON").close()  # what is freed is overwritten
    named = select(REDACTED_ROWS.c.redacted).where(REDACTED_ROWS.c.position == position)
    for table in sorted(tables, key=METADATA.sorted_tables.index, reverse=True):
        connection.execute(table.delete().where(table.c.position.in_(named)))


def _identity(event: Redaction) -> tuple[str, int]:
    return event.redaction_id, 0


def _times(event: Redaction) -> tuple[int | None, int | None]:
    return None, event.known_at


def _rows(entry: Entry[Redaction]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    who = json.dumps(event.who, ensure_ascii=False)
    yield REDACTIONS, (entry.position, entry.known_at, event.redaction_id, event.reason, who)
    for number, redacted in enumerate(event.positions):
        yield REDACTED_ROWS, (entry.position, number, redacted)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Redaction]]:
    named: dict[int, list[int]] = {}
    for position, _, redacted in at(connection, REDACTED_ROWS, within):
        named.setdefault(position, []).append(redacted)
    for position, known_at, redaction_id, reason, who in at(connection, REDACTIONS, within):
        names = tuple(json.loads(who))
        yield Entry(position, known_at, Redaction(redaction_id, reason, names, known_at, tuple(named[position])))


REDACTION: Kind[Redaction] = Kind(
    "redaction",
    Redaction,
    (REDACTIONS, REDACTED_ROWS),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Redactions, by id."""
