"""Time, money and quantity as exact integers, and the error that refuses what is not exact.

Times are int64 microseconds since 1970 in UTC. Money is integer minor units with a currency. Quantities are
thousandths of a canonical unit (``each``, ``g``, ``ml``). Whatever breaks a rule raises `Refused`, which names
the column, the value and the mend.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

SECOND = 1_000_000
DAY = 86_400 * SECOND

MAX_VALUE = 10**11
"""Bound on a line's value (minor units) and quantity (thousandths): below it, sums of squares over 2**26 lines
stay below 2**101, so that the variance's integer numerator fits in 128 bits."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Refused(ValueError):
    """A value that cannot be taken: which column, which value, why, and how to mend it."""

    def __init__(self, column: str, value: object, why: str, mend: str) -> None:
        self.column, self.value, self.why, self.mend = column, value, why, mend
        super().__init__(f"{column}: {value!r} {why}; {mend}")


def instant(text: str, zone: tzinfo | None = None, column: str = "time") -> int:
    """Microseconds UTC of an ISO 8601 time; a date without a time is the last microsecond of that day.

    Raises `Refused` when the time names no zone and none is given.
    """
    text = text.strip()
    try:
        if _DATE.fullmatch(text):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), zone or UTC)
            return micros(day + timedelta(days=1)) - 1
        moment = datetime.fromisoformat(text) if _TIME.match(text) else None
        if moment is not None:
            return micros(moment if moment.tzinfo else moment.replace(tzinfo=_zone(zone, text, column)))
    except Refused:
        raise
    except (ValueError, OverflowError):
        pass
    raise Refused(column, text, "is not a time", "write ISO 8601, such as 2026-03-01T09:30:00Z")


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


def _zone(zone: tzinfo | None, text: str, column: str) -> tzinfo:
    if zone is None:
        raise Refused(column, text, "names no zone", "add Z or an offset, or name the zone in the mapping")
    return zone


def micros(moment: datetime) -> int:
    """Microseconds UTC of an aware datetime, exactly."""
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def iso(moment: int) -> str:
    """ISO 8601 in UTC, to the microsecond where there is one."""
    text = (_EPOCH + timedelta(microseconds=moment)).isoformat()
    return text.replace("+00:00", "Z")


_MINOR_DIGITS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "JOD": 3,
    "TND": 3,
}


def minor_digits(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217)."""
    return _MINOR_DIGITS.get(currency, 2)


def decimal(text: str | int | Decimal, column: str) -> Decimal:
    """A finite decimal, or `Refused`."""
    written = str(text).strip()
    number = Decimal(written) if _NUMBER.fullmatch(written) else None
    if number is None:
        raise Refused(column, text, "is not a number", "write digits with a point, such as 1250.00")
    if abs(number.adjusted()) > 27 or len(number.as_tuple().digits) > 28:  # what decimal arithmetic keeps exact
        raise Refused(column, text, "has more than 28 digits", "round it at the source")
    return number


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def scaled(number: Decimal, digits: int, column: str, unit: str) -> int:
    """The decimal as an integer count of 10**-digits; refuses what would be rounded away."""
    whole = number.scaleb(digits)
    if whole != whole.to_integral_value():
        raise Refused(column, str(number), f"is finer than {digits} decimals of {unit}", "round it at the source")
    if abs(whole) > MAX_VALUE:
        raise Refused(column, str(number), f"is beyond {MAX_VALUE} at {digits} decimals", "split it or check the unit")
    return int(whole)


def currency_code(text: str) -> None:
    """Refuse what is not shaped like an ISO 4217 code."""
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise Refused("currency", text, "is not an ISO 4217 code", "write three capitals, such as USD")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer minor units (cents) of a currency (ISO 4217 code)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        currency_code(self.currency)
        if not 0 <= self.minor <= MAX_VALUE:
            raise Refused("amount", self.minor, f"is not in 0..{MAX_VALUE} minor units", "check sign and unit")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str, column: str = "amount") -> "Money":
        """Money from a decimal amount in major units."""
        return cls(scaled(decimal(amount, column), minor_digits(currency), column, currency), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units.

        >>> Money(42_000_050, "CNY").major
        Decimal('420000.50')
        """
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))


_UNITS = {
    "each": ("each", Decimal(1)),
    "kg": ("g", Decimal(1000)),
    "g": ("g", Decimal(1)),
    "mg": ("g", Decimal("0.001")),
    "l": ("ml", Decimal(1000)),
    "ml": ("ml", Decimal(1)),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity in thousandths of a canonical unit: ``each``, ``g`` or ``ml``."""

    milli: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in {"each", "g", "ml"}:
            raise Refused("unit", self.unit, "is not a canonical unit", "use each, g or ml")
        if not 0 <= self.milli <= MAX_VALUE:
            raise Refused("quantity", self.milli, f"is not in 0..{MAX_VALUE} thousandths", "check sign and unit")

    @classmethod
    def of(cls, number: str | int | Decimal, unit: str = "each", column: str = "quantity") -> "Quantity":
        """A quantity from a number in any known unit (each, kg, g, mg, l, ml)."""
        if unit not in _UNITS:
            raise Refused("unit", unit, "is unknown", f"use one of {', '.join(_UNITS)} or map it under [units]")
        canonical, factor = _UNITS[unit]
        return cls(scaled(decimal(number, column) * factor, 3, column, canonical), canonical)
