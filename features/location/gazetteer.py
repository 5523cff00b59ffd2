"""The gazetteer: countries, regions, prefectures and cities with their codes, names and coordinates."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from features.location.names import key, keys

SHARED = "~"
"""Before a name that places of several countries bear: it says nothing without a country or region."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One row of the gazetteer. `kind` is country, region, prefecture or city; the rest are codes of what it lies in.

    Countries have ISO 3166-1 codes, regions ISO 3166-2; a prefecture or city has its region's code (its country's,
    where the gazetteer has no regions of it) and its name: ``CN-XJ/Korla``. Degrees are WGS 84, None where not known.
    """

    kind: str
    code: str
    country: str
    region: str | None
    prefecture: str | None
    name: str
    latitude: float | None
    longitude: float | None
    names: tuple[str, ...] = field(repr=False, default=())


class Gazetteer:
    """Spots by kind and name. A lookup never chooses between two: it gives all that bear the name."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self.spots = tuple(spots)
        self._by_code = {(spot.kind, spot.code): spot for spot in self.spots}
        self._by_name: dict[tuple[str, str], list[Spot]] = defaultdict(list)
        self._shared: set[tuple[str, str]] = set()
        for spot in self.spots:
            for name in (spot.name, *spot.names):
                self._add(spot, name)

    def _add(self, spot: Spot, name: str) -> None:
        index = spot.kind, key(name)
        if name.startswith(SHARED):
            self._shared.add(index)
        bearers = self._by_name[index]
        if spot not in bearers:
            bearers.append(spot)

    def by_code(self, kind: str, code: str) -> Spot | None:
        """The spot of this code."""
        return self._by_code.get((kind, code))

    def by_name(self, kind: str, name: str, country: str | None = None, region: str | None = None) -> list[Spot]:
        """The spots that bear this name in a country or region; where neither is given, only if no other may."""
        for letters in keys(name):
            index = kind, letters
            found = [spot for spot in self._by_name.get(index, ()) if _inside(spot, country, region)]
            if found:
                alone = country is None and region is None and (index in self._shared or len(found) > 1)
                return [] if alone else found
        return []


def _inside(spot: Spot, country: str | None, region: str | None) -> bool:
    return (country is None or spot.country == country) and (region is None or spot.region == region)


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """The gazetteer of a file, or the one that ships."""
    file = path or files("features.location").joinpath("data/gazetteer.csv")
    with file.open(encoding="utf-8") as stream:
        return Gazetteer(_spot(row) for row in csv.DictReader(stream))


def _spot(row: dict[str, str]) -> Spot:
    latitude, longitude = (float(row[name]) if row[name] else None for name in ("latitude", "longitude"))
    where = (row["code"], row["country"], row["region"] or None, row["prefecture"] or None, row["name"])
    return Spot(row["kind"], *where, latitude, longitude, tuple(row["names"].split("|")) if row["names"] else ())


@cache
def shipped() -> Gazetteer:
    """The gazetteer that ships, read once."""
    return load_gazetteer()


def country_code(text: str, gazetteer: Gazetteer | None = None) -> str:
    """The ISO 3166-1 code that a country's code or name stands for; a text that names none comes back in capitals.

    Two letters are a code as they stand, whatever else they may mean.

    >>> country_code("Türkiye"), country_code("na"), country_code("中国"), country_code("Utopia")
    ('TR', 'NA', 'CN', 'UTOPIA')
    """
    text = text.strip()
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    found = (gazetteer or shipped()).by_name("country", text)
    return found[0].code if len(found) == 1 else text.upper()
