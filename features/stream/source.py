"""Order lines in files, read in the order of time by DuckDB within its own limit of memory."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from features.facts.lines import SCHEMA
from features.measures import Refused

_SQL = {pa.int64(): "BIGINT", pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}
_NEEDED = ("t", "position", "line_no", "order_id", "line_id")
_BATCH = 1 << 15
"""Rows that DuckDB hands over at a time."""
SPAN_LINES = 250_000
"""Lines that are sorted together, about 50 MB."""
_FEW_SPANS = 4
"""Spans' worth of lines, at most, that are sorted in memory; where more stand close together, DuckDB may spill."""
_BINS = 4096


class Source:
    """Parquet and CSV files with the columns of `Record.lines`, and a table of further lines in memory.

    The lines of one position are one revision of an order: they have one `t`, and no other lines have that position.
    `folder` is for what does not fit into memory; `shift` is added to the positions of the files, not to those of the
    table; about `span` lines are sorted together.
    """

    def __init__(
        self,
        files: Sequence[Path],
        held: pa.Table,
        folder: Path,
        memory_mb: int,
        *,
        shift: int = 0,
        span: int = SPAN_LINES,
    ) -> None:
        self._files, self._held, self._folder, self._memory_mb = files, held.cast(SCHEMA), folder, memory_mb
        self._shift, self._span = shift, span
        for file in files:
            if file.suffix not in _READERS:
                raise Refused("file", str(file), "is neither .parquet nor .csv", "convert it to one of them")

    def in_time(self) -> Iterator[pa.Table]:
        """All lines sorted by t, position and line number, some at a time.

        They are dealt into spans of time first, and each span is sorted by itself: a sort of everything at once needs
        the more memory the more lines there are, even when it may spill.
        """
        with self._connected() as connection, TemporaryDirectory(dir=self._folder) as dealt:
            spans = self._dealt(connection, Path(dealt))
            for span in spans:
                with ipc.open_file(span) as file:
                    lines = file.read_all()
                if lines.num_rows <= _FEW_SPANS * self._span:
                    yield _sorted(lines)
                else:
                    connection.register("span", lines)
                    yield from _tables(connection, "SELECT * FROM span ORDER BY t, position, line_no", _BATCH)
                    connection.unregister("span")
                span.unlink()

    def _dealt(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
        """Files of the lines of one span of time each, in the order of time."""
        edges = self._edges(connection)
        paths = [folder / f"span-{number}.arrow" for number in range(len(edges) + 1)]
        with ExitStack() as stack:
            compressed = ipc.IpcWriteOptions(compression="lz4")
            files = [stack.enter_context(ipc.new_file(str(path), SCHEMA, options=compressed)) for path in paths]
            for number in range(len(self._files) + 1):  # one after the other: each holds what it has read ahead
                for table in _tables(connection, f"SELECT * FROM lines_{number}", 4 * _BATCH):  # noqa: S608 - our own
                    span = np.searchsorted(edges, table["t"].to_numpy(), side="right")
                    by_span = table.take(pa.array(np.argsort(span, kind="stable")))
                    ends = np.cumsum(np.bincount(span, minlength=len(paths)))
                    for each in np.unique(span):
                        start = ends[each - 1] if each else 0
                        files[each].write_table(by_span.slice(start, ends[each] - start))
        return paths

    def _edges(self, connection: duckdb.DuckDBPyConnection) -> NDArray[np.int64]:
        """Times between spans of about so many lines, of more where many lines stand close together."""
        query = "SELECT min(t), max(t) FROM lines"
        first, last = connection.sql(query).fetchall()[0]
        if first is None:
            return np.empty(0, np.int64)
        width = (last - first) // _BINS + 1
        query = f"SELECT (t - {first}) // {width} AS bin, count(*) FROM lines WHERE t IS NOT NULL GROUP BY 1 ORDER BY 1"  # noqa: S608
        edges, held = [], 0
        for number, lines in connection.sql(query).fetchall():
            if held + lines > self._span and held:
                edges.append(first + number * width)
                held = 0
            held += lines
        return np.array(edges, np.int64)

    def spoken_of(self, order_ids: Iterable[str]) -> pa.Table:
        """All revisions of these orders and of those that have several, sorted by position and line number."""
        with self._connected() as connection:
            connection.register("named", pa.table({"order_id": pa.array(sorted(order_ids), pa.string())}))
            query = """
                SELECT * FROM lines SEMI JOIN
                (SELECT order_id FROM named UNION SELECT order_id FROM lines WHERE revision > 1) USING (order_id)
                ORDER BY position, line_no"""
            return pa.concat_tables([SCHEMA.empty_table(), *_tables(connection, query, _BATCH)])

    def _connected(self) -> "closing[duckdb.DuckDBPyConnection]":
        spill = {
            "temp_directory": str(self._folder),
            "memory_limit": f"{self._memory_mb}MB",
            "threads": 1,  # each further one wants its own share of the memory
            "preserve_insertion_order": False,
        }
        connection = duckdb.connect(config=spill)
        connection.register("held", self._held)
        names = ", ".join(SCHEMA.names)
        parts = [f"SELECT {names} FROM held"]  # noqa: S608 - our own names
        parts += [self._select(connection, file) for file in self._files]
        for number, part in enumerate(parts):
            connection.execute(f"CREATE TEMP VIEW lines_{number} AS {part}")
        every = " UNION ALL ".join(f"SELECT * FROM lines_{number}" for number in range(len(parts)))  # noqa: S608 - ours
        connection.execute(f"CREATE TEMP VIEW lines AS {every}")
        return closing(connection)

    def _select(self, connection: duckdb.DuckDBPyConnection, file: Path) -> str:
        read = _READERS[file.suffix].format(file=str(file).replace("'", "''"))
        found = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()  # noqa: S608 - a quoted path
        missing = [name for name in SCHEMA.names if name not in {row[0] for row in found}]
        if missing:
            raise Refused("file", str(file), f"has no column {missing[0]!r}", f"give {', '.join(SCHEMA.names)}")
        casts = ", ".join(f"CAST({field.name} AS {_SQL[field.type]}) AS {field.name}" for field in SCHEMA)
        casts = casts.replace("AS position", f"+ {self._shift} AS position")
        return f"SELECT {casts} FROM {read}"  # noqa: S608


_TYPES = ", ".join(f"'{field.name}': '{_SQL[field.type]}'" for field in SCHEMA)
_READERS = {
    ".parquet": "read_parquet('{file}')",
    ".csv": "read_csv('{file}', header = true, types = {{" + _TYPES + "}})",
}


def _tables(connection: duckdb.DuckDBPyConnection, query: str, rows: int) -> Iterator[pa.Table]:
    for batch in connection.sql(query).to_arrow_reader(rows):
        table = pa.Table.from_batches([batch]).cast(SCHEMA)
        for name in _NEEDED:
            if table[name].null_count:
                raise Refused(name, None, "is missing in a line", "give it in every line")
        yield table


def _sorted(lines: pa.Table) -> pa.Table:
    columns = [lines[name].to_numpy() for name in ("line_no", "position", "t")]
    return lines.combine_chunks().take(pa.array(np.lexsort(columns)))


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
