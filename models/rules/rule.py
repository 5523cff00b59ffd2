"""A rule, its conditions, and whether they hold.

A condition is true, false or *unknown*: unknown where the field or feature does not exist here, or does not hold a
number where one is compared. A rule fires when all its conditions are true, and cannot be evaluated when none is
false and one is unknown: then it is named, with the reason, instead of staying silent.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.windows.feature_set import FeatureSet
from models.action import Action

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "at_least": lambda number, bound: number >= bound,
    "at_most": lambda number, bound: number <= bound,
    "above": lambda number, bound: number > bound,
    "below": lambda number, bound: number < bound,
}
TESTS = ("is", "in", "missing", *COMPARISONS)


@dataclass(frozen=True, slots=True)
class Condition:
    """Tests on one declared field or on one feature; all of them must hold.

    `kind` is ``field`` or ``feature``. Something missing (None, NaN, empty text) passes only ``missing = true``.
    """

    kind: str
    name: str
    tests: tuple[tuple[str, Any], ...]

    def holds(self, fields: Mapping[str, object], features: Mapping[str, float]) -> bool | str:
        """True, False, or a text that says why neither can be told."""
        given: Mapping[str, object] = fields if self.kind == "field" else features
        if self.name not in given:
            return f"there is no {self.kind} {self.name!r}"
        value = given[self.name]
        untold: bool | str = True
        for test, operand in self.tests:
            verdict = self._passes(test, operand, value)
            if verdict is False:
                return False
            if untold is True:
                untold = verdict
        return untold

    def _passes(self, test: str, operand: Any, value: object) -> bool | str:
        missing = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
        if test == "missing":
            return missing is bool(operand)
        if missing:
            return False
        if test == "is":
            return bool(value == operand)
        if test == "in":
            return bool(value in operand)
        number = _number(value)
        if number is None:
            return f"{self.kind} {self.name!r} is {value!r}, not a number"
        return COMPARISONS[test](number, float(operand))


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule. In force from `valid_from` up to, not including, `valid_to` (microseconds UTC; None is open).

    `because` is the sentence that an analyst reads, `clears` what would settle it. `verify` marks law that the user
    must check before relying on it.
    """

    rule_id: str
    effect: Action
    when: tuple[Condition, ...]
    because: str
    source: str
    valid_from: int | None = None
    valid_to: int | None = None
    red_flag: str | None = None
    clears: str | None = None
    verify: bool = False

    def in_force(self, t: int) -> bool:
        """Whether the rule is in force at moment `t` (microseconds UTC)."""
        return (self.valid_from is None or self.valid_from <= t) and (self.valid_to is None or t < self.valid_to)


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule in force that could not be evaluated, and why."""

    rule_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The rules that fired on one line, and those of which it cannot be told."""

    fired: tuple[Rule, ...]
    not_evaluated: tuple[NotEvaluated, ...]


def evaluate(rules: Iterable[Rule], fields: Mapping[str, object], features: Mapping[str, float], t: int) -> Evaluation:
    """All rules in force at `t`, against one line's declared fields and its features by name."""
    hits, unknown = [], []
    for rule in rules:
        if not rule.in_force(t):
            continue
        whys = []
        for condition in rule.when:
            verdict = condition.holds(fields, features)
            if verdict is False:
                break
            if isinstance(verdict, str):
                whys.append(verdict)
        else:
            if whys:
                unknown.append(NotEvaluated(rule.rule_id, "; ".join(whys)))
            else:
                hits.append(rule)
    return Evaluation(tuple(hits), tuple(unknown))


def fired(
    rules: Iterable[Rule], fields: Mapping[str, object], features: Mapping[str, float], t: int
) -> tuple[Rule, ...]:
    """The rules that fire on a line at moment `t`."""
    return evaluate(rules, fields, features, t).fired


def check(
    rules: Iterable[Rule], feature_set: FeatureSet, fields: Collection[str], t: int | None = None
) -> tuple[NotEvaluated, ...]:
    """The rules that can never fire here, and why: they name a field or feature that does not exist.

    With `t`, only the rules in force at that moment.
    """
    known: dict[str, Collection[str]] = {"feature": feature_set.column, "field": frozenset(fields)}
    dead = []
    for rule in rules:
        lacks = [f"there is no {each.kind} {each.name!r}" for each in rule.when if each.name not in known[each.kind]]
        if lacks and (t is None or rule.in_force(t)):
            dead.append(NotEvaluated(rule.rule_id, "; ".join(lacks)))
    return tuple(dead)
