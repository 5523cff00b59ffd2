"""A copy of a whole record, from one database into another, of either kind: for backups and moves.

What is copied is rows, not events: positions, sources and times of recording stay as they were.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, make_url, select

from features.measures import Refused
from features.record import databases
from features.record.ledger import LEDGER, METADATA
from features.record.schema import settle

CHUNK = 20_000
"""Positions copied at a time."""

PATIENCE_S = 30.0


def copy(source: str, target: str) -> int:
    """Copy a record into an address that holds none yet; returns its last position.

    One SQLite file becomes another by SQLite's own online backup, page by page, while others write. Anything else is
    copied row by row from one snapshot of the source. Raises `Refused` where the target holds events already.
    """
    old, new = databases.engine(source, PATIENCE_S), databases.engine(target, PATIENCE_S)
    try:
        if new.dialect.name == "sqlite" and Path(str(new.url.database)).exists():
            raise Refused("target", str(new.url.database), "is there already", "name a file that is not")
        if old.dialect.name == new.dialect.name == "sqlite":
            _pages(source, target)
        else:
            _rows(old, new)
        with databases.reading(new) as connection:
            return int(connection.execute(select(func.coalesce(func.max(LEDGER.c.position), 0))).scalar_one())
    finally:
        old.dispose()
        new.dispose()


def _pages(source: str, target: str) -> None:
    paths = [str(make_url(address).database) for address in (source, target)]
    with closing(sqlite3.connect(paths[0])) as old, closing(sqlite3.connect(paths[1])) as new:
        old.backup(new)  # in one step: between steps another writer would have it begin again


def _rows(old: Engine, new: Engine) -> None:
    currency = settle(old, None)
    settle(new, currency)
    snapshot = old.execution_options(isolation_level="REPEATABLE READ") if old.dialect.name == "postgresql" else old
    with databases.reading(snapshot) as reading, databases.turn(new) as writing:
        if writing.execute(select(func.count()).select_from(LEDGER)).scalar_one():
            raise Refused("target", new.url.render_as_string(), "holds a record already", "name an empty database")
        for table in METADATA.sorted_tables:
            if not writing.execute(select(func.count()).select_from(table)).scalar_one():
                for rows in _chunks(reading, table):
                    writing.execute(table.insert(), rows)


def _chunks(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Rows by their first key column, a span of it at a time."""
    key = table.primary_key.columns[0]
    first, last = connection.execute(select(func.min(key), func.max(key))).one()
    for start in range(first or 0, (last or 0) + 1, CHUNK) if first is not None else ():
        some = select(table).where(key.between(start, start + CHUNK - 1)).order_by(*table.primary_key.columns)
        rows = [dict(row._mapping) for row in connection.execute(some)]
        if rows:
            yield rows
