"""What is decided without a model: by rules alone, and nothing is made up."""

import math
from pathlib import Path

import numpy as np
import pytest

from features.catalog.all import catalogue
from models.action import Action
from models.fallback import MEANING, Fallback, fallback, judged
from models.rules import RuleRefused
from tests.models.made import T, fields, model, vector

HELD = {"product_sensitivity": 0.0, "reseller_diverted_count_all": 1.0}


def row(**values: float) -> np.ndarray:
    """A vector of the features that ship, NaN where nothing is named."""
    found = np.full((1, len(catalogue().names)), math.nan)
    for name, value in values.items():
        found[0, catalogue().names.index(name)] = value
    return found


def test_every_rule_that_speaks_of_a_feature_finds_it_in_the_catalogue() -> None:
    """Else it would fall silent just where rules are all there is."""
    named = {each.name for rule in fallback().rules for each in rule.when if each.kind == "feature"}
    assert named == set(fallback().rule_columns)


@pytest.mark.parametrize(
    ("values", "action", "rule"),
    [
        ({"product_sensitivity": 0.0}, Action.PROCEED, None),
        ({"product_sensitivity": 1.0}, Action.PROCEED, None),
        ({"product_sensitivity": 2.0}, Action.REVIEW, "sensitive-goods-without-a-score"),
        ({}, Action.REVIEW, "ungraded-goods-without-a-score"),
        (HELD, Action.HOLD, "diverted-at-this-reseller"),
    ],
)
def test_rules_alone_decide(values: dict[str, float], action: Action, rule: str | None) -> None:
    """Sensitive and ungraded goods wait; what the rules hold is held."""
    verdict = judged(fallback(), row(**values), [fields()], T)
    assert (verdict.action, verdict.fallback, verdict.drawn) == (action, True, False)
    assert [each.rule_id for each in verdict.rules] == ([] if rule is None else [rule])
    assert all(map(math.isnan, (verdict.probability, verdict.rank, verdict.lines[0].probability)))
    assert (verdict.lines[0].reasons, verdict.meaning) == (None, MEANING)


def test_a_model_decides_where_there_is_one() -> None:
    """As if there were no fallback."""
    verdict = judged(model(), vector(), [fields()], T)
    assert (verdict.fallback, 0.0 <= verdict.probability <= 1.0) == (False, True)


def test_one_s_own_rules_replace_those_that_ship(tmp_path: Path) -> None:
    """And make another fingerprint; a file that is no rules is refused by name."""
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nid="all"\neffect="hold"\nwhen=[{field="sku",missing=false}]\nbecause="x"\nsource="y"\n')
    assert [rule.rule_id for rule in fallback(own).rules] == ["all"]
    assert fallback(own).fingerprint != fallback().fingerprint == Fallback(fallback().rules, catalogue()).fingerprint
    own.write_text("[[rule]]\n")
    with pytest.raises(RuleRefused, match=r"own\.toml"):
        fallback(own)
