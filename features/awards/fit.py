"""How well sales fit a line of a notice: the few terms that are weighed, and the loop that weighs them.

Each term multiplies a candidate's weight; what is missing on either side multiplies by 1. The factors are our choice,
in the manner of likelihood ratios: how much more often the term holds of the right sale than of another.
"""

import math

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from features.windows.compiled import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BEFORE = 540 * DAY
AFTER = 30 * DAY
"""A sale may be so much older, or so much younger, than the award that it serves."""

MOST = 32
"""Sales that are kept for one line, the nearest."""

LOW, HIGH = 1.0, 3.0
"""Award value over our sale's value: what a dealer may add."""

SAME_QUANTITY, OTHER_QUANTITY = 8.0, 0.25
FITTING_PRICE, OTHER_PRICE = 2.0, 0.1
SAME_CITY, SAME_REGION = 6.0, 2.0
SAME_PRODUCT = 8.0
USUAL_LAG_DAYS = 120.0
LATE_SALE = 0.5


@compiled
def fitting(rows, start, stop, wanted, t, until, sku, quantity, value, region, city, strict, found, weight):  # type: ignore[no-untyped-def]
    """Weigh the sales ``rows[start:stop]``, sorted by time; returns how many fit, the best `MOST` of them in `found`.

    `wanted` is (known before, awarded at, quantity, value, region, city, sku), -1 for what the notice does not say;
    `found` and `weight` have shape (MOST,). Sales whose quantity or price contradict the notice fit with less weight,
    as a contract may be served by several orders, or not at all where `strict`.
    """
    known_at, awarded, count, worth = wanted[0], wanted[1], wanted[2], wanted[3]
    low, high = start, stop
    while low < high:
        middle = (low + high) // 2
        if t[rows[middle]] < awarded - BEFORE:
            low = middle + 1
        else:
            high = middle
    fits = 0
    for at in range(low, stop):
        row = rows[at]
        if t[row] > awarded + AFTER or t[row] >= known_at:
            break
        if until[row] < known_at:
            continue
        lag = (awarded - t[row]) / DAY
        score = math.exp(-abs(lag) / USUAL_LAG_DAYS) * (1.0 if lag >= 0 else LATE_SALE)
        if count >= 0 and quantity[row] >= 0:
            if strict and count != quantity[row]:
                continue
            score *= SAME_QUANTITY if count == quantity[row] else OTHER_QUANTITY
        if worth >= 0 and value[row] > 0:
            priced = LOW * value[row] <= worth <= HIGH * value[row]
            if strict and not priced:
                continue
            score *= FITTING_PRICE if priced else OTHER_PRICE
        if wanted[5] >= 0 and wanted[5] == city[row]:
            score *= SAME_CITY
        elif wanted[4] >= 0 and wanted[4] == region[row]:
            score *= SAME_REGION
        if wanted[6] >= 0 and wanted[6] == sku[row]:
            score *= SAME_PRODUCT
        place = min(fits, MOST)
        fits += 1
        if place == MOST:
            place = MOST - 1
            if score <= weight[place]:
                continue
        while place > 0 and weight[place - 1] < score:
            found[place], weight[place] = found[place - 1], weight[place - 1]
            place -= 1
        found[place], weight[place] = row, score
    return fits


def room() -> tuple[Ints, Floats]:
    """Arrays for the result of `fitting`."""
    return np.full(MOST, -1, np.int64), np.zeros(MOST)
