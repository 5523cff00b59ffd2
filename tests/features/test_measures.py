"""Time, money and quantity as exact integers; what is not exact is refused by column, value and mend."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.measures import DAY, MAX_VALUE, SECOND, Money, Quantity, Refused, decimal, instant, iso, micros

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = micros(datetime(2026, 3, 1, tzinfo=UTC))


def test_a_date_without_a_time_is_the_last_microsecond_of_its_day() -> None:
    """Whatever is dated by day is known from the day's end on."""
    assert instant("2026-03-01") == MIDNIGHT + DAY - 1


def test_a_date_ends_where_its_zone_says() -> None:
    """The day on which clocks go forward has 23 hours."""
    assert instant("2026-03-01", BERLIN) == MIDNIGHT + DAY - 1 - 3600 * SECOND
    assert instant("2026-03-29", BERLIN) - instant("2026-03-28", BERLIN) == 23 * 3600 * SECOND


@pytest.mark.parametrize("text", ["2026-03-01T09:30:00Z", "2026-03-01 10:30:00+01:00", " 2026-03-01T09:30Z "])
def test_times_that_name_their_zone_are_that_instant(text: str) -> None:
    """However they are written."""
    assert instant(text) == MIDNIGHT + (9 * 60 + 30) * 60 * SECOND


def test_a_zone_is_only_for_times_that_name_none() -> None:
    """The offset in the text goes first."""
    assert instant("2026-03-01T10:00:00", BERLIN) == instant("2026-03-01T09:00:00Z", BERLIN)


def test_microseconds_are_kept() -> None:
    """Nothing is rounded away, before 1970 neither."""
    assert instant("2026-03-01T00:00:00.000001Z") == MIDNIGHT + 1
    assert instant("1969-12-31T23:59:59.999999Z") == -1


def test_a_naive_time_is_refused() -> None:
    """Which instant it is, only its writer knows."""
    with pytest.raises(Refused, match=re.escape("ordered_at: '2026-03-01T09:30:00' names no zone; add Z or an offset")):
        instant("2026-03-01T09:30:00", column="ordered_at")


@pytest.mark.parametrize("text", ["", "soon", "01.03.2026", "2026-02-30", "2026-03", "20260301", "9999-12-31"])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(Refused, match="is not a time; write ISO 8601, such as 2026-03-01T09:30:00Z"):
        instant(text)


@given(st.datetimes(datetime(1940, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - zoned below
def test_an_instant_survives_being_written(moment: datetime, minutes: int) -> None:
    """To the microsecond, from any offset."""
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert instant(iso(micros(aware))) == micros(aware)


def test_money_is_counted_in_minor_units_of_its_currency() -> None:
    """Cents, or what the currency has instead."""
    amounts = [Money.of("12.50", "USD"), Money.of(1250, "JPY"), Money.of("1.250", "KWD"), Money.of("1e3", "EUR")]
    assert [amount.minor for amount in amounts] == [1250, 1250, 1250, 100_000]


@given(st.integers(0, MAX_VALUE))
def test_money_is_exact(minor: int) -> None:
    """A decimal amount comes back to the cent."""
    assert Money.of(Decimal(minor) / 100, "USD") == Money(minor, "USD")


def test_quantities_are_thousandths_of_a_canonical_unit() -> None:
    """Kilograms and milligrams are grams, litres are millilitres."""
    made = [Quantity.of("2.5", "kg"), Quantity.of(7, "mg"), Quantity.of("0.25", "l"), Quantity.of("1.5")]
    assert made == [Quantity(2_500_000, "g"), Quantity(7, "g"), Quantity(250_000, "ml"), Quantity(1500, "each")]


REFUSED = [
    (lambda: Money.of("12.505", "USD"), "amount: '12.505' is finer than 2 decimals of USD; round it at the source"),
    (lambda: Money.of("0.5", "JPY"), "amount: '0.5' is finer than 0 decimals of JPY; round it at the source"),
    (lambda: Money.of("1e10", "USD"), "amount: '1E+10' is beyond 100000000000 at 2 decimals; split it or check"),
    (lambda: Money.of("-1", "USD"), "amount: -100 is not in 0..100000000000 minor units; check sign and unit"),
    (lambda: Money(1, "usd"), "currency: 'usd' is not an ISO 4217 code; write three capitals, such as USD"),
    (lambda: Money(MAX_VALUE + 1, "USD"), f"amount: {MAX_VALUE + 1} is not in 0..{MAX_VALUE} minor units"),
    (
        lambda: Quantity.of(1, "box"),
        "unit: 'box' is unknown; use one of each, kg, g, mg, l, ml or map it under [units]",
    ),
    (lambda: Quantity.of("0.0005"), "quantity: '0.0005' is finer than 3 decimals of each; round it at the source"),
    (lambda: Quantity(1, "kg"), "unit: 'kg' is not a canonical unit; use each, g or ml"),
    (lambda: Quantity(-1, "g"), f"quantity: -1 is not in 0..{MAX_VALUE} thousandths; check sign and unit"),
    (lambda: decimal("1,5", "amount"), "amount: '1,5' is not a number; write digits with a point, such as 1250.00"),
    (lambda: decimal("NaN", "amount"), "amount: 'NaN' is not a number"),
    (lambda: decimal("1" * 29, "amount"), "has more than 28 digits; round it at the source"),
    (lambda: decimal("1e9999", "amount"), "amount: '1e9999' has more than 28 digits"),
]


@pytest.mark.parametrize(("make", "why"), REFUSED, ids=[why.split(";")[0] for _, why in REFUSED])
def test_what_is_not_exact_is_refused(make: Callable[[], object], why: str) -> None:
    """The message names the column, the value and the mend."""
    with pytest.raises(Refused, match=re.escape(why)):
        make()


def test_a_refusal_tells_its_parts() -> None:
    """Column, value, why and mend, for whoever wants to show them otherwise."""
    with pytest.raises(Refused) as told:
        Quantity(1, "kg")
    refused = told.value
    assert (refused.column, refused.value, refused.why) == ("unit", "kg", "is not a canonical unit")
    assert refused.mend == "use each, g or ml"
