"""The rows of a CSV or Parquet file as texts, with their line numbers; a broken row is told, not raised."""

import csv
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from features.mapping.tables import Source
from features.measures import Refused

Cells = Sequence[str | None]
"""A row's texts in the order of the file's columns; None is a null of a Parquet file."""

Kind = Literal["text", "number", "time"]
"""Columns of a Parquet file may be numbers or times: the mapping's notation is not for them."""

PARQUET = {".parquet", ".pq"}
DATA = {".csv", ".tsv", ".txt", *PARQUET}

_BATCH = 16_384
_LONGEST = 100_000
_NOT_TEXT = re.compile("[\udc80-\udcff]")  # where Python's surrogateescape keeps bytes that are not text


class Row(NamedTuple):
    """A row and where it stands; `broken` says why its cells cannot be trusted."""

    number: int
    cells: Cells
    broken: Refused | None = None


class Rows(Protocol):
    """A file that can be read again and again."""

    path: Path
    names: list[str]
    kinds: list[Kind]

    def read(self, wanted: Collection[int]) -> Iterator[Row]:
        """All rows; of a Parquet file, only the wanted columns are filled."""


def rows_of(path: Path, source: Source) -> Rows:
    """The file's rows, read as its name tells: Parquet, or text with a delimiter."""
    return ParquetRows(path) if path.suffix.lower() in PARQUET else CsvRows(path, source)


def raw_of(rows: Rows, cells: Cells) -> dict[str, str]:
    """A row as it stood, by column, without nulls; cells beyond the heading get names of their own."""
    names = [*rows.names, *(f"column {place + 1}" for place in range(len(rows.names), len(cells)))]
    return {name: cell for name, cell in zip(names, cells, strict=False) if cell is not None}


class CsvRows:
    """The rows of a CSV file, numbered by the line on which each begins."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self._source = path, source
        heading = next(self._records(None), None)
        if heading is None or not any(heading.cells):
            raise Refused(path.name, "", "has no heading", "begin the file with a row of column names")
        if heading.broken:
            raise Refused(path.name, heading.broken.value, heading.broken.why, heading.broken.mend)
        self.names = [(name or "").strip() for name in heading.cells]
        self.kinds: list[Kind] = ["text"] * len(self.names)

    def read(self, wanted: Collection[int]) -> Iterator[Row]:  # noqa: ARG002 - a line is split as a whole
        """All rows below the heading, blank lines left out."""
        records = self._records(len(self.names))
        next(records)
        return records

    def _records(self, width: int | None) -> Iterator[Row]:
        """Every record of the file. What cannot be read is split into its lines, so that each of them is told."""
        source, lines = self._source, list[str]()
        with self.path.open(encoding=source.encoding, errors="surrogateescape", newline="") as stream:
            reader = csv.reader(_remembered(stream, lines), strict=True, delimiter=source.delimiter)
            while True:
                number = reader.line_num + 1
                lines.clear()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield from self._broken(number, lines, f"is not CSV ({error})", "close or double the quotes")
                    continue
                if not (len(lines) == 1 and lines[0].isascii()) and any(map(_NOT_TEXT.search, lines)):
                    why = f"is not {source.encoding} text"
                    yield from self._broken(number, lines, why, "name the file's `encoding`")
                elif width is None or len(cells) == width:
                    yield Row(number, cells)
                elif cells:
                    why = f"has {len(cells)} cells where the heading has {width}"
                    few, many = "write all cells, empty ones too", "quote texts that hold the delimiter"
                    yield from self._broken(number, lines, why, few if len(cells) < width else many)

    def _broken(self, number: int, lines: list[str], why: str, mend: str) -> Iterator[Row]:
        """A quote that is not closed swallows its neighbours: each of those lines is told."""
        until = number + len(lines) - 1
        inside = f"{why}, in lines {number} to {until}" if until > number else why
        for place, line in enumerate(list(lines)):
            text = line.rstrip("\r\n")[:_LONGEST]
            cells = next(csv.reader([text], delimiter=self._source.delimiter), [])
            yield Row(number + place, cells, Refused("row", text[:500], inside, mend))


def _remembered(stream: Iterator[str], lines: list[str]) -> Iterator[str]:
    for line in stream:
        lines.append(line)
        yield line


class ParquetRows:
    """The rows of a Parquet file as texts, numbered from 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise Refused(path.name, "", f"is not a Parquet file ({error})", "write it again") from None
        self.names = list(schema.names)
        self.kinds: list[Kind] = [_kind(field.type) for field in schema]

    def read(self, wanted: Collection[int]) -> Iterator[Row]:
        """All rows, batch by batch."""
        names = [name for place, name in enumerate(self.names) if place in wanted]
        number = 0
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=names):
                nulls: list[str | None] = [None] * len(batch)
                columns = [texts(batch.column(name)) if name in names else nulls for name in self.names]
                for number, cells in enumerate(zip(*columns, strict=True), number + 1):  # noqa: B020 - goes on
                    yield Row(number, cells)


class TableRows:
    """The rows of an Arrow table as texts, numbered from 0; `name` is what it is called in refusals."""

    def __init__(self, name: str, table: pa.Table) -> None:
        self.path, self._table = Path(name), table
        self.names = list(table.schema.names)
        self.kinds: list[Kind] = [_kind(field.type) for field in table.schema]

    def read(self, wanted: Collection[int]) -> Iterator[Row]:
        """All rows, batch by batch."""
        number = 0
        for batch in self._table.to_batches(max_chunksize=_BATCH):
            nulls: list[str | None] = [None] * len(batch)
            columns = [texts(batch.column(place)) if place in wanted else nulls for place in range(len(self.names))]
            for number, cells in enumerate(zip(*columns, strict=True), number):  # noqa: B020 - goes on
                yield Row(number, cells)
            number += 1


def _kind(of: Any) -> Kind:
    if pa.types.is_temporal(of):
        return "time"
    is_number = pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of)
    return "number" if is_number else "text"


def texts(column: Any) -> list[str | None]:
    """An Arrow column as texts: times in ISO 8601, numbers without exponents, NaN as missing."""
    of = column.type
    if pa.types.is_dictionary(of):
        return texts(column.dictionary_decode())
    if pa.types.is_timestamp(of):
        # Through UTC, and cut to microseconds, which is as fine as the record counts.
        column = column.cast(pa.timestamp("us", "UTC" if of.tz else None), safe=False)
    plain = _PLAIN.get(str(of)) or (_decimal if pa.types.is_decimal(of) else None)
    if plain:
        return [None if value is None else plain(value) for value in column.to_pylist()]
    try:
        values: list[str | None] = column.cast(pa.string()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return [None if value is None else str(value) for value in column.to_pylist()]
    return values


def _number(value: float) -> str | None:
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _decimal(value: Decimal) -> str:
    return format(value, "f")


_PLAIN: dict[str, Callable[[Any], str | None]] = {"double": _number, "float": _number, "halffloat": _number}
