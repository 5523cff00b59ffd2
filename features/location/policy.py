"""Dated policy on places: which regions deserve a closer look, and which places are hubs of transshipment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from features.policy import Dated, Table, load, steps
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


@dataclass(frozen=True, slots=True)
class HubRule:
    """A country or region through which goods are passed on, from `valid_from` up to, not including, `valid_to`."""

    code: str
    valid_from: int
    source: str
    valid_to: int | None = None


def load_regions(path: Path | None = None) -> tuple[RegionRule, ...]:
    """The regions of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    return load(path, ("features.location", "data/regions.toml"), "region", _region)


def load_hubs(path: Path | None = None) -> tuple[HubRule, ...]:
    """The hubs of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    return load(path, ("features.location", "data/hubs.toml"), "hub", _hub)


def _region(table: Table) -> RegionRule:
    table.only(("code", "level", "valid_from", "valid_to", "source"))
    code = table.text("code", r"[A-Z]{2}-[A-Z0-9]{1,3}", "is not an ISO 3166-2 code", "write it as CN-XJ")
    return RegionRule(code, table.level(), *table.dated())


def _hub(table: Table) -> HubRule:
    table.only(("code", "valid_from", "valid_to", "source"))
    why, mend = "is not an ISO 3166 code", "write a country as HK, a region as CN-HK"
    return HubRule(table.text("code", r"[A-Z]{2}(-[A-Z0-9]{1,3})?", why, mend), *table.dated())


Rule = TypeVar("Rule", RegionRule, HubRule)


class Sensitivity:
    """Levels of places as of a moment.

    Of several rules that hold, the strictest counts. A place in a country without rules has level 0; one whose region
    is unknown, in a country that has rules, is missing, since it may be either.
    """

    def __init__(self, rules: tuple[RegionRule, ...], codes: Codes) -> None:
        self._levels = Versions(1)
        for region, own in _by_code(rules):
            for edge, level in steps(own, _dated, lambda rule: rule.level):
                self._levels.add(codes.code("region", region), edge - 1, [level])
        countries = sorted({codes.code("country", rule.code[:2]) for rule in rules})
        self._countries, self._with_rules = np.array(countries, np.int64), frozenset(countries)

    def levels(self, country: Ints, region: Ints, t: Ints) -> Ints:
        """Levels 0 to 3 of the places (codes, shape (n,)) at `t`, `NULL` where the place is not known well enough."""
        found = self._levels.as_of(region, t)[:, 0]
        levels = np.where(found == NULL, 0, found)
        vague = (region == NULL) & ((country == NULL) | np.isin(country, self._countries))
        return np.where(vague, NULL, levels)

    def level(self, country: int, region: int, t: int) -> int:
        """`levels` of one place."""
        if region == NULL:
            return NULL if country == NULL or country in self._with_rules else 0
        (found,) = self._levels.at(region, t)
        return 0 if found == NULL else found


class Hubs:
    """Whether places are hubs as of a moment, by their country or their region."""

    def __init__(self, rules: Iterable[HubRule], codes: Codes) -> None:
        self._spans = {"country": Versions(1), "region": Versions(1)}
        for code, own in _by_code(rules):
            kind = "region" if "-" in code else "country"
            for edge, holds in steps(own, _dated, lambda _: 1):
                self._spans[kind].add(codes.code(kind, code), edge - 1, [holds])

    def are(self, country: Ints, region: Ints, t: Ints) -> Ints:
        """1 or 0 for places (codes, shape (n,)) at `t`, `NULL` where neither country nor region is known."""
        hub = self._spans["country"].as_of(country, t)[:, 0] == 1
        hub |= self._spans["region"].as_of(region, t)[:, 0] == 1
        return np.where((country == NULL) & (region == NULL), NULL, hub.astype(np.int64))

    def is_one(self, country: int, region: int, t: int) -> int:
        """`are` of one place."""
        if country == NULL and region == NULL:
            return NULL
        return int(self._spans["country"].at(country, t)[0] == 1 or self._spans["region"].at(region, t)[0] == 1)


def _by_code(rules: Iterable[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    return ((code, list(own)) for code, own in groupby(sorted(rules, key=_code), _code))


def _code(rule: RegionRule | HubRule) -> str:
    return rule.code


def _dated(rule: RegionRule | HubRule) -> Dated:
    return Dated(rule.valid_from, rule.source, rule.valid_to)
