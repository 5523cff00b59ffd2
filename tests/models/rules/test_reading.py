"""Tests of reading rules from TOML, and of the rules that ship."""

import json
from pathlib import Path
from typing import Any

import pytest

from features.measures import instant
from models.action import Action
from models.rules import DEFAULT, FIELDS, RuleRefused, check, fired, load_rules, rule_from, rule_to_json
from tests.models.made import FEATURES, T, fields

HARMLESS = {"reseller_diverted_count_all": 0.0, "ship_to_region_sensitivity": 0.0, "product_sensitivity": 0.0}

GOOD = """
[[rule]]
id = "a"
effect = "review"
when = [{ field = "sku", is = "kit" }]
because = "b"
source = "s"
"""


def default_ids(t: int = T, features: dict[str, float] | None = None, **declared: Any) -> set[str]:
    """Ids of the default rules that fire."""
    rules = load_rules(DEFAULT)
    return {rule.rule_id for rule in fired(rules, fields(**declared), HARMLESS | (features or {}), t)}


def stake(percent: str) -> dict[str, Any]:
    """The owners' share, as the user's own column declares it."""
    return {"attribute.listed_owner_percent": percent}


def test_a_harmless_line_fires_none_of_the_default_rules() -> None:
    """A university that is named, nothing sensitive, no finding."""
    assert default_ids() == set()


def test_a_confirmed_diversion_at_the_reseller_holds() -> None:
    """The prohibition is marked to be verified."""
    (rule,) = fired(load_rules(DEFAULT), fields(), HARMLESS | {"reseller_diverted_count_all": 1.0}, T)
    assert (rule.rule_id, rule.effect, rule.verify) == ("diverted-at-this-reseller", Action.HOLD, True)


def test_security_services_wait_everywhere_and_are_held_in_restricted_regions() -> None:
    """The hold begins with the list of October 2019."""
    police: dict[str, Any] = {"end_user_class": "security"}
    restricted = {"ship_to_region_sensitivity": 2.0}
    both = {"security-end-user", "security-end-user-in-restricted-region"}
    assert default_ids(**police) == {"security-end-user"}
    assert default_ids(features=restricted, **police) == both
    assert default_ids(instant("2019-10-08T23:59:59Z"), restricted, **police) == {"security-end-user"}
    assert default_ids(instant("2019-10-09T00:00:00Z"), restricted, **police) == both


def test_sensitive_goods_without_an_end_user_wait() -> None:
    """Other goods without an end user do not."""
    assert default_ids(features={"product_sensitivity": 2.0}, end_user_id=None) == {
        "unknown-end-user-of-sensitive-goods"
    }
    assert default_ids(features={"product_sensitivity": 1.0}, end_user_id=None) == set()


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        ("2025-09-28T23:59:59Z", False),
        ("2025-09-29T00:00:00Z", True),
        ("2025-11-09T23:59:59Z", True),
        ("2025-11-10T00:00:00Z", False),
        ("2026-11-09T23:59:59Z", False),
        ("2026-11-10T00:00:00Z", True),
    ],
)
def test_the_affiliates_rule_holds_while_it_is_in_force(moment: str, held: bool) -> None:
    """In force, suspended for a year, in force again; a review remains throughout."""
    found = default_ids(instant(moment), **stake("50"))
    assert "listed-owner-any-stake" in found
    assert any(rule_id.startswith("listed-owner-half") for rule_id in found) is held


def test_a_minority_owner_asks_for_a_review_only() -> None:
    """Nothing holds below half."""
    assert default_ids(**stake("12.5")) == {"listed-owner-any-stake"}


def test_the_default_rules_speak_of_what_exists() -> None:
    """But for the owners' share, a column that the user brings."""
    rules = load_rules(DEFAULT)
    assert check(rules, FEATURES, [*FIELDS, "attribute.listed_owner_percent"]) == ()
    assert {each.rule_id.rpartition("-")[0] for each in check(rules, FEATURES, FIELDS)} == {
        "listed-owner-half", "listed-owner-any",
    }  # fmt: skip


def test_every_hold_and_every_law_says_where_it_is_written() -> None:
    """All holds that rest on law are marked to be verified."""
    for rule in load_rules(DEFAULT):
        assert len(rule.source) > 20
        assert rule.red_flag
        assert rule.verify or rule.effect is Action.REVIEW


def test_rules_survive_json() -> None:
    """A model carries them as data."""
    rules = load_rules(DEFAULT)
    text = json.dumps([rule_to_json(rule) for rule in rules])
    assert tuple(rule_from(table, "model.json") for table in json.loads(text)) == rules


def test_a_date_with_a_time_counts_to_the_second(tmp_path: Path) -> None:
    """A date alone counts from midnight UTC."""
    path = tmp_path / "rules.toml"
    path.write_text(GOOD + "valid_from = 2025-01-01\nvalid_to = 2025-06-30T12:00:00+02:00\n")
    (rule,) = load_rules(path)
    assert rule.valid_from == instant("2025-01-01T00:00:00Z")
    assert rule.valid_to == instant("2025-06-30T10:00:00Z")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "a"', "", "rule '', id: None is not a text"),
        ('effect = "review"', 'effect = "deny"', "'deny' is not an effect; write hold or review"),
        ('because = "b"', "", "because: None is not a text"),
        ('source = "s"', 'sauce = "s"', "sauce: 's' is an unknown key; use"),
        ('source = "s"', 'source = "s"\nverify = "yes"', "verify: 'yes' is not true or false"),
        ('source = "s"', 'source = "s"\nvalid_from = "2025"', "valid_from: '2025' is not a date"),
        ('source = "s"', 'source = "s"\nvalid_from = "20T5"', "valid_from: '20T5' is not a time"),
        ('source = "s"', 'source = "s"\nvalid_from = 2025-01-01T00:00:00', "names no zone; add Z"),
        ('source = "s"', 'source = "s"\nvalid_from = 2025-01-02\nvalid_to = 2025-01-02', "not after valid_from"),
        ('[{ field = "sku", is = "kit" }]', "[]", "is not a list of conditions"),
        ('field = "sku"', 'field = "buyer"', "when.field: 'buyer' is not a declared field; use attribute.NAME or"),
        ('field = "sku"', 'field = "sku", feature = "f"', "names not exactly one field or feature"),
        (', is = "kit"', "", "has no test; add one of is, in, missing"),
        ('is = "kit"', 'equals = "kit"', "when.equals: 'kit' is an unknown test; use one of is"),
        ('is = "kit"', "is = 5", "when.is: 5 never equals sku; write a text in quotes"),
        ('is = "kit"', 'in = "kit"', "when.in: 'kit' is not a list of values"),
        ('is = "kit"', 'in = ["kit", 5]', "when.in: 5 never equals sku"),
        ('is = "kit"', 'at_least = "5"', "when.at_least: '5' is not a number"),
        ('is = "kit"', 'missing = "yes"', "when.missing: 'yes' is not true or false"),
        ('field = "sku", is = "kit"', 'field = "for_stock", is = "true"', "never equals for_stock; write true"),
        ('field = "sku", is = "kit"', 'feature = "f", is = true', "never equals f; write a number"),
        ("[[rule]]", "[rule]", "is not a list of tables; write [[rule]]"),
        ("[[rule]]", "law = 1\n[[rule]]", "law: '' is unknown at the top"),
        ("[[rule]]", "[[rule]", "is not TOML; mend the line it names"),
        ("[[rule]]", GOOD + "[[rule]]", "rule 'a', id: 'a' stands twice"),
    ],
)
def test_a_bad_rule_is_refused_with_its_place_and_mend(old: Any, new: Any, said: str, tmp_path: Path) -> None:
    """File, rule, key, value, why, and what to do."""
    path = tmp_path / "own.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(RuleRefused) as refused:
        load_rules(path)
    assert said in str(refused.value)
    assert str(refused.value).startswith("own.toml, rule ")
