"""Columns of numbers as the columns of a file: exact texts for CSV, types of their own for Parquet."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from features.measures import DAY, SECOND, iso
from training.simulator.draws import Bools, Ints

_CLOCK_BASE = 86_400


class Ink:
    """How columns are written; `typed` for Parquet, texts for CSV. `first` is the earliest day that is written."""

    def __init__(self, first: int, end: int, *, typed: bool) -> None:
        self._typed = typed
        self._first = first // DAY
        days = range(self._first, end // DAY + 2)
        if typed:
            return
        self._days = pa.array([f"{iso(day * DAY)[:10]}T" for day in days])
        self._clock = pa.array([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(_CLOCK_BASE)])
        self._fractions = {places: pa.array([f".{n:0{places}d}" for n in range(10**places)]) for places in (2, 3, 4)}

    def time(self, at: Ints) -> pa.Array:
        """Moments (n,), whole seconds, as ISO 8601 with Z."""
        if self._typed:
            return pa.array(at, pa.int64()).cast(pa.timestamp("us", "UTC"))
        day, rest = np.divmod(at, DAY)
        return _glued(self._days.take(pa.array(day - self._first)), self._clock.take(pa.array(rest // SECOND)))

    def number(self, whole: Ints) -> pa.Array:
        """Whole numbers (n,)."""
        return pa.array(whole, pa.int64())

    def decimal(self, units: Ints, places: int, missing: Bools | None = None) -> pa.Array:
        """Whole numbers (n,) of 10^-places as decimals, None where missing."""
        if self._typed:
            exact = pa.array(units / 10**places if places == 4 else units, mask=missing)
            return exact if places == 4 else _scaled(exact, places)
        whole, part = np.divmod(np.abs(units), 10**places)
        sign = pa.array(["", "-"]).take(pa.array((units < 0).astype(np.int8)))
        text = _glued(sign, pa.array(whole).cast(pa.string()), self._fractions[places].take(pa.array(part)))
        return text if missing is None else pc.if_else(pa.array(missing), None, text)

    def word(self, choices: Sequence[str | None], which: Ints) -> pa.Array:
        """One of some words for each row."""
        words = pa.array(choices, pa.string())
        if self._typed:
            return pa.DictionaryArray.from_arrays(pa.array(which, pa.int32()), words)
        return words.take(pa.array(which))

    def label(self, letter: str, numbers: Ints, width: int, missing: Bools | None = None) -> pa.Array:
        """Ids such as O0000001, None where missing."""
        text = pc.utf8_lpad(pa.array(numbers, mask=missing).cast(pa.string()), width, "0")
        return _glued(pa.scalar(letter), text)


def _glued(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _scaled(whole: pa.Array, places: int) -> pa.Array:
    """Whole numbers of 10^-places as decimals: the same digits, read with a point."""
    unscaled = whole.cast(pa.decimal128(22, 0))
    return pa.Array.from_buffers(pa.decimal128(22, places), len(unscaled), unscaled.buffers(), offset=unscaled.offset)


class Sheet:
    """A file that grows by tables: CSV, or Parquet where its name says so."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._names = path, list(names)
        self._writer: csv.CSVWriter | pq.ParquetWriter | None = None
        self.rows = 0

    def add(self, columns: Sequence[pa.Array]) -> None:
        """Further rows, one array a column."""
        table = pa.table(dict(zip(self._names, columns, strict=True)))
        if self._writer is None:
            self._writer = self._open(table.schema)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def close(self) -> None:
        """The file is complete; one without any row holds its heading only."""
        if self._writer is None:
            self._writer = self._open(pa.schema([(name, pa.string()) for name in self._names]))
        self._writer.close()

    @staticmethod
    def _words(schema: pa.Schema) -> list[str]:
        return [field.name for field in schema if pa.types.is_dictionary(field.type)]

    def _open(self, schema: pa.Schema) -> "csv.CSVWriter | pq.ParquetWriter":
        if self._path.suffix == ".parquet":
            return pq.ParquetWriter(
                self._path, schema, compression="lz4", use_dictionary=self._words(schema), write_statistics=False
            )
        return csv.CSVWriter(self._path, schema, write_options=csv.WriteOptions(quoting_style="none"))
