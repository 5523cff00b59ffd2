"""Order lines in files, read in the order of time by DuckDB within its own limit of memory."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa

from features.facts.lines import SCHEMA
from features.measures import Refused

_SQL = {pa.int64(): "BIGINT", pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}
_NEEDED = ("t", "position", "line_no", "order_id", "line_id")
_BATCH = 1 << 15
"""Rows that DuckDB hands over at a time."""


class Source:
    """Parquet and CSV files with the columns of `Record.lines`, and a table of further lines in memory.

    The lines of one position are one revision of an order: they have one `t`, and no other lines have that position.
    """

    def __init__(self, files: Sequence[Path], held: pa.Table, folder: Path, memory_mb: int) -> None:
        self._files, self._held, self._folder, self._memory_mb = files, held.cast(SCHEMA), folder, memory_mb
        for file in files:
            if file.suffix not in _READERS:
                raise Refused("file", str(file), "is neither .parquet nor .csv", "convert it to one of them")

    def in_time(self) -> Iterator[pa.Table]:
        """All lines sorted by t, position and line number, some at a time."""
        with self._connected() as connection:
            yield from _tables(connection, "SELECT * FROM lines ORDER BY t, position, line_no")

    def spoken_of(self, order_ids: Iterable[str]) -> pa.Table:
        """All revisions of these orders and of those that have several, sorted by position and line number."""
        with self._connected() as connection:
            connection.register("named", pa.table({"order_id": pa.array(sorted(order_ids), pa.string())}))
            query = """
                SELECT * FROM lines SEMI JOIN
                (SELECT order_id FROM named UNION SELECT order_id FROM lines WHERE revision > 1) USING (order_id)
                ORDER BY position, line_no"""
            return pa.concat_tables([SCHEMA.empty_table(), *_tables(connection, query)])

    def _connected(self) -> "closing[duckdb.DuckDBPyConnection]":
        spill = {
            "temp_directory": str(self._folder),
            "memory_limit": f"{self._memory_mb}MB",
            "threads": 1,  # each further one wants its own share: 8 million lines failed with two in 400 MB
            "preserve_insertion_order": False,
        }
        connection = duckdb.connect(config=spill)
        connection.register("held", self._held)
        names = ", ".join(SCHEMA.names)
        parts = [f"SELECT {names} FROM held"]  # noqa: S608 - our own names
        parts += [self._select(connection, file) for file in self._files]
        connection.execute(f"CREATE TEMP VIEW lines AS {' UNION ALL '.join(parts)}")
        return closing(connection)

    def _select(self, connection: duckdb.DuckDBPyConnection, file: Path) -> str:
        read = _READERS[file.suffix].format(file=str(file).replace("'", "''"))
        found = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()  # noqa: S608 - a quoted path
        missing = [name for name in SCHEMA.names if name not in {row[0] for row in found}]
        if missing:
            raise Refused("file", str(file), f"has no column {missing[0]!r}", f"give {', '.join(SCHEMA.names)}")
        casts = ", ".join(f"CAST({field.name} AS {_SQL[field.type]}) AS {field.name}" for field in SCHEMA)
        return f"SELECT {casts} FROM {read}"  # noqa: S608


_TYPES = ", ".join(f"'{field.name}': '{_SQL[field.type]}'" for field in SCHEMA)
_READERS = {
    ".parquet": "read_parquet('{file}')",
    ".csv": "read_csv('{file}', header = true, types = {{" + _TYPES + "}})",
}


def _tables(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.Table]:
    for batch in connection.sql(query).to_arrow_reader(_BATCH):
        table = pa.Table.from_batches([batch]).cast(SCHEMA)
        for name in _NEEDED:
            if table[name].null_count:
                raise Refused(name, None, "is missing in a line", "give it in every line")
        yield table


def chunks(tables: Iterable[pa.Table], least: int) -> Iterator[pa.Table]:
    """The same lines in chunks of at least so many, and of whole orders."""
    held = SCHEMA.empty_table()
    for table in tables:
        held = pa.concat_tables([held, table])
        while held.num_rows > least:
            cut = _next_order(held, least)
            if cut is None:
                break
            yield held.slice(0, cut).combine_chunks()
            held = held.slice(cut)
    if held.num_rows:
        yield held.combine_chunks()


def _next_order(lines: pa.Table, row: int) -> int | None:
    """The first row from `row` on at which another order begins."""
    position = lines["position"].slice(row - 1).to_numpy()
    different = (position[1:] != position[:-1]).nonzero()[0]
    return row + int(different[0]) if different.size else None
