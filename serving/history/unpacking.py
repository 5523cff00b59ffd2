"""Whatever the sales lie in, as plain files that a mapping reads: folders, partitions, compressed files, a query.

What has to be rewritten goes into a folder of the run; all else is read where it stands.
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from features.mapping.rows import DATA
from features.measures import Refused
from features.stream.checkpoint import whole

COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".lz4": "lz4"}
"""Endings of compressed text files; Parquet is compressed inside."""

_FETCHED = 20_000


def unpacked(data: Sequence[Path], folder: Path) -> list[Path]:
    """The files of `data`, folders looked through to their leaves, in the order of their names.

    A folder of partitions (``year=2024/part-0.parquet``) becomes one Parquet file with their columns; a compressed file
    is written out. Raises `Refused` for what is not there or cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [file for given in data for file in _of(given, folder)]


def _of(given: Path, folder: Path) -> Iterator[Path]:
    if given.is_dir():
        if any(path.is_dir() and "=" in path.name for path in given.iterdir()):
            yield _joined(given, folder / f"{given.name}.parquet")
            return
        for path in sorted(given.iterdir()):
            if path.is_dir() or path.suffix.lower() in DATA or path.suffix.lower() in COMPRESSED:
                yield from _of(path, folder)
    elif not given.is_file():
        raise Refused("data", str(given), "is not there", "name a file or a folder of files")
    elif given.suffix.lower() in COMPRESSED:
        yield _plain(given, folder / given.stem)
    else:
        yield given


def _plain(given: Path, plain: Path) -> Path:
    if not plain.exists():
        kind = COMPRESSED[given.suffix.lower()]
        try:
            stream = pa.CompressedInputStream(pa.OSFile(str(given)), kind)
            with whole(plain) as part, stream, part.open("wb") as out:
                shutil.copyfileobj(stream, out, 1 << 20)
        except OSError as error:
            raise Refused("data", str(given), f"is not a whole {kind} file ({error})", "write it again") from None
    return plain


def _joined(given: Path, joined: Path) -> Path:
    if not joined.exists():
        try:
            found = ds.dataset(str(given), format="parquet", partitioning="hive")
            with whole(joined) as part, pq.ParquetWriter(part, found.schema) as out:
                for batch in found.to_batches():
                    out.write_batch(batch)
        except (pa.ArrowException, OSError) as error:
            raise Refused(
                "data", str(given), f"is no folder of Parquet partitions ({error})", "write it again"
            ) from None
    return joined


def queried(url: str, sql: str, folder: Path) -> Path:
    """The rows of a query against a database, as one Parquet file ``query.parquet``; read a part at a time.

    Numbers and times keep their types; a time without a zone is told the mapping's. Raises `Refused` where the database
    refuses the query.
    """
    path = folder / "query.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with create_engine(url).connect() as connection:
            found = connection.execution_options(stream_results=True, yield_per=_FETCHED).execute(text(sql))
            names, parts = list(found.keys()), found.partitions(_FETCHED)
            first = next(parts, ())
            columns = list(zip(*first, strict=True)) or [()] * len(names)
            schema = pa.schema([(name, _type(column)) for name, column in zip(names, columns, strict=True)])
            with whole(path) as part, pq.ParquetWriter(part, schema) as out:
                for rows in chain([first], parts):
                    out.write_table(_table(rows, schema))
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Refused(
            "--sql", sql, f"is refused by the database: {why}", "try the query in the database's own client"
        ) from None
    return path


def _type(column: Sequence[Any]) -> pa.DataType:
    """Of a column, by the first rows: what is not plainly a number or a time is text, digits and all."""
    kinds = {type(value) for value in column if value is not None}
    if kinds == {int}:
        return pa.int64()
    if kinds and kinds <= {int, float}:
        return pa.float64()
    if kinds == {datetime}:
        aware = all(value.tzinfo for value in column if value is not None)
        return pa.timestamp("us", "UTC" if aware else None)
    return pa.date32() if kinds == {date} else pa.string()


def _table(rows: Sequence[Any], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = []
    for field, column in zip(schema, columns, strict=True):
        values = [_text(value) for value in column] if field.type == pa.string() else column
        try:
            arrays.append(pa.array(values, field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            why = f"changes its type between rows ({error})"
            raise Refused(
                "--sql", field.name, why, f"cast it in the query: CAST({field.name} AS VARCHAR(99))"
            ) from None
    return pa.Table.from_arrays(arrays, schema=schema)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)
