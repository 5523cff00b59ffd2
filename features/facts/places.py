"""Places as codes: each different place is resolved once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.location.gazetteer import Gazetteer
from features.location.resolver import Resolver
from features.trade import Place
from features.windows.codes import Codes, Column
from features.windows.columns import NULL

Ints = NDArray[np.int64]
_REMEMBERED = 100_000


class Spot(NamedTuple):
    """Codes of a place, millionths of degrees, confidence 0 to 4; `vague` is 1 where only its country was declared."""

    country: int
    region: int
    prefecture: int
    city: int
    latitude: int
    longitude: int
    confidence: int
    vague: int


NOWHERE = Spot(NULL, NULL, NULL, NULL, NULL, NULL, NULL, vague=0)
"""Where nothing is declared."""


class Places:
    """Resolves places into codes. A city that no gazetteer knows is known by its text."""

    def __init__(self, codes: Codes, gazetteer: Gazetteer | None = None) -> None:
        self._codes, self._resolver = codes, Resolver(gazetteer)
        self._known: dict[tuple[str | float | None, ...], Spot] = {}

    def one(
        self,
        country: str | None,
        region: str | None,
        city: str | None,
        latitude: float | None = None,
        longitude: float | None = None,
    ) -> Spot:
        """The codes of a place."""
        declared = country, region, city, latitude, longitude
        spot = self._known.get(declared)
        if spot is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            spot = self._known[declared] = self._spot(Place(country, region, city, latitude, longitude))
        return spot

    def many(self, columns: Sequence[Column]) -> Ints:
        """The codes of places, of shape (n, 8), from arrow columns: country, region, city, latitude, longitude."""
        texts = [_numbered(column) for column in columns]
        names = _together(*(number for number, _ in texts[:3]))
        both = _together(names, _together(*(number for number, _ in texts[3:])))
        _, firsts = np.unique(both, return_index=True)
        picked = [[values[index] for index in number[firsts].tolist()] for number, values in texts]
        spots = np.array([self.one(*row) for row in zip(*picked, strict=True)], np.int64)
        found: Ints = spots.reshape(-1, len(NOWHERE))[both]
        return found

    def _spot(self, place: Place) -> Spot:
        if place == Place():
            return NOWHERE
        found, code = self._resolver.resolve(place), self._codes.code
        latitude, longitude = (NULL if d is None else round(d * 1e6) for d in (found.latitude, found.longitude))
        return Spot(
            code("country", found.country),
            code("region", found.region),
            code("prefecture", found.prefecture),
            code("city", found.city or place.city),
            latitude,
            longitude,
            found.confidence,
            int(found.region is None and place.city is None and place.latitude is None),
        )


def _numbered(column: pa.ChunkedArray) -> tuple[Ints, list[str | float | None]]:
    """A number for each different value, and the values by number; None is the last."""
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    numbers: Ints = encoded.indices.cast(pa.int64()).fill_null(len(values)).to_numpy(zero_copy_only=False)
    return numbers, [*values, None]


def _together(*numbers: Ints) -> Ints:
    """A number for each different combination, counted from 0 as they come."""
    packed = np.zeros_like(numbers[0])
    for number in numbers:
        packed = packed * (int(number.max(initial=0)) + 1) + number
    indices: Ints = pa.array(packed).dictionary_encode().indices.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return indices
