"""Whether a place lies within the countries and regions that a reseller may sell to."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.windows.codes import Codes
from features.windows.columns import NULL

Ints = NDArray[np.int64]


class Territories:
    """Territories as codes, and what lies in them."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._areas: dict[int, tuple[frozenset[int], frozenset[int], frozenset[int]]] = {}
        self._answers: dict[tuple[int, int, int], int] = {}

    def code(self, territory: tuple[str, ...]) -> int:
        """The code of a territory, `NULL` where nothing is agreed."""
        if not territory:
            return NULL
        code = self._codes.code("territory", " ".join(territory))
        regions = [area for area in territory if "-" in area]
        self._areas[code] = (
            frozenset(self._codes.code("country", area) for area in territory if "-" not in area),
            frozenset(self._codes.code("region", area) for area in regions),
            frozenset(self._codes.code("country", area[:2]) for area in regions),
        )
        return code

    def holds(self, territory: int, country: int, region: int) -> int:
        """1 where a place lies inside, 0 where outside, `NULL` where nothing is agreed or the place is too vague."""
        if territory == NULL:
            return NULL
        asked = territory, country, region
        answer = self._answers.get(asked)
        if answer is None:
            answer = self._answers[asked] = self._answer(*asked)
        return answer

    def hold(self, territory: Ints, country: Ints, region: Ints) -> Ints:
        """`holds` of many, each of shape (n,)."""
        inside = np.full(territory.size, NULL, np.int64)
        some = territory != NULL
        if not some.any():
            return inside
        packed = territory[some]
        for codes in (country, region):
            known = np.maximum(codes[some], -1) + 1
            packed = packed * (int(known.max()) + 1) + known
        different = pa.array(packed).dictionary_encode().indices.to_numpy(zero_copy_only=False)
        _, firsts = np.unique(different, return_index=True)
        rows = zip(*(codes[some][firsts].tolist() for codes in (territory, country, region)), strict=True)
        inside[some] = np.array([self.holds(*row) for row in rows], np.int64)[different]
        return inside

    def _answer(self, territory: int, country: int, region: int) -> int:
        countries, regions, with_regions = self._areas[territory]
        if country in countries or region in regions:
            return 1
        if country == NULL or (region == NULL and country in with_regions):
            return NULL
        return 0
