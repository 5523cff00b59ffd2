"""What single fields of a release say. Nobody checks what is published: what makes no sense is as good as missing."""

import re
from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import Any

from features.location.gazetteer import country_code
from features.measures import MAX_VALUE, Money, Quantity, Refused, instant, minor_digits
from features.trade import Place

Json = Mapping[str, Any]

_MAIL_OR_PHONE = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+|(?:联系人|联系电话|contact|tel|phone|fax|电话)[:：]?\s*[^,;，；。\n]{2,40}", re.IGNORECASE
)
LONGEST = 500
"""Characters of a text that are kept."""

_DIGITS = 20
_ONCE = Decimal(1)
_NO_PLACE = Place()


def objects(content: Json, key: str) -> list[Json]:
    """The objects of a list; none where what stands there is no list, for nobody checks what is published."""
    found = content.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def object_of(content: Json, key: str) -> Json:
    """The object of this name, an empty one where there is none."""
    found = content.get(key)
    return found if isinstance(found, dict) else {}


def money_of(value: Json, times: Decimal = _ONCE) -> Money | None:
    """An amount rounded to its minor unit; None where it or its currency makes no sense."""
    code, amount = str(value.get("currency") or ""), number_of(value.get("amount"))
    if not re.fullmatch(r"[A-Z]{3}", code) or not _sane(amount) or not _sane(times):
        return None
    amount *= times
    minor = round(amount.scaleb(minor_digits(code)))
    return Money(minor, code) if 0 <= minor <= MAX_VALUE else None


def quantity_of(item: Json) -> Quantity | None:
    """How many pieces; None where that makes no sense."""
    number = number_of(item.get("quantity"))
    milli = round(number * 1000) if _sane(number) else -1
    return Quantity(milli, "each") if 0 < milli <= MAX_VALUE else None


def number_of(number: object) -> Decimal:
    """A number, whether written as one or as a text; NaN for anything else."""
    try:
        return Decimal(str(number))
    except InvalidOperation:
        return Decimal("NaN")


def _sane(number: Decimal) -> bool:
    """Whether a number has so few digits that it can be a count or an amount."""
    return number.is_finite() and abs(number.adjusted()) < _DIGITS


def time_of(text: object) -> int | None:
    """A date or time, UTC where it names no zone; None where it is neither."""
    try:
        return instant(str(text), UTC) if text else None
    except Refused:
        return None


def text_of(text: object) -> str | None:
    """A text without what points at persons, cut to a length that can be read."""
    if not isinstance(text, str):
        return None
    kept = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", _MAIL_OR_PHONE.sub("", text)).strip()
    return kept[:LONGEST] or None


def id_of(text: object) -> str | None:
    """An identifier, which may be written as a number."""
    if text is None or isinstance(text, dict | list):
        return None
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", str(text)).strip()[:200].strip() or None


def place_of(address: Json) -> Place | None:
    """Country, region and locality of an address; the street is not kept."""
    country = address.get("country") or address.get("countryName")
    code = country_code(str(country)) if country else None
    parts = (
        code if code and re.fullmatch(r"[A-Z]{2}", code) else None,
        text_of(address.get("region")),
        text_of(address.get("locality")),
    )
    place = Place(*parts)
    return None if place == _NO_PLACE else place
