"""The scores of a chunk on disk, between scoring and the end of a run: Arrow files, cheap to write and to read once.

Their columns are those of `serving.history.scored.PART`. What is read of them is decompressed, and nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import dataset, ipc

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
    wanted = ipc.IpcReadOptions(included_fields=[PART.get_field_index(name) for name in SCHEMA.names])
    with pa.memory_map(str(path)) as file:
        held = ipc.open_file(file, options=wanted).read_all()
    for start in range(0, held.num_rows, GROUP_ROWS):
        yield held.slice(start, GROUP_ROWS)


def every_row(paths: Sequence[Path]) -> dataset.Dataset:
    """All chunks as one table that DuckDB reads column by column."""
    return dataset.dataset([str(path) for path in paths], schema=PART, format="ipc")
