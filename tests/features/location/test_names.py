"""Keys of names."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.location import names
from features.location.names import key, keys


def test_the_examples_hold() -> None:
    """As the docstrings say."""
    assert doctest.testmod(names) == (0, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ürümqi", "URUMQI"), ("Ku’erle", "Ku-erle"), ("Sankt-Peterburg", "sankt peterburg"), ("İstanbul", "Istanbul")],
)
def test_case_marks_blanks_and_hyphens_do_not_count(one: str, other: str) -> None:
    """One name, one key."""
    assert key(one) == key(other)


def test_the_kind_of_a_place_comes_off_but_never_the_whole_name() -> None:
    """市 and 县 stay where nothing else would be left of a name."""
    assert [*keys("和田市")] == ["和田市", "和田"]
    assert [*keys("沙市")] == ["沙市"]
    assert [*keys("Korla City")] == ["korlacity", "korla"]
    assert [*keys("Kashi")] == ["kashi"]


@given(st.text(max_size=20))
def test_any_text_has_keys(text: str) -> None:
    """However strange; and a key is its own key."""
    assert all(key(each) == each for each in keys(text))
