"""What all dated policy files share: a list of tables, each with its dates and the place where it is written.

A file is data that its user owns. Each table says from when (`valid_from`, a date) and until when (`valid_to`, the
first day on which it no longer holds) it counts, and where that is written (`source`). Days begin at 00:00 UTC.
Whatever breaks a rule raises `Refused` naming the table by its number, the key, the value and the mend.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from features.measures import Refused, micros

T = TypeVar("T")
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Dated:
    """A rule from `valid_from` up to, not including, `valid_to` (microseconds UTC; None goes on)."""

    valid_from: int
    source: str
    valid_to: int | None = None

    def holds(self, t: int) -> bool:
        """Whether the rule holds at a moment."""
        return self.valid_from <= t and (self.valid_to is None or t < self.valid_to)


class Table:
    """One table of a policy file, which refuses what it cannot take in the words of the file."""

    def __init__(self, name: str, row: Row) -> None:
        self.name, self.row = name, row

    def refuse(self, key: str, why: str, mend: str) -> Refused:
        """A refusal of what stands under a key."""
        value = self.row.get(key)
        return Refused(f"{self.name}: {key}", str(value) if isinstance(value, date) else value, why, mend)

    def only(self, keys: tuple[str, ...]) -> None:
        """Refuse any other key."""
        for key in self.row:
            if key not in keys:
                raise self.refuse(key, "is an unknown key", f"use {', '.join(keys)}")

    def text(self, key: str, pattern: str, why: str, mend: str) -> str:
        """A text that is shaped like this."""
        value = self.row.get(key)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.refuse(key, why, mend)
        return value

    def level(self) -> int:
        """A level, 0 (harmless) to 3."""
        level = self.row.get("level")
        if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= 3:
            raise self.refuse("level", "is not in 0..3", "give the level as a whole number")
        return level

    def dated(self) -> tuple[int, str, int | None]:
        """`valid_from`, `source` and `valid_to`."""
        source = self.row.get("source")
        if not isinstance(source, str) or not source:
            raise self.refuse("source", "is missing", "say where the rule is written")
        start = self._midnight("valid_from")
        end = self._midnight("valid_to") if "valid_to" in self.row else None
        if end is not None and end <= start:
            raise self.refuse("valid_to", "is not after valid_from", "swap or mend the dates")
        return start, source, end

    def _midnight(self, key: str) -> int:
        day = self.row.get(key)
        if not isinstance(day, date) or isinstance(day, datetime):
            raise Refused(f"{self.name}: {key}", day, "is not a date", "write it as 2019-10-09, without quotes")
        return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


def load(path: Path | None, shipped: tuple[str, str], heading: str, rule: Callable[[Table], T]) -> tuple[T, ...]:
    """The rules of a policy file, or of the one that ships (package, file), each made by `rule` of its table."""
    file = path or files(shipped[0]).joinpath(shipped[1])
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get(heading, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(heading, rows, "is not a list of tables", f"write [[{heading}]] above each rule")
    return tuple(rule(Table(f"{heading} {number}", row)) for number, row in enumerate(rows, start=1))


def steps(rules: Iterable[T], dated: Callable[[T], Dated], level: Callable[[T], int]) -> Iterator[tuple[int, int]]:
    """When the level of one thing changes and to what; of several rules that hold, the strictest counts."""
    spans = [(dated(rule), level(rule)) for rule in rules]
    ends = {span.valid_to for span, _ in spans if span.valid_to is not None}
    for edge in sorted({span.valid_from for span, _ in spans} | ends):
        yield edge, max((strict for span, strict in spans if span.holds(edge)), default=0)
