"""The scores of a chunk on disk, between scoring and the end of a run: Arrow files, cheap to write and to read once.

Their columns are those of `serving.history.scored.PART`. What is read of them is decompressed, and nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from features.stream.checkpoint import whole
from serving.history.scored import PART
from serving.rows import SCHEMA

GROUP_ROWS = 1 << 16
"""Rows that are handed over together, at most: a group of rows of a Parquet file of scores."""


def keep(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write the scores of a chunk, which stand in `path` when all of them do."""
    options = ipc.IpcWriteOptions(compression="lz4")
    with whole(path) as half, ipc.new_file(str(half), PART, options=options) as file:
        for table in tables:
            file.write_table(table.cast(PART))


def rows_of(path: Path) -> Iterator[pa.Table]:
    """The rows of a chunk with the columns of `serving.rows.SCHEMA`, some at a time."""
    held = columns_of(path, SCHEMA.names)
    for start in range(0, held.num_rows, GROUP_ROWS):
        yield held.slice(start, GROUP_ROWS)


def columns_of(path: Path, names: Sequence[str]) -> pa.Table:
    """Some columns of a chunk."""
    wanted = ipc.IpcReadOptions(included_fields=[PART.get_field_index(name) for name in names])
    with pa.memory_map(str(path)) as file:
        return ipc.open_file(file, options=wanted).read_all().select(names)
