"""Which features are told as reasons: each family's strongest, heaviest family first, then the next strongest.

A family speaks only on the side on which its sum falls: two of its features that cancel out are no reason.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.windows.compiled import threaded
from features.windows.feature_set import FeatureSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RAISING = 5
LOWERING = 2


class Strongest(NamedTuple):
    """The features told of n rows: those that raise the score first, -1 where there is none."""

    columns: Ints
    """(n, RAISING + LOWERING)"""
    numbers: Floats
    """(n, RAISING + LOWERING, 4): value, norm (NaN where there is none), contribution, sum of the family's."""


def strongest(features: FeatureSet, values: Floats, contributions: Floats) -> Strongest:
    """The features to tell of each row, from `values` and `contributions` in log-odds, (n, n_features) each."""
    family, norm = _about(features)
    columns = np.full((len(values), RAISING + LOWERING), -1, np.int64)
    numbers = np.full((*columns.shape, 4), np.nan)
    families = int(family.max(initial=-1)) + 1
    _choose(values, contributions, family, norm, np.empty(families), np.empty(families, np.int64), columns, numbers)
    return Strongest(columns, numbers)


@lru_cache(maxsize=8)
def _about(features: FeatureSet) -> tuple[Ints, Ints]:
    """The number of each feature's family, and the column of its norm or -1."""
    families = {name: number for number, name in enumerate(features.families)}
    family = [families[each.family] for each in features.features]
    norm = [features.column.get(each.norm or "", -1) for each in features.features]
    return np.array(family, np.int64), np.array(norm, np.int64)


@threaded
def _choose(values, contributions, family, norm, weights, rank, columns, numbers):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        parts = contributions[row]
        weights[:] = 0.0
        for index in range(len(family)):
            weights[family[index]] += parts[index]
        for direction, chosen in ((1.0, columns[row, :RAISING]), (-1.0, columns[row, RAISING:])):
            _rank(weights, direction, rank)
            _sort(parts, family, rank, direction, chosen, _fill(parts, family, rank, direction, chosen))
        for place in range(len(columns[row])):
            index = columns[row, place]
            if index >= 0:
                numbers[row, place, 0] = values[row, index]
                if norm[index] >= 0:
                    numbers[row, place, 1] = values[row, norm[index]]
                numbers[row, place, 2] = parts[index]
                numbers[row, place, 3] = weights[family[index]]


@threaded
def _rank(weights, direction, rank):  # type: ignore[no-untyped-def]
    """The place of each family among those that fall on a side, the heaviest first; -1 on the other."""
    rank[:] = -1
    for place in range(len(weights)):
        heaviest = -1
        for each in range(len(weights)):
            weight = weights[each] * direction
            if rank[each] < 0 and weight > 0.0 and (heaviest < 0 or weight > weights[heaviest] * direction):
                heaviest = each
        if heaviest < 0:
            return
        rank[heaviest] = place


@threaded
def _fill(parts, family, rank, direction, chosen):  # type: ignore[no-untyped-def]
    """Choose the strongest of each family, then of all that are left; returns how many were found."""
    count = 0
    for place in range(len(rank)):
        found = _next(parts, family, rank, direction, place, chosen, count)
        if found < 0 or count == len(chosen):
            break
        chosen[count] = found
        count += 1
    while count < len(chosen):
        found = _next(parts, family, rank, direction, -1, chosen, count)
        if found < 0:
            break
        chosen[count] = found
        count += 1
    return count


@threaded
def _next(parts, family, rank, direction, only, chosen, count):  # type: ignore[no-untyped-def]
    """The strongest that is not chosen yet, of the family at a place or (-1) of all that speak; -1 for none."""
    found = -1
    for index in range(len(family)):
        place = rank[family[index]]
        speaks = place == only if only >= 0 else place >= 0
        if not speaks or parts[index] * direction <= 0.0:
            continue
        if found >= 0 and not _stronger(parts, family, rank, direction, index, found):
            continue
        taken = False
        for at in range(count):
            taken = taken or chosen[at] == index
        if not taken:
            found = index
    return found


@threaded
def _stronger(parts, family, rank, direction, one, other):  # type: ignore[no-untyped-def]
    """Of equals the one of the heavier family, then the one that was defined first."""
    push, best = parts[one] * direction, parts[other] * direction
    place, place_of_best = rank[family[one]], rank[family[other]]
    return push > best or (push == best and (place < place_of_best or (place == place_of_best and one < other)))


@threaded
def _sort(parts, family, rank, direction, chosen, count):  # type: ignore[no-untyped-def]
    """By family, then by strength."""
    for end in range(1, count):
        for at in range(end, 0, -1):
            place, before = rank[family[chosen[at]]], rank[family[chosen[at - 1]]]
            stronger = place == before and _stronger(parts, family, rank, direction, chosen[at], chosen[at - 1])
            if place > before or (place == before and not stronger):
                break
            chosen[at], chosen[at - 1] = chosen[at - 1], chosen[at]
