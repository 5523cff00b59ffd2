"""Money into the record's currency, at the dated rate that held at the time."""

from bisect import bisect_right
from collections.abc import Iterable

from features.measures import MAX_VALUE, Money, Refused, iso, minor_digits
from features.trade import Rate


class Exchange:
    """Dated rates into one currency, in which the record counts values.

    >>> from decimal import Decimal
    >>> exchange = Exchange("USD", [Rate("EUR", 0, Decimal("1.25"), 0)])
    >>> exchange.convert(Money(1002, "EUR"), at=1)
    1252
    """

    def __init__(self, currency: str = "USD", rates: Iterable[Rate] = ()) -> None:
        self.currency = Money(0, currency).currency
        self._starts: dict[str, list[int]] = {}
        self._ratios: dict[str, list[tuple[int, int]]] = {}
        for rate in rates:
            self.add(rate)

    def add(self, rate: Rate) -> None:
        """Remember a rate; of two that start at the same moment the later added one holds."""
        starts = self._starts.setdefault(rate.currency, [])
        ratios = self._ratios.setdefault(rate.currency, [])
        place = bisect_right(starts, rate.valid_from)
        starts.insert(place, rate.valid_from)
        ratios.insert(place, self._ratio(rate))

    def convert(self, money: Money, at: int) -> int:
        """Minor units of the record's currency at a moment (microseconds UTC), halves going to even."""
        if money.currency == self.currency:
            return money.minor
        place = bisect_right(self._starts.get(money.currency, ()), at)
        if not place:
            raise Refused(
                "currency",
                money.currency,
                f"has no rate to {self.currency} on {iso(at)[:10]}",
                f"give a rate of {money.currency} that is valid from that day or before",
            )
        value = _half_even(money.minor, *self._ratios[money.currency][place - 1])
        if value > MAX_VALUE:
            raise Refused("amount", money.minor, f"is beyond {MAX_VALUE} once converted", "check the rate")
        return value

    def _ratio(self, rate: Rate) -> tuple[int, int]:
        """The rate between minor units as an exact fraction: decimals would be rounded twice."""
        above, below = rate.rate.as_integer_ratio()
        return above * 10 ** minor_digits(self.currency), below * 10 ** minor_digits(rate.currency)


def _half_even(amount: int, above: int, below: int) -> int:
    whole, rest = divmod(amount * above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))
