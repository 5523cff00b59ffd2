"""Export control classification numbers."""

import doctest

import pytest

from features.goods import eccn
from features.goods.eccn import Eccn, eccn_prefix, read_eccn
from features.measures import Refused


def test_the_examples_hold() -> None:
    """As the docstring says."""
    assert doctest.testmod(eccn) == (0, 3)


def test_ear99_is_a_class_of_its_own() -> None:
    """Nothing else is under it, and it is under nothing else."""
    assert str(Eccn.parse("ear 99")) == Eccn.parse("EAR99").group == "EAR99"
    assert Eccn.parse("EAR99").under("EAR99")
    assert not Eccn.parse("EAR99").under("3")
    assert not Eccn.parse("3A981").under("EAR99")


def test_prefixes_end_where_a_part_ends() -> None:
    """1A99 is no number, and paragraph c is not paragraph c1."""
    assert [Eccn.parse("1A999.a.1").under(prefix) for prefix in ("1", "1A", "1A999", "1A999.a")] == [True] * 4
    assert not Eccn.parse("1A004.c1").under("1A004.c")
    assert not Eccn.parse("3B981").under("3A")


@pytest.mark.parametrize("text", ["3A98", "3F981", "A3981", "3A981..a", "kit", "", "EAR 98"])
def test_what_is_no_number_is_refused_with_the_mend(text: str) -> None:
    """In a file it counts as missing."""
    with pytest.raises(Refused, match="is not an ECCN; write it as 3A981 or"):
        Eccn.parse(text)
    assert read_eccn(text) is None


def test_a_prefix_is_the_beginning_of_a_number() -> None:
    """At any depth, in the letters that numbers are written in."""
    assert all(map(eccn_prefix, ("3", "3A", "3A981", "1A004.c", "EAR99")))
    assert not any(map(eccn_prefix, ("", "A", "3A9", "3A981.", "ear99")))
