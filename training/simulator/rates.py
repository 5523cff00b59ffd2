"""Invented exchange rates: one a month and currency, a walk of whole steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.simulator.dates import MONTHS, midnight
from training.simulator.dice import Dice

_FIRST = {"CNY": 141_000, "EUR": 1_050_000, "USD": 1_000_000}


@dataclass(frozen=True, slots=True)
class Rate:
    """Millionths of a US dollar for one unit of the currency, from `valid_from` on."""

    currency: str
    valid_from: int
    micro_usd: int


def monthly(dice: Dice) -> list[Rate]:
    """Rates of all currencies; a month's step is at most 1.5 %."""
    rates = []
    # One month before the first order, so that each order finds a rate older than itself.
    months = (midnight(2022, 9), *MONTHS)
    for currency, first in _FIRST.items():
        level = first
        for month in months:
            rates.append(Rate(currency, month, level))
            if currency != "USD":
                level += level * dice.between(-15, 15) // 1000
    return rates


class Exchange:
    """Turns US cents into cents of a currency at the rate of a moment."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        self._by_currency: dict[str, list[Rate]] = {}
        for rate in rates:
            self._by_currency.setdefault(rate.currency, []).append(rate)

    def convert(self, cents: int, currency: str, at: int) -> int:
        """Cents of `currency`, rounded down."""
        valid = [rate for rate in self._by_currency[currency] if rate.valid_from <= at]
        return cents * 1_000_000 // valid[-1].micro_usd
