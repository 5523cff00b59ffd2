"""Rows that were refused: what, where, why, how to mend it, and the row as it stood."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from features.measures import Refused


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken.

    `row` is the line of a CSV file as an editor numbers it (the heading is line 1), the row of a Parquet file
    counted from 1. `column` and `value` are the file's own.
    """

    file: str
    row: int
    column: str
    value: str
    why: str
    mend: str
    raw: dict[str, str]

    @classmethod
    def of(cls, refused: Refused, file: str, row: int, raw: Mapping[str, str]) -> "Rejected":
        """The row behind a refusal."""
        value = "" if refused.value is None else str(refused.value)
        return cls(file, row, refused.column, value, refused.why, refused.mend, dict(raw))


class Rejects:
    """A CSV file of rejected rows, which comes into being with the first of them.

    A file that an earlier run left at the path is taken away, so that it cannot be mistaken for this run's.
    """

    HEADING = ("file", "row", "column", "value", "why", "mend", "raw")

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0
        self._stream: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def add(self, rejected: Rejected) -> None:
        """Write one row."""
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", newline="", errors="backslashreplace")
            self._writer = csv.writer(self._stream)
            self._writer.writerow(self.HEADING)
        raw = json.dumps(rejected.raw, ensure_ascii=False)
        told = (rejected.column, rejected.value, rejected.why, rejected.mend)
        self._writer.writerow((rejected.file, rejected.row, *told, raw))
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
