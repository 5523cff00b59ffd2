"""Dated policy on regions: how sensitive a place is at a moment, and where that is written."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.measures import Refused, micros
from features.windows.codes import Codes
from features.windows.columns import NULL
from features.windows.versions import Versions

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RegionRule:
    """A region's level from `valid_from` up to, not including, `valid_to` (microseconds UTC)."""

    code: str
    level: int
    valid_from: int
    source: str
    valid_to: int | None = None


_KEYS = ("code", "level", "valid_from", "valid_to", "source")


def load_regions(path: Path | None = None) -> tuple[RegionRule, ...]:
    """The rules of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    file = path or files("features.location").joinpath("data/regions.toml")
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("region", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused("region", rows, "is not a list of tables", "write [[region]] above each rule")
    return tuple(_rule(f"region {number}", row) for number, row in enumerate(rows, start=1))


def _rule(rule: str, row: Mapping[str, object]) -> RegionRule:
    for key in row:
        if key not in _KEYS:
            raise Refused(f"{rule}: {key}", row[key], "is an unknown key", f"use {', '.join(_KEYS)}")
    code, level, source = row.get("code"), row.get("level"), row.get("source")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", code):
        raise Refused(f"{rule}: code", code, "is not an ISO 3166-2 code", "write it as CN-XJ")
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= 3:
        raise Refused(f"{rule}: level", level, "is not in 0..3", "give the level as a whole number")
    if not isinstance(source, str) or not source:
        raise Refused(f"{rule}: source", source, "is missing", "say where the rule is written")
    start = _midnight(f"{rule}: valid_from", row.get("valid_from"))
    end = _midnight(f"{rule}: valid_to", row["valid_to"]) if "valid_to" in row else None
    if end is not None and end <= start:
        raise Refused(f"{rule}: valid_to", str(row["valid_to"]), "is not after valid_from", "swap or mend the dates")
    return RegionRule(code, level, start, source, end)


def _midnight(key: str, day: object) -> int:
    if not isinstance(day, date) or isinstance(day, datetime):
        raise Refused(key, day, "is not a date", "write it as 2019-10-09, without quotes")
    return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


class Sensitivity:
    """Levels of places as of a moment.

    Of several rules that hold, the strictest counts. A place in a country without rules has level 0; one whose region
    is unknown, in a country that has rules, is missing, since it may be either.
    """

    def __init__(self, rules: tuple[RegionRule, ...], codes: Codes) -> None:
        self._levels = Versions(1)
        for region in sorted({rule.code for rule in rules}):
            for edge, level in _steps([rule for rule in rules if rule.code == region]):
                self._levels.add(codes.code("region", region), edge - 1, [level])
        self._countries = np.array(sorted({codes.code("country", rule.code[:2]) for rule in rules}), np.int64)

    def levels(self, country: Ints, region: Ints, t: Ints) -> Ints:
        """Levels 0 to 3 of the places (codes, shape (n,)) at `t`, `NULL` where the place is not known well enough."""
        found = self._levels.as_of(region, t)[:, 0]
        levels = np.where(found == NULL, 0, found)
        vague = (region == NULL) & ((country == NULL) | np.isin(country, self._countries))
        return np.where(vague, NULL, levels)


def _steps(rules: list[RegionRule]) -> Iterator[tuple[int, int]]:
    """When the level of one region changes, and to what."""
    ends = {rule.valid_to for rule in rules if rule.valid_to is not None}
    for edge in sorted({rule.valid_from for rule in rules} | ends):
        yield edge, max((rule.level for rule in rules if _holds(rule, edge)), default=0)


def _holds(rule: RegionRule, t: int) -> bool:
    return rule.valid_from <= t and (rule.valid_to is None or t < rule.valid_to)
