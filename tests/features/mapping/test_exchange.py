"""Money into the record's currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.exchange import Exchange
from features.measures import DAY, Money, Refused
from features.trade import Rate


def test_the_newest_rate_that_is_valid_holds() -> None:
    """From its first moment on, whatever the order in which rates came."""
    rates = [Rate("EUR", 2 * DAY, Decimal("1.2"), 0), Rate("EUR", DAY, Decimal("1.1"), 0)]
    exchange = Exchange("USD", rates)
    assert exchange.convert(Money(1000, "EUR"), 2 * DAY - 1) == 1100
    assert exchange.convert(Money(1000, "EUR"), 2 * DAY) == 1200


def test_a_day_before_the_first_rate_is_refused() -> None:
    """The currency and the day are named."""
    exchange = Exchange("USD", [Rate("EUR", DAY, Decimal("1.1"), 0)])
    with pytest.raises(Refused, match="'EUR' has no rate to USD on 1970-01-01"):
        exchange.convert(Money(1, "EUR"), DAY - 1)


def test_minor_units_of_both_currencies_count() -> None:
    """A yen has none, a dinar has a thousand."""
    rates = [Rate("JPY", 0, Decimal("0.0067"), 0), Rate("KWD", 0, Decimal("3.25"), 0)]
    exchange = Exchange("USD", rates)
    assert exchange.convert(Money(10_000, "JPY"), 0) == 6_700
    assert exchange.convert(Money(1_000, "KWD"), 0) == 325


@pytest.mark.parametrize(("minor", "value"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_halves_go_to_the_even_one(minor: int, value: int) -> None:
    """As in `round`."""
    assert Exchange("USD", [Rate("EUR", 0, Decimal("0.5"), 0)]).convert(Money(minor, "EUR"), 0) == value


@given(st.integers(0, 10**9), st.decimals("0.0001", "99", places=12))
def test_conversion_is_exact_before_it_is_rounded(minor: int, rate: Decimal) -> None:
    """Never more than half a unit away, however many digits the rate has."""
    above, below = rate.as_integer_ratio()
    value = Exchange("USD", [Rate("EUR", 0, rate, 0)]).convert(Money(minor, "EUR"), 0)
    assert 2 * abs(value * below - minor * above) <= below


def test_a_value_beyond_all_bounds_is_refused() -> None:
    """At the edge, not inside a sum."""
    exchange = Exchange("JPY", [Rate("USD", 0, Decimal(10**6), 0)])
    with pytest.raises(Refused, match="beyond"):
        exchange.convert(Money(10**11, "USD"), 0)
