"""Dated policy on regions: how sensitive a place is at a moment, and where that is written."""

import tomllib
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


def load_regions(path: Path | None = None) -> tuple[RegionRule, ...]:
    """The rules of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    text = path.read_text() if path else files("features.location").joinpath("data/regions.toml").read_text()
    return tuple(_rule(number, row) for number, row in enumerate(tomllib.loads(text)["region"], start=1))


def _rule(number: int, row: dict[str, object]) -> RegionRule:
    level, source = row.get("level"), row.get("source")
    if not isinstance(level, int) or not 0 <= level <= 3:
        raise Refused(f"region {number}: level", level, "is not in 0..3", "give the level as a whole number")
    if not isinstance(source, str) or not source:
        raise Refused(f"region {number}: source", source, "is missing", "say where the rule is written")
    start, end = row.get("valid_from"), row.get("valid_to")
    if not isinstance(start, date):
        raise Refused(f"region {number}: valid_from", start, "is not a date", "write it as 2019-10-09, without quotes")
    return RegionRule(
        str(row["code"]), level, _midnight(start), source, _midnight(end) if isinstance(end, date) else None
    )


def _midnight(day: date) -> int:
    return micros(datetime(day.year, day.month, day.day, tzinfo=UTC))


class Sensitivity:
    """Levels of places as of a moment.

    A place in a country without rules has level 0; one whose region is unknown, in a country that has rules, is
    missing, since it may be either.
    """

    def __init__(self, rules: tuple[RegionRule, ...], codes: Codes) -> None:
        self._levels = Versions(1)
        for rule in rules:
            code = codes.code("region", rule.code)
            self._levels.add(code, rule.valid_from - 1, [rule.level])
            if rule.valid_to is not None:
                self._levels.add(code, rule.valid_to - 1, [0])
        self._countries = np.array(sorted({codes.code("country", rule.code[:2]) for rule in rules}), np.int64)

    def levels(self, country: Ints, region: Ints, t: Ints) -> Ints:
        """Levels 0 to 3 of the places (codes, shape (n,)) at `t`, `NULL` where the place is not known well enough."""
        found = self._levels.as_of(region, t)[:, 0]
        levels = np.where(found == NULL, 0, found)
        vague = (region == NULL) & ((country == NULL) | np.isin(country, self._countries))
        return np.where(vague, NULL, levels)
