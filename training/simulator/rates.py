"""Invented exchange rates: one a month and currency, a walk of whole steps."""

from datetime import UTC, datetime

import numpy as np

from training.simulator.draws import Draws, Ints
from training.simulator.scenario import Scenario, midnight

CURRENCIES = ("USD", "CNY", "EUR")
_FIRST = np.array([1_000_000, 141_000, 1_050_000])


class Rates:
    """Millionths of a US dollar for one unit: `level` (n_currencies, n_months) from `since` (n_months,) on."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        # One month before the first order, so that each order finds a rate older than itself.
        self.since = np.array(_months(scenario.start - 1, scenario.end))
        steps = [Draws(seed, f"rate of {code}").upto(len(self.since)).between(-15, 15) for code in CURRENCIES]
        level = [_FIRST]
        for month in range(len(self.since) - 1):
            step = np.array([0, *(each[month] for each in steps[1:])])  # a dollar stays a dollar
            level.append(level[-1] + level[-1] * step // 1000)
        self.level = np.stack(level, axis=1)

    def convert(self, cents: Ints, currency: Ints, at: Ints) -> Ints:
        """US cents as cents of currencies (positions in `CURRENCIES`) at the rate of each moment, rounded down."""
        month = np.searchsorted(self.since, at, side="right") - 1
        converted: Ints = cents * 1_000_000 // self.level[currency, month]
        return converted


def _months(first: int, end: int) -> list[int]:
    day = datetime.fromtimestamp(first // 1_000_000, tz=UTC)
    months, year, month = [], day.year, day.month
    while midnight(year, month) < end:
        months.append(midnight(year, month))
        year, month = year + month // 12, month % 12 + 1
    return months
