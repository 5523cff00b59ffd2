"""Tests of conditions, dates, and what cannot be evaluated."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.measures import DAY
from features.trade import Place, attributes
from models.action import Action
from models.rules import FIELDS, Condition, NotEvaluated, Rule, check, declared, evaluate, fired
from tests.factory import line, order
from tests.models.made import FEATURES


def rule(*when: Condition, start: int | None = None, end: int | None = None) -> Rule:
    """A rule with these conditions."""
    return Rule("r", Action.REVIEW, when, "because", "source", start, end)


def field(name: str, **tests: object) -> Condition:
    """A condition on a declared field; `in_` stands for `in`, `is_` for `is`."""
    return Condition("field", name, tuple((test.rstrip("_"), operand) for test, operand in tests.items()))


def feature(name: str, **tests: object) -> Condition:
    """A condition on a feature."""
    return Condition("feature", name, tuple(tests.items()))


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (field("end_user_class", is_="security"), "security", True),
        (field("end_user_class", is_="security"), "Security", False),
        (field("end_user_class", in_=("police", "security")), "security", True),
        (field("end_user_class", in_=("police", "prison")), "security", False),
        (field("for_stock", is_=True), True, True),
        (field("end_user_class", missing=True), None, True),
        (field("end_user_class", missing=True), "", True),
        (field("end_user_class", missing=False), "security", True),
        (field("end_user_class", is_="security"), None, False),
        (field("attribute.share", at_least=50), "50", True),
        (field("attribute.share", above=50), "50", False),
        (field("attribute.share", above=0, below=50), "49.9", True),
        (field("attribute.share", at_most=1), None, False),
    ],
)
def test_a_condition_on_a_declared_field(condition: Condition, value: Any, expected: Any) -> None:
    """Texts match exactly, numbers compare as numbers, nothing passes only `missing`."""
    assert condition.holds({condition.name: value}, {}) is expected


@given(st.floats(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_feature_that_is_not_known_passes_no_comparison(value: Any, bound: float) -> None:
    """A missing value is neither large nor small."""
    above, at_most = (feature("f", **{test: bound}).holds({}, {"f": value}) for test in ("above", "at_most"))
    if math.isnan(value):
        assert (above, at_most) == (False, False)
        assert feature("f", missing=True).holds({}, {"f": value}) is True
    elif math.isfinite(value):
        assert above is not at_most


def test_a_rule_fires_when_all_its_conditions_hold() -> None:
    """And not when one of them does not."""
    both = rule(field("end_user_class", is_="security"), feature("level", at_least=2))
    assert fired([both], {"end_user_class": "security"}, {"level": 2.0}, 0) == (both,)
    assert fired([both], {"end_user_class": "security"}, {"level": 1.0}, 0) == ()


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15), st.integers(1, 10**15))
def test_a_rule_fires_only_between_its_dates(t: int, start: int, span: int) -> None:
    """From its first moment up to, not including, its last."""
    dated = rule(field("sku", missing=False), start=start, end=start + span)
    assert bool(fired([dated], {"sku": "kit"}, {}, t)) == (start <= t < start + span)


def test_before_valid_from_a_rule_does_not_fire() -> None:
    """Law is dated: a day earlier the order was lawful."""
    dated = rule(field("sku", missing=False), start=DAY)
    assert fired([dated], {"sku": "kit"}, {}, DAY - 1) == ()
    assert fired([dated], {"sku": "kit"}, {}, DAY) == (dated,)


def test_a_field_that_is_not_there_is_named_instead_of_passed_over() -> None:
    """Nobody asked who owns the buyer: the rule could not be evaluated."""
    owner = rule(field("attribute.share", at_least=50))
    found = evaluate([owner], {"sku": "kit"}, {}, 0)
    assert found.fired == ()
    assert found.not_evaluated == (NotEvaluated("r", "there is no field 'attribute.share'"),)


def test_a_number_that_is_none_is_named_too() -> None:
    """Half is not 50."""
    found = evaluate([rule(field("attribute.share", at_least=50))], {"attribute.share": "half"}, {}, 0)
    assert found.not_evaluated == (NotEvaluated("r", "field 'attribute.share' is 'half', not a number"),)


def test_one_false_condition_settles_a_rule() -> None:
    """Whatever the unknown condition is, the rule cannot fire."""
    mixed = rule(field("attribute.share", at_least=50), field("sku", is_="other"))
    assert evaluate([mixed], {"sku": "kit"}, {}, 0) == evaluate([], {}, {}, 0)


def test_check_names_the_rules_that_can_never_fire() -> None:
    """A rule on a feature or field that does not exist would be dead in silence."""
    dead = rule(feature("no_such_feature", above=1), field("attribute.share", above=1))
    alive = rule(feature("units", above=1), field("sku", is_="kit"))
    (found,) = check([dead, alive], FEATURES, FIELDS)
    assert found.why == "there is no feature 'no_such_feature'; there is no field 'attribute.share'"
    assert check([dead], FEATURES, ("attribute.share",))[0].why == "there is no feature 'no_such_feature'"


def test_check_passes_over_rules_that_are_not_in_force() -> None:
    """With a moment given."""
    dead = rule(feature("no_such_feature", above=1), start=10)
    assert check([dead], FEATURES, FIELDS, 9) == ()
    assert len(check([dead], FEATURES, FIELDS, 10)) == 1


def test_what_an_order_line_declares() -> None:
    """Every field has a key, one's own attributes only where the line carries them."""
    place = Place("CN", "CN-XJ", "Korla")
    placed = order(units=3, ship_to=place, for_stock=True, attributes=attributes({"port": "Bari"}))
    fields = declared(placed, placed.lines[0])
    assert set(fields) == {*FIELDS, "attribute.port"}
    assert (fields["ship_region"], fields["quantity"], fields["for_stock"]) == ("CN-XJ", 3.0, True)
    assert declared(placed, line())["ship_country"] is None
