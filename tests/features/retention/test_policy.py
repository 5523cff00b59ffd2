"""Which regime speaks of an order, and for how long."""

from pathlib import Path
from typing import Any

import pytest

from features.measures import DAY, Refused, instant, iso
from features.retention.policy import RetentionRule, load_retention, longest, years_after
from features.trade import Place
from tests import factory as a


def test_what_ships_keeps_ten_years_where_ofac_speaks_and_five_elsewhere() -> None:
    """By the ship-to; any line and any revision counts."""
    rules = load_retention()
    for place, years in ((None, 5), (Place("CN", "CN-GD"), 5), (Place("CN", "CN-XJ"), 10), (Place("IR"), 10)):
        rule = longest(rules, [a.order(), a.order(revision=2, ship_to=place)], {})
        assert rule is not None
        assert rule.years == years
    assert all(rule.verify and rule.source for rule in rules)


@pytest.mark.parametrize(
    ("rule", "speaks"),
    [
        ({}, True),
        ({"category": "sequencing"}, True),
        ({"category": "seq"}, False),
        ({"hs": "9027"}, True),
        ({"hs": "9028"}, False),
        ({"eccn": "3A981"}, True),
        ({"eccn": "4A"}, False),
        ({"country": "TR", "category": "sequencing"}, True),
        ({"country": "TR", "category": "imaging"}, False),
        ({"region": "TR-33"}, False),
    ],
)
def test_a_rule_speaks_where_all_that_it_names_is_met(rule: dict[str, Any], speaks: bool) -> None:
    """Goods by the register, the place by the line."""
    product = a.product(hs_code="9027.89", eccn="3A981.a")
    line = a.line(ship_to=Place("TR"))
    assert RetentionRule("x", 1, "y", **rule).speaks_of(line, product) is speaks


def test_goods_that_the_register_does_not_know_meet_no_rule_on_goods() -> None:
    """Then only what speaks of every order speaks of them."""
    goods: tuple[dict[str, Any], ...] = ({"category": "sequencing"}, {"hs": "9027"}, {"eccn": "3A"})
    for rule in goods:
        assert not RetentionRule("x", 1, "y", **rule).speaks_of(a.line(), None)
    assert longest([], [a.order()], {}) is None


def test_years_are_those_of_the_calendar() -> None:
    """To the microsecond."""
    assert iso(years_after(instant("2026-11-27T10:00:00.5Z"), 10)) == "2036-11-27T10:00:00.500000Z"
    assert years_after(a.T0, 5) - a.T0 == (5 * 365 + 1) * DAY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('regime="x"\nyears=0\nsource="y"', "is not in 1..100"),
        ('regime="x"\nyears=true\nsource="y"', "is not in 1..100"),
        ('regime="x"\nyears=5\n', "write the source"),
        ('regime="x"\nyears=5\nsource="y"\neccn="zzz"', "beginning of an ECCN"),
        ('regime="x"\nyears=5\nsource="y"\nhs="90.27"', "not made of digits"),
        ('regime="x"\nyears=5\nsource="y"\nverify="yes"', "not true or false"),
        ('regime="x"\nyears=5\nsource="y"\nsku="kit"', "unknown key"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    """With the number of the rule."""
    file = tmp_path / "own.toml"
    file.write_text(f"[[retention]]\n{text}\n")
    with pytest.raises(Refused, match=f"retention 1.*{why}"):
        load_retention(file)
