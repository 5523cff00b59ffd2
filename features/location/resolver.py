"""From what is said of a place to where it is, and how well that is known. Nothing is guessed in silence.

>>> from features.trade import Place
>>> Resolver().resolve(Place("CN", city="库尔勒市"))
Resolved(country='CN', region='CN-XJ', prefecture='CN-XJ/Bayingolin', city='CN-XJ/Korla', latitude=41.7606, \
longitude=86.1523, confidence=3)
"""

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from features.location.gazetteer import Gazetteer, Spot, shipped
from features.trade import Place

CODE, WITHIN, ALONE, NEAR, NOTHING = 4, 3, 2, 1, 0
"""Confidence: a region by its code; a name within a declared country or region; a name alone, which no other place is
known to bear; the nearest place of the gazetteer to the coordinates; no more than was declared, if that."""

CONTRADICTION = 2
"""Confidence lost where the parts of a place contradict each other."""

NEAR_KM = 50.0
"""How far the nearest place may be from coordinates (our choice: a day's errand, less than most prefectures span)."""

FAR_DEGREES = 2.0
"""Coordinates further than this from the city that is named contradict it: 222 km north or south (our choice)."""

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG, R1 of GRS 80)."""

_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """Codes as in `Spot`, degrees WGS 84, confidence 0 to 4 (see `CODE` and what follows it).

    What was declared stands as declared. A country or region that no gazetteer knows is as it was written; `city` is
    a code, or None where the text is not resolved.
    """

    country: str | None = None
    region: str | None = None
    prefecture: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    confidence: int = NOTHING

    def doubted(self) -> "Resolved":
        """The same with a contradiction in it."""
        return replace(self, confidence=max(NOTHING, self.confidence - CONTRADICTION))


class Resolver:
    """Resolves places against one gazetteer; equal names are looked up once."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer or shipped()
        self._named: dict[tuple[str | None, str | None, str | None], Resolved] = {}
        self._cells: dict[tuple[int, int], list[Spot]] = defaultdict(list)
        for spot in self._gazetteer.spots:
            if spot.kind == "city" and spot.latitude is not None and spot.longitude is not None:
                self._cells[math.floor(spot.latitude), math.floor(spot.longitude)].append(spot)

    def resolve(self, place: Place) -> Resolved:
        """Where a place is: by its names, then by its coordinates."""
        names = place.country, place.region, place.city
        named = self._named.get(names)
        if named is None:
            if len(self._named) >= _REMEMBERED:
                self._named.clear()
            named = self._named[names] = self._by_names(*names)
        if place.latitude is None or place.longitude is None:
            return named
        there = replace(named, latitude=place.latitude, longitude=place.longitude)
        if named.city is not None:
            return there.doubted() if _far(named, there) else there
        return self._by_coordinates(there, place)

    def nearest(
        self, latitude: float, longitude: float, country: str | None = None, region: str | None = None
    ) -> Spot | None:
        """The city of the gazetteer nearest to a spot, within `NEAR_KM` and within a country or region."""
        best, least = None, NEAR_KM
        for spot in self._around(latitude, longitude):
            if (country is None or spot.country == country) and (region is None or spot.region == region):
                km = great_circle_km(latitude, longitude, spot.latitude or 0.0, spot.longitude or 0.0)
                if km <= least:
                    best, least = spot, km
        return best

    def _around(self, latitude: float, longitude: float) -> list[Spot]:
        """The cities of the cells of one degree that `NEAR_KM` can reach."""
        north = NEAR_KM / 111.0
        east = min(180.0, north / max(0.01, math.cos(math.radians(min(89.0, abs(latitude) + north)))))
        rows = range(math.floor(latitude - north), math.floor(latitude + north) + 1)
        columns = range(math.floor(longitude - east), math.floor(longitude + east) + 1)
        found: list[Spot] = []
        for row in rows:
            for column in columns:
                found += self._cells.get((row, (column + 180) % 360 - 180), ())
        return found

    def _by_coordinates(self, there: Resolved, place: Place) -> Resolved:
        """Fill in what the names left open; no city is put in the place of one that is named."""
        latitude, longitude = there.latitude or 0.0, there.longitude or 0.0
        spot = self.nearest(latitude, longitude, there.country, there.region)
        if spot is None:
            elsewhere = there.country or there.region
            return there.doubted() if elsewhere and self.nearest(latitude, longitude) else there
        named = place.city is None or spot in self._gazetteer.by_name("city", place.city, spot.country, spot.region)
        return replace(
            there,
            country=there.country or spot.country,
            region=there.region or spot.region,
            prefecture=there.prefecture or spot.prefecture,
            city=spot.code if named else None,
            confidence=max(there.confidence, NEAR),
        )

    def _by_names(self, country: str | None, region: str | None, city: str | None) -> Resolved:
        declared = self._country(country)
        found = self._region(Resolved(country=declared), region)
        return found if city is None else self._city(found, city, declared)

    def _country(self, country: str | None) -> str | None:
        """The declared country; what is no ISO code may be a name of one, such as UK."""
        if country is None or self._gazetteer.by_code("country", country):
            return country
        spots = self._gazetteer.by_name("country", country)
        return spots[0].code if len(spots) == 1 else country

    def _region(self, found: Resolved, region: str | None) -> Resolved:
        if region is None:
            return found
        spot = self._gazetteer.by_code("region", region)
        if spot is None:
            spots = self._gazetteer.by_name("region", region, found.country)
            if len(spots) == 1:
                sure = WITHIN if found.country else ALONE
                return replace(found, country=spots[0].country, region=spots[0].code, confidence=sure)
            if not _REGION.fullmatch(region):
                return replace(found, region=region)
        return self._coded(found, region)

    def _coded(self, found: Resolved, region: str) -> Resolved:
        """A region by its code; a part of China that has a country code of its own may be given as either."""
        coded = replace(found, country=found.country or region[:2], region=region, confidence=CODE)
        agrees = found.country in {None, region[:2]} or region == f"CN-{found.country}"
        return coded if agrees else coded.doubted()

    def _city(self, found: Resolved, city: str, declared: str | None) -> Resolved:
        known = found.region if found.confidence else None
        for kind in ("city", "prefecture", "region") if known is None else ("city", "prefecture"):
            spots = self._gazetteer.by_name(kind, city, found.country, known)
            if len(spots) == 1:
                return _placed(found, spots[0], WITHIN if declared or known else ALONE)
            if spots:
                return found  # several places bear the name, and nothing says which
        inner = self._addressed(city)
        if inner is not None and inner.country == found.country and known in {None, inner.region}:
            return _placed(found, inner, WITHIN)
        elsewhere = self._gazetteer.by_name("city", city, found.country) or self._gazetteer.by_name("city", city)
        return found.doubted() if elsewhere and (declared or known) else found

    def _addressed(self, city: str) -> Spot | None:
        """The city of a Chinese address that begins with its region or prefecture: 新疆库尔勒市."""
        for cut in range(2, len(city) - 1) if city and "\u4e00" <= city[0] <= "\u9fff" else ():
            for outer in ("region", "prefecture"):
                spots = self._gazetteer.by_name(outer, city[:cut], "CN")
                if len(spots) == 1:
                    inside = self._gazetteer.by_name("city", city[cut:], "CN", spots[0].region)
                    if len(inside) == 1:
                        return inside[0]
        return None


def _placed(found: Resolved, spot: Spot, sure: int) -> Resolved:
    return Resolved(
        country=found.country or spot.country,
        region=found.region if found.confidence else spot.region or found.region,
        prefecture=spot.prefecture,
        city=spot.code if spot.kind == "city" else None,
        latitude=spot.latitude,
        longitude=spot.longitude,
        confidence=max(found.confidence, sure),
    )


def _far(named: Resolved, there: Resolved) -> bool:
    if named.latitude is None or named.longitude is None or there.latitude is None or there.longitude is None:
        return False
    east = abs(there.longitude - named.longitude)
    widest = FAR_DEGREES / max(0.01, math.cos(math.radians(named.latitude)))
    return abs(there.latitude - named.latitude) > FAR_DEGREES or min(east, 360.0 - east) > widest


def great_circle_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres on the sphere by the haversine formula, from decimal degrees."""
    one, two = math.radians(latitude), math.radians(other_latitude)
    north, east = math.sin((two - one) / 2.0), math.sin(math.radians(other_longitude - longitude) / 2.0)
    chord = north * north + math.cos(one) * math.cos(two) * east * east
    return 2.0 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))
