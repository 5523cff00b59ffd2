"""Codes of the Harmonized System: chapter (2 digits), heading (4), subheading (6), and national digits up to 10.

>>> hs_digits("9027.20.50"), hs_level("9027.20.50", 4)
('90272050', '9027')
>>> [heading.code for heading in headings("3822.00.5090")]
['3822']
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from features.measures import Refused

_WRITTEN = re.compile(r"\d[\d. ]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading or subheading that matters here, in our words, and where it is written."""

    code: str
    says: str
    source: str


def hs_digits(text: str, column: str = "hs_code") -> str:
    """The digits of an HS code, 2 to 10 of them; dots and blanks do not count. Raises `Refused`."""
    written = text.strip()
    digits = re.sub(r"[. ]", "", written)
    if not _WRITTEN.fullmatch(written) or not digits.isascii():
        raise Refused(column, text, "is not an HS code", "write digits, with or without dots: 9027.20")
    if len(digits) % 2 or len(digits) > 10:
        raise Refused(column, text, f"has {len(digits)} digits", "write 2, 4, 6, 8 or 10 digits, zeros in front too")
    if digits[:2] in {"00", "77"}:
        raise Refused(column, text, f"is of chapter {digits[:2]}, which there is not", "check the first two digits")
    return digits


def read_hs(text: str | None) -> str | None:
    """The digits, or None for a text that is no HS code."""
    try:
        return None if text is None else hs_digits(text)
    except Refused:
        return None


def hs_level(text: str | None, digits: int) -> str | None:
    """The code cut to a chapter, heading or subheading; None where it is not that deep, or no code at all."""
    code = read_hs(text)
    return code[:digits] if code is not None and len(code) >= digits else None


def headings(text: str) -> tuple[Heading, ...]:
    """What the small table says of a code, the broadest first; empty where it says nothing."""
    code = hs_digits(text)
    return tuple(heading for heading in _table() if code.startswith(heading.code))


@cache
def _table() -> tuple[Heading, ...]:
    file = files("features.goods").joinpath("data/hs.csv")
    with file.open(encoding="utf-8") as stream:
        return tuple(Heading(**row) for row in csv.DictReader(stream))
