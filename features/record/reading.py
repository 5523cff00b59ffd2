"""What can be asked of a record on one connection."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    func,
    select,
    union_all,
)

from features.record.checkpoints import Checkpoint
from features.record.columns import columnar, lines
from features.record.databases import rows
from features.record.decisions import DECISION, DECISIONS, Decision
from features.record.findings import FINDING
from features.record.kinds import BY_NAME, CLOCKED, KINDS, Event
from features.record.ledger import LEDGER, NEWEST, E, Entry, Kind, among, between
from features.record.orders import ORDER, ORDER_LINES
from features.record.promotions import PROMOTION, PROMOTIONS, Promotion
from features.trade import Finding, Order

CHUNK = 2_000
"""Positions read at a time."""

# Asked in every turn of the writer: made once, SQLAlchemy also compiles them once.
_LAST = select(func.max(LEDGER.c.position))
_CLOCK = select(
    func.max(
        union_all(*(select(func.max(LEDGER.c.known_at).label("at")).where(LEDGER.c.kind == kind) for kind in CLOCKED))
        .subquery()
        .c.at
    )
)
_HISTORIES = f"""
SELECT '{ORDER.name}', position, subject FROM ledger WHERE kind = '{ORDER.name}' AND subject IN (%s)
UNION ALL SELECT '{DECISION.name}', position, order_id FROM decisions WHERE order_id IN (%s)
"""  # noqa: S608 - our own names
_TOGETHER = 64
"""Orders up to which a query names a power of two of them, some twice: so few texts are prepared only once each."""


class Histories(NamedTuple):
    """All revisions of some orders and the answers to them, in order; `removed` are those whose payload is gone."""

    orders: list[Entry[Order]]
    answers: list[Entry[Decision]]
    removed: set[str]


class Reader:
    """Answers questions about the record, as seen by one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def position(self) -> int:
        """The last position, 0 when the record is empty."""
        return self._connection.execute(_LAST).scalar() or 0

    def checkpoint(self, now: int) -> Checkpoint | None:
        """The newest link of the chain; None for an empty record."""
        found = rows(self._connection, NEWEST)
        return Checkpoint(position=found[0][0], link=found[0][1], made_at=now) if found else None

    def link(self, position: int) -> str | None:
        """The chain's link at a position, None behind the last."""
        return self._connection.execute(select(LEDGER.c.link).where(LEDGER.c.position == position)).scalar()

    def clock(self) -> int | None:
        """The largest moment of an order or `known_at` of a status or finding; None when there is none."""
        return self._connection.execute(_CLOCK).scalar()

    def chunk(self, first: int, last: int, without: Collection[type] = ()) -> list[Entry[Event]]:
        """The entries at these positions, in order, but those of some kinds."""
        kinds = select(LEDGER.c.kind).where(LEDGER.c.position.between(first, last)).distinct()
        names = self._connection.execute(kinds).scalars().all()
        wanted = (kind for kind in map(BY_NAME.__getitem__, names) if kind.of not in without)
        entries = [kind.read(self._connection, between(first, last)) for kind in wanted]
        return sorted(chain.from_iterable(entries), key=_position)

    def tail(self, after: int, upto: int | None = None, without: Collection[type] = ()) -> Iterator[Entry[Event]]:
        """The entries after a position, in order, but those of some kinds."""
        return follow(partial(self.chunk, without=without), after, self._last(upto))

    def entries(self, of: Collection[type], upto: int | None = None) -> list[Entry[Any]]:
        """All entries of some kinds up to a position, in order."""
        within = between(1, self._last(upto))
        return sorted(
            (e for kind in KINDS if kind.of in of for e in kind.read(self._connection, within)), key=_position
        )

    def about(self, of: Collection[type], subjects: Collection[str]) -> list[Entry[Any]]:
        """All entries of some kinds on some subjects (see `Kind.identity`), in order."""
        ordered, found = sorted(subjects), list[Entry[Any]]()
        for kind in (kind for kind in KINDS if kind.of in of):
            for first in range(0, len(ordered), CHUNK):
                named = (LEDGER.c.kind == kind.name) & LEDGER.c.subject.in_(ordered[first : first + CHUNK])
                positions = self._connection.execute(select(LEDGER.c.position).where(named)).scalars().all()
                found += kind.read(self._connection, among(positions)) if positions else ()
        return sorted(found, key=_position)

    def revisions(self, order_id: str) -> list[Entry[Order]]:
        """All revisions of an order, oldest first."""
        return self.histories([order_id]).orders

    def orders_of(self, order_ids: Collection[str]) -> list[Entry[Order]]:
        """All revisions of some orders, in order."""
        return self.about((Order,), order_ids)

    def histories(self, order_ids: Collection[str]) -> Histories:
        """Some orders as they stand; one query where there are none."""
        held: dict[str, dict[int, str]] = {ORDER.name: {}, DECISION.name: {}}
        names = list(order_ids)
        if len(names) <= _TOGETHER:
            names += names[:1] * ((1 << (len(names) - 1).bit_length()) - len(names))
        marks = ", ".join("?" * len(names))
        for kind, position, order_id in rows(self._connection, _HISTORIES % (marks, marks), [*names, *names]):
            held[kind][position] = order_id
        orders, answers = self._at(ORDER, held[ORDER.name]), self._at(DECISION, held[DECISION.name])
        return Histories(orders, answers, set(held[ORDER.name].values()) - {entry.event.order_id for entry in orders})

    def order(self, order_id: str, revision: int | None = None) -> Entry[Order] | None:
        """An order as it stands in the record; its newest revision unless one is named."""
        named = (LEDGER.c.kind == ORDER.name) & (LEDGER.c.subject == order_id)
        if revision is not None:
            named &= LEDGER.c.version == revision
        newest = select(LEDGER.c.position).where(named).order_by(LEDGER.c.version.desc()).limit(1)
        return self._one(ORDER, self._connection.execute(newest).scalar())

    def finding(self, finding_id: str, revision: int | None = None) -> Entry[Finding] | None:
        """A finding; its newest revision unless one is named."""
        named = (LEDGER.c.kind == FINDING.name) & (LEDGER.c.subject == finding_id)
        if revision is not None:
            named &= LEDGER.c.version == revision
        newest = select(LEDGER.c.position).where(named).order_by(LEDGER.c.version.desc()).limit(1)
        return self._one(FINDING, self._connection.execute(newest).scalar())

    def decision(self, order_id: str, revision: int) -> Decision | None:
        """The answer to a revision of an order."""
        return self._decision((DECISIONS.c.order_id == order_id) & (DECISIONS.c.revision == revision))

    def decision_by_id(self, decision_id: str) -> Decision | None:
        """The answer of this id."""
        named = select(LEDGER.c.position).where(LEDGER.c.kind == DECISION.name, LEDGER.c.subject == decision_id)
        return self._decision(DECISIONS.c.position.in_(named))

    def answers(self, after: int, most: int = 500) -> list[Entry[Decision]]:
        """The next answers after a position, in order."""
        following = select(DECISIONS.c.position).where(DECISIONS.c.position > after).order_by(DECISIONS.c.position)
        positions = self._connection.execute(following.limit(most)).scalars().all()
        return list(DECISION.read(self._connection, among(positions)))

    def champion(self) -> Promotion | None:
        """The newest promotion."""
        newest = select(func.max(PROMOTIONS.c.position))
        entry = self._one(PROMOTION, self._connection.execute(newest).scalar())
        return entry.event if entry else None

    def promotions(self) -> list[Entry[Promotion]]:
        """All promotions and rollbacks, in order."""
        return list(PROMOTION.read(self._connection, between(1, self.position())))

    def counts(self) -> dict[str, int]:
        """How many events of each kind, and how many order lines."""
        query = select(LEDGER.c.kind, func.count().label("number")).group_by(LEDGER.c.kind)
        found = {row.kind: row.number for row in self._connection.execute(query)}
        counted = {kind.tables[0].name: found.get(kind.name, 0) for kind in KINDS}
        counted["lines"] = self._connection.execute(select(func.count()).select_from(ORDER_LINES)).scalar_one()
        return counted

    def lines(self, upto: int | None = None) -> pa.Table:
        """One row an order line, see `Record.lines`."""
        return lines(self._connection, self._last(upto))

    def table(self, table: Table, upto: int | None = None) -> pa.Table:
        """A table of the record up to a position, in order."""
        return columnar(self._connection, table, self._last(upto))

    def _last(self, upto: int | None) -> int:
        return self.position() if upto is None else min(upto, self.position())

    def _decision(self, named: ColumnElement[bool]) -> Decision | None:
        position = self._connection.execute(select(DECISIONS.c.position).where(named)).scalar()
        entry = self._one(DECISION, position)
        return entry.event if entry else None

    def _at(self, kind: Kind[E], positions: Collection[int]) -> list[Entry[E]]:
        return list(kind.read(self._connection, among(positions))) if positions else []

    def _one(self, kind: Kind[Any], position: int | None) -> Entry[Any] | None:
        if position is None:
            return None
        return next(kind.read(self._connection, among([position])), None)  # None where its payload was removed


def follow(chunk: Callable[[int, int], list[Entry[Event]]], after: int, upto: int) -> Iterator[Entry[Event]]:
    """Entries after a position up to another one, a chunk at a time."""
    for first in range(after + 1, upto + 1, CHUNK):
        yield from chunk(first, min(first + CHUNK - 1, upto))


def _position(entry: Entry[Event]) -> int:
    return entry.position
