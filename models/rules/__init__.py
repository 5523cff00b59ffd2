"""Dated rules: conditions over what was declared and what is known, with a source; only rules hold an order."""

from models.rules.reading import DEFAULT, RuleRefused, load_rules, rule_from, rule_to_json
from models.rules.rule import Condition, Evaluation, NotEvaluated, Rule, check, evaluate, fired
from models.rules.subject import FIELDS, declared

__all__ = [
    "DEFAULT",
    "FIELDS",
    "Condition",
    "Evaluation",
    "NotEvaluated",
    "Rule",
    "RuleRefused",
    "check",
    "declared",
    "evaluate",
    "fired",
    "load_rules",
    "rule_from",
    "rule_to_json",
]
