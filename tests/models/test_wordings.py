"""Neutral wordings can be passed to anybody."""

import re

from features.catalog.all import catalogue
from models.clearing import CLEARS
from models.rules import DEFAULT, load_rules
from models.wordings import ROUTINE, SETTLED, neutral

TELLING = re.compile(
    r"\d|risk|diver|suspic|flag|police|secur|sensitiv|restrict|sanction|listed|threshold|score|model|usual|norm|burst"
)


def _features() -> list[tuple[str | None, str]]:
    return [(feature.red_flag, feature.family) for feature in catalogue().features]


def test_no_neutral_wording_tells_what_was_seen() -> None:
    """No number, no judgement, no word of what raised the score; whatever the feature or the rule."""
    said = {neutral(*each) for each in _features()} | {neutral(rule.red_flag) for rule in load_rules(DEFAULT)}
    said |= {neutral(flag) for flag in CLEARS} | {ROUTINE, SETTLED}
    assert not [words for words in said if TELLING.search(words)]
    assert len(said) > 10


def test_what_lowers_the_risk_asks_for_nothing() -> None:
    """Whatever its flag."""
    assert {neutral(*each, raises=False) for each in _features()} == {SETTLED}
