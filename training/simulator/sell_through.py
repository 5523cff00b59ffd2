"""Sell-through reports: what resellers say, a quarter of a year at a time, of what they sold on.

A reseller reports a share of what it really sold on, late and in part; diverted goods are mostly missing. Poor
reporting is common among honest ones too (most firms do not screen such reports at all: bpeglobal.com, 2017).
"""

import numpy as np

from features.measures import DAY
from training.simulator.draws import Draws, Ints
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.products import CATEGORIES

WEEKS = 13
"""Weeks of a report."""

SILENT_PER_MILLE = 80
"""Quarters for which a reseller reports nothing at all."""

FORGED_PER_MILLE = 200
"""Diverted units that a report claims for somebody honest."""


class SellThrough:
    """What was sold in the quarter so far, by reseller and family."""

    def __init__(self, market: Market, draws: Draws) -> None:
        self._market, self._draws = market, draws
        self._honest = np.zeros((market.resellers.count, len(CATEGORIES)), np.int64)
        self._diverted = np.zeros_like(self._honest)

    def add(self, orders: Orders) -> None:
        """A week's shipped orders."""
        category = self._market.category(orders.product)
        for line in range(orders.product.shape[1]):
            rows = np.flatnonzero(orders.lines > line)
            cell = orders.reseller[rows], category[rows, line]
            gone = orders.line_diverted[rows, line]
            np.add.at(self._honest, cell, np.where(gone, 0, orders.quantity[rows, line]))
            np.add.at(self._diverted, cell, np.where(gone, orders.quantity[rows, line], 0))

    def report(self, quarter: int, end: int) -> tuple[Ints, Ints, Ints, Ints]:
        """The quarter's reports and a new page: reseller, family, units said to be sold on, and when they came in."""
        reseller, category = np.nonzero(self._honest + self._diverted)
        rolls = self._draws.of(reseller, category, np.full(len(reseller), quarter))
        each = self._draws.of(reseller, np.full(len(reseller), quarter))
        completeness = np.minimum(1000, self._market.resellers.reports[reseller] + rolls.between(-80, 80))
        honest, diverted = self._honest[reseller, category], self._diverted[reseller, category]
        units = honest * completeness // 1000 + diverted * FORGED_PER_MILLE // 1000
        known_at = end + each.between(5, 50) * DAY
        told = ~each.chance(SILENT_PER_MILLE) & (units > 0) & (known_at < self._market.scenario.end)
        self._honest[:], self._diverted[:] = 0, 0
        rows = np.flatnonzero(told)
        rows = rows[np.argsort(known_at[rows], kind="stable")]
        return reseller[rows], category[rows], units[rows], known_at[rows]
