"""Writing rows, many at a time, in the way that each database is quick at.

SQLite takes prepared statements row by row. Over the network that would be one trip a row, so PostgreSQL gets COPY.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

from features.measures import Refused
from features.record.databases import cursor, driver
from features.record.ledger import Row

_LEAST, _MOST = -(2**63), 2**63 - 1
_PLAIN = frozenset({float, bool, bytes, type(None)})
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write(connection: Connection, rows: Mapping[Table, list[Row]]) -> None:
    """Insert rows, table by table in the given order."""
    for table, values in rows.items():
        if connection.dialect.name == "postgresql":
            _copy(connection, table, values)
        else:
            driver(connection).executemany(_insertion(table), values).close()


@cache
def _insertion(table: Table) -> str:
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT INTO {table.name} VALUES ({marks})"  # noqa: S608 - our own name


def _copy(connection: Connection, table: Table, values: Iterable[Row]) -> None:
    text = "".join("\t".join(map(_copied, row)) + "\n" for row in values)
    columns = ", ".join(column.name for column in table.columns)
    with cursor(connection) as own:
        own.execute(f"COPY {table.name} ({columns}) FROM STDIN", stream=io.BytesIO(text.encode()))


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES) if not value.isalnum() else value
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value)


def all_storable(rows: Sequence[tuple[Table, Row]]) -> None:
    """`storable` for the rows of an event, looked at together."""
    if not _evidently_storable([value for _, row in rows for value in row]):
        for table, row in rows:
            storable(_names(table), row)


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(table.columns.keys())


def _evidently_storable(values: Iterable[Any]) -> bool:
    for value in values:
        kind = type(value)
        if kind is str:
            if (not value.isascii() or "\x00" in value) and not _encodable(value):
                return False
        elif kind is int:
            if not _LEAST <= value <= _MOST:
                return False
        elif kind not in _PLAIN:  # a value's class is one that may stand for text or a number
            return False
    return True


def storable(columns: Iterable[str], row: Row) -> None:
    """Refuse values that no database of ours can hold: text with NUL or half a surrogate, integers beyond 64 bits."""
    if _evidently_storable(row):
        return
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, str) and not _encodable(value):
            raise Refused(column, value, "holds characters that are no text", "remove NUL and surrogates")
        if isinstance(value, int) and not _LEAST <= value <= _MOST:
            raise Refused(column, value, "does not fit in 64 bits", "give microseconds or minor units")


def _encodable(text: str) -> bool:
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
