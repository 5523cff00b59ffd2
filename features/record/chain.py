"""The chain of the ledger: each row's link covers the row, the digest of its payload, and the link before it.

Whoever changes, removes or moves a row of the past, or anything that belongs to it in another table, would have to make
all later links anew; a link that was copied out of the store in time (see `features.record.checkpoints`) tells.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Double, LargeBinary, MetaData, Table, select

from features.record.ledger import LEDGER, METADATA, Row, between

BEGINNING = "0" * 64
"""The link before the first row."""

CHUNK = 2_000

_encoded = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def link(previous: str, row: Row) -> str:
    """The link of a ledger row, without its own link: SHA-256 over JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(_encoded([previous, *row]).encode()).hexdigest()


def payload(rows: Iterable[tuple[Table, Row]]) -> str:
    """The digest of what belongs to an event outside of the ledger: its rows, each table's in order of their key.

    It covers every column as its database keeps it, so that what was written and what is read give the same; bytes
    stand as their own SHA-256. What is empty is left out, so that a column added later changes no digest.
    """
    ordered = sorted(rows, key=lambda each: each[0].name)
    return hashlib.sha256(_encoded([_stored(table, row) for table, row in ordered]).encode()).hexdigest()


def chained(connection: Connection, upto: int, metadata: MetaData = METADATA) -> Iterator[tuple[Row, str | None]]:
    """Each ledger row up to a position, and the digest of its payload as it stands now (None where there is none).

    Payload without a ledger row comes with its position alone. `metadata` describes the tables as they are.
    """
    for first in range(1, upto + 1, CHUNK):
        last = min(first + CHUNK - 1, upto)
        held = payloads(connection, first, last, metadata)
        query = select(LEDGER).where(LEDGER.c.position.between(first, last)).order_by(LEDGER.c.position)
        for row in connection.execute(query):
            yield tuple(row), held.pop(row.position, None)
        for position, digest in held.items():
            yield (position,), digest


def payloads(connection: Connection, first: int, last: int, metadata: MetaData = METADATA) -> dict[int, str]:
    """Digests of the payloads at these positions."""
    found: dict[int, list[tuple[Table, Row]]] = {}
    for name, table in metadata.tables.items():
        if name == LEDGER.name or "position" not in table.c:
            continue
        query = select(table).where(between(first, last)(table.c.position)).order_by(*table.primary_key.columns)
        for row in connection.execute(query):
            found.setdefault(row.position, []).append((table, tuple(row)))
    return {position: payload(rows) for position, rows in found.items()}


def _stored(table: Table, row: Row) -> list[Any]:
    stored: list[Any] = [table.name]
    for column, value in zip(_columns(table), row, strict=True):
        if value is not None and column is not None:
            name, convert = column
            stored += (name, value if convert is None else convert(value))
    return stored


@cache
def _columns(table: Table) -> list[tuple[str, Any] | None]:
    """What is covered of each column; None for the position, which stands in the ledger's row."""
    columns = table.columns
    return [None if column.name == "position" else (column.name, _conversion(column)) for column in columns]


def _conversion(column: Column[Any]) -> Any:
    if isinstance(column.type, Double):
        return float
    if isinstance(column.type, Boolean):
        return bool
    if isinstance(column.type, LargeBinary):
        return _of_bytes
    return None


def _of_bytes(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
