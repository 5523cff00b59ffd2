"""How numbers, times and yes or no are written in a file: text to value, or `Refused` in the column's name."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from zoneinfo import ZoneInfo

from features.measures import Refused, decimal, instant, micros, scaled

_PLAIN = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?", re.ASCII)
_ROOM = Context(prec=160)
_DIGITS = 28  # beyond these Python's decimals round where they are scaled
_TIME_OF_DAY = re.compile(r"%[HIMSpfcXTR]|%-[HIMS]")
_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}(-?\d)?", re.ASCII)

_YES_NO = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


def number_parser(
    label: str, mark: str = ".", thousands: str | None = None, keep: int | None = None
) -> Callable[[str], Decimal]:
    """Numbers with this decimal mark; digits are grouped only where a mark for thousands is declared."""
    group = re.escape(thousands) if thousands else None
    grouped = re.compile(rf"[+-]?\d{{1,3}}({group}\d{{3}})+({re.escape(mark)}\d+)?", re.ASCII) if group else None
    mend = f"write digits with {mark!r} as the decimal mark, or declare `decimal` and `thousands`"

    def parse(text: str) -> Decimal:
        plain = text
        if grouped is not None and thousands and grouped.fullmatch(text):
            plain = text.replace(thousands, "")
        if mark != ".":
            # A point is no decimal mark here: let it fail rather than shift the number.
            plain = plain.replace(".", "?").replace(mark, ".")
        if not _PLAIN.fullmatch(plain):
            raise Refused(label, text, "is not a number", mend)
        value = decimal(plain, label)
        if len(plain) > _DIGITS and len(value.as_tuple().digits) > _DIGITS:
            raise Refused(label, text, f"has more than {_DIGITS} digits", "round it at the source")
        return value if keep is None else _rounded(value, keep)

    return parse


def _rounded(value: Decimal, keep: int) -> Decimal:
    """Halves to even; in a context of its own, so that long numbers are rounded once."""
    return value.quantize(Decimal(1).scaleb(-keep), ROUND_HALF_EVEN, _ROOM)


def whole_parser(
    label: str, mark: str = ".", thousands: str | None = None, keep: int | None = None
) -> Callable[[str], int]:
    """Whole numbers, such as a revision."""
    number = number_parser(label, mark, thousands, keep)
    return lambda text: scaled(number(text), 0, label, "a whole number")


def share_parser(
    label: str, mark: str = ".", thousands: str | None = None, keep: int | None = None
) -> Callable[[str], float]:
    """Numbers that need not be exact: shares and degrees."""
    number = number_parser(label, mark, thousands, keep)
    return lambda text: float(number(text))


def flag_parser(label: str) -> Callable[[str], bool]:
    """Yes or no in the usual spellings."""

    def parse(text: str) -> bool:
        try:
            return _YES_NO[text.lower()]
        except KeyError:
            raise Refused(label, text, "is neither true nor false", "name it in `map` as true or false") from None

    return parse


def time_parser(label: str, form: str, zone: str | None, date_only: bool) -> Callable[[str], int]:
    """Moments in microseconds UTC; a date without a time, or with one to drop, counts from the end of its day."""
    there = ZoneInfo(zone) if zone else None
    read = _reader(label, form, there)

    def parse(text: str) -> int:
        try:
            moment = read(text)
            if not isinstance(moment, datetime) or date_only:
                return instant(moment.isoformat()[:10], there, label)
            if moment.tzinfo is None:
                return instant(moment.isoformat(), there, label)  # which refuses it where no zone is named
            return micros(moment)
        except OverflowError:
            raise Refused(label, text, "is outside the years 1938 to 2100", "check the date") from None

    return parse


def _reader(label: str, form: str, zone: ZoneInfo | None) -> Callable[[str], date]:
    """The text as a datetime, or as a date where it names no time of day."""
    if form == "iso":
        return lambda text: _iso(text, label)
    if form in {"epoch_s", "epoch_ms"}:
        digits = 6 if form == "epoch_s" else 3
        return lambda text: _epoch(text, digits, label).astimezone(zone or UTC)
    return lambda text: _patterned(text, form, label)


def _iso(text: str, label: str) -> date:
    try:
        # Python would read 20260301 as midnight; it is a date.
        return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        mend = "write ISO 8601, such as 2026-03-01T09:30:00Z, or declare `date_format`"
        raise Refused(label, text, "is not a time", mend) from None


def _epoch(text: str, digits: int, label: str) -> datetime:
    count = number_parser(label)(text).scaleb(digits)
    if count != count.to_integral_value():
        raise Refused(label, text, "is finer than a microsecond", "round it at the source")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(count))


def _patterned(text: str, form: str, label: str) -> date:
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - `time_parser` gives it its zone or refuses it
    except ValueError:
        raise Refused(label, text, f"is not written as {form}", "mend it, or declare its `date_format`") from None
    return moment if _TIME_OF_DAY.search(form) else moment.date()
