"""The ledger: one thin row an event, in order of position, and what each kind of event must tell about itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy import Index as TableIndex

from features.trade import digest

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

INT64 = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite keeps 64 bits under the name INTEGER, and only under that name is a primary key the row's own number."""

LEDGER = Table(
    "ledger",
    METADATA,
    Column("position", INT64, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version", INT64, nullable=False),
    Column("happened_at", INT64),
    Column("known_at", INT64, nullable=False),
    Column("recorded_at", INT64, nullable=False),
    Column("source", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("payload", Text, nullable=False, server_default=""),
    Column("link", Text, nullable=False, server_default=""),
    UniqueConstraint("kind", "subject", "version"),
    TableIndex(None, "kind", "known_at"),
)
"""`payload` is the digest of the event's rows in other tables, `link` chains the row to all before it: see `chain`."""

NEWEST = "SELECT position, link FROM ledger ORDER BY position DESC LIMIT 1"
"""The last row's position and link; a text, since every turn asks for it."""

SETTINGS = Table(
    "settings",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("currency", Text, nullable=False),
)
"""One row, written when the record is created."""


def position_column() -> Column[int]:
    """The first column of each kind's table: where the event stands in the ledger."""
    return Column("position", INT64, ForeignKey(LEDGER.c.position), primary_key=True, autoincrement=False)


E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

Row = tuple[Any, ...]
Within = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Which positions to read, as a condition on a column of positions."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[E_co]):
    """An event where it stands in the record. `late` tells of orders and decisions that came behind the clock."""

    position: int
    known_at: int
    event: E_co
    late: bool = False


def no_rival(event: Any) -> tuple[str, int] | None:  # noqa: ARG001 - answers for any event
    """Most events have one identity only."""
    return None


def no_rivals(connection: Connection, events: list[Any]) -> Iterator[tuple[tuple[str, int], int]]:  # noqa: ARG001
    """Nothing is held under a second identity."""
    return iter(())


def as_it_is(event: E) -> E:
    """Most events read back from their tables exactly as they were."""
    return event


@dataclass(frozen=True)
class Kind(Generic[E]):
    """A kind of event: what identifies it, its tables, and the way into them and back.

    `identity` is (subject, version): what makes two events the same event. `times` is (happened_at, known_at).
    `rows` and `read` are each other's inverse, up to `canonical`; values stand in the order of a table's columns.
    Where `revised`, versions count 1, 2, 3 ..., each needing the one before. `rival` is a second identity that
    must be unique as well, and `rivals` finds those already held, with their positions.
    """

    name: str
    of: type[E]
    tables: tuple[Table, ...]
    identity: Callable[[E], tuple[str, int]]
    times: Callable[[E], tuple[int | None, int | None]]
    rows: Callable[[Entry[E]], Iterator[tuple[Table, Row]]]
    read: Callable[[Connection, Within], Iterator[Entry[E]]]
    revised: bool = False
    canonical: Callable[[E], E] = as_it_is
    digest: Callable[[E], str] = digest
    rival: Callable[[E], tuple[str, int] | None] = no_rival
    rivals: Callable[[Connection, list[E]], Iterator[tuple[tuple[str, int], int]]] = no_rivals


def between(first: int, last: int) -> Within:
    """Positions from `first` to `last`, both included."""
    return lambda position: position.between(first, last)


def among(positions: Iterable[int]) -> Within:
    """These positions."""
    wanted = sorted(positions)
    return lambda position: position.in_(wanted)


def at(connection: Connection, table: Table, within: Within) -> Iterator[Row]:
    """Rows of a table at these positions, in the order of its primary key."""
    query = select(table).where(within(table.c.position)).order_by(*table.primary_key.columns)
    for row in connection.execute(query):
        yield tuple(row)
