"""Codes of the Harmonized System."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.goods import hs
from features.goods.hs import headings, hs_digits, hs_level, read_hs
from features.measures import Refused


def test_the_examples_hold() -> None:
    """As the docstring says."""
    assert doctest.testmod(hs) == (0, 2)


@pytest.mark.parametrize("text", ["9027.20.5080", "9027 20 50 80", " 9027205080 "])
def test_dots_and_blanks_do_not_count(text: str) -> None:
    """Ten digits, however they are written."""
    assert hs_digits(text) == "9027205080"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("902.720", None),
        ("90272", "has 5 digits"),
        ("902720508012", "has 12 digits"),
        ("0001", "is of chapter 00, which there is not"),
        ("7701", "is of chapter 77, which there is not"),
        ("kits", "is not an HS code"),
        ("", "is not an HS code"),
        ("９０２７", "is not an HS code"),
    ],
)
def test_what_is_no_code_is_refused_with_the_mend(text: str, why: str | None) -> None:
    """Half digits, chapters that there are not, other texts."""
    if why is None:
        assert hs_digits(text) == "902720"
        return
    with pytest.raises(Refused, match=f"hs_code: .*{why}; "):
        hs_digits(text)
    assert read_hs(text) is None


@given(st.integers(1, 5).flatmap(lambda pairs: st.text("123456", min_size=2 * pairs, max_size=2 * pairs)))
def test_levels_are_prefixes(code: str) -> None:
    """A code is not deeper than it is written."""
    for digits in (2, 4, 6, 8, 10):
        assert hs_level(code, digits) == (code[:digits] if len(code) >= digits else None)


def test_headings_are_told_with_their_source() -> None:
    """From the broadest down; the table is small and says nothing of most codes."""
    assert [heading.code for heading in headings("9027.20.50")] == ["90", "902720"]
    assert all("CBP" in heading.source for heading in headings("9027.20.50"))
    assert headings("3926.90") == ()
