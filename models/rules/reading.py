"""Rules from TOML, and as data inside a model. Whatever is wrong raises `RuleRefused`.

A rule reads::

    [[rule]]
    id = "declared-security-end-user"
    effect = "review"                                   # or "hold"
    red_flag = "RF31"
    when = [{ field = "end_user_class", is = "security" }]
    because = "the declared end user belongs to security services"
    source = "15 CFR Part 732, Supplement No. 3"
    valid_from = 2019-10-09                             # from 00:00 UTC; leave out where it always applies
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from features.measures import iso, micros
from models.action import Action
from models.rules.rule import COMPARISONS, TESTS, Condition, Rule
from models.rules.subject import FIELDS, known_field

DEFAULT = Path(__file__).with_name("default.toml")
"""The rules that ship; copy and change them."""

_KEYS = {
    "id", "effect", "when", "because", "source", "valid_from", "valid_to", "red_flag", "clears", "verify",
}  # fmt: skip


class RuleRefused(ValueError):
    """A rule that cannot be taken: which file, rule, key and value, why, and how to mend it."""

    def __init__(self, place: tuple[str, str], key: str, value: object, why: str, mend: str) -> None:
        self.file, self.rule = place
        self.key, self.value, self.why, self.mend = key, value, why, mend
        super().__init__(f"{self.file}, rule {self.rule!r}, {key}: {value!r} {why}; {mend}")


def load_rules(path: Path | str) -> tuple[Rule, ...]:
    """The rules of one TOML file, in their order; raises `RuleRefused`."""
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleRefused((path.name, ""), "file", str(error), "is not TOML", "mend the line it names") from error
    foreign = sorted(set(content) - {"rule"})
    if foreign:
        raise RuleRefused((path.name, ""), foreign[0], "", "is unknown at the top", "write [[rule]] tables only")
    tables = content.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleRefused((path.name, ""), "rule", tables, "is not a list of tables", "write [[rule]]")
    rules = tuple(rule_from(table, path.name) for table in tables)
    ids = [rule.rule_id for rule in rules]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            raise RuleRefused((path.name, rule_id), "id", rule_id, "stands twice", "give each rule its own id")
    return rules


def rule_from(table: Mapping[str, Any], file: str) -> Rule:
    """One rule from its table; `file` is named in the error."""
    place = (file, str(table.get("id", "")))
    for key in table:
        if key not in _KEYS:
            raise RuleRefused(place, key, table[key], "is an unknown key", f"use {', '.join(sorted(_KEYS))}")
    for key in ("id", "because", "source"):
        _text(place, key, table.get(key))
    for key in ("red_flag", "clears"):
        if key in table:
            _text(place, key, table[key])
    if table.get("effect") not in (Action.HOLD, Action.REVIEW):
        raise RuleRefused(place, "effect", table.get("effect"), "is not an effect", "write hold or review")
    if not isinstance(table.get("verify", False), bool):
        raise RuleRefused(place, "verify", table["verify"], "is not true or false", "write it without quotes")
    start, end = (_moment(place, key, table.get(key)) for key in ("valid_from", "valid_to"))
    if start is not None and end is not None and start >= end:
        raise RuleRefused(place, "valid_to", table["valid_to"], "is not after valid_from", "swap or mend the dates")
    when = table.get("when")
    if not isinstance(when, list) or not when:
        raise RuleRefused(place, "when", when, "is not a list of conditions", "write at least one condition")
    return Rule(
        rule_id=table["id"],
        effect=Action(table["effect"]),
        when=tuple(_condition(place, each) for each in when),
        because=table["because"],
        source=table["source"],
        valid_from=start,
        valid_to=end,
        red_flag=table.get("red_flag"),
        clears=table.get("clears"),
        verify=table.get("verify", False),
    )


def _text(place: tuple[str, str], key: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise RuleRefused(place, key, value, "is not a text", "write a text in quotes")


def _moment(place: tuple[str, str], key: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else value
        except ValueError:
            raise RuleRefused(place, key, value, "is not a time", "write a date such as 2025-09-29") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise RuleRefused(place, key, str(value), "names no zone", "add Z or an offset, or write a date alone")
        return micros(value)
    if isinstance(value, date):
        return micros(datetime.combine(value, time(), UTC))
    raise RuleRefused(place, key, value, "is not a date", "write a date without quotes, such as 2025-09-29")


def _condition(place: tuple[str, str], table: object) -> Condition:
    kinds = [kind for kind in ("field", "feature") if isinstance(table, dict) and kind in table]
    if not isinstance(table, dict) or len(kinds) != 1:
        raise RuleRefused(place, "when", table, "names not exactly one field or feature", "name one of them")
    kind = kinds[0]
    name = table[kind]
    if not isinstance(name, str) or (kind == "field" and not known_field(name)):
        mend = f"use attribute.NAME or one of {', '.join(FIELDS)}"
        raise RuleRefused(place, f"when.{kind}", name, "is not a declared field", mend)
    tests = {key: value for key, value in table.items() if key != kind}
    if not tests:
        raise RuleRefused(place, "when", table, "has no test", f"add one of {', '.join(TESTS)}")
    for test, operand in tests.items():
        _check_test(place, test, operand)
        _check_type(place, (kind, name), test, operand)
    frozen = ((test, tuple(value) if isinstance(value, list) else value) for test, value in tests.items())
    return Condition(kind, name, tuple(frozen))


def _check_test(place: tuple[str, str], test: str, operand: object) -> None:
    if test not in TESTS:
        raise RuleRefused(place, f"when.{test}", operand, "is an unknown test", f"use one of {', '.join(TESTS)}")
    number = isinstance(operand, int | float) and not isinstance(operand, bool)
    if test in COMPARISONS and not number:
        raise RuleRefused(place, f"when.{test}", operand, "is not a number", "write a number without quotes")
    if test == "missing" and not isinstance(operand, bool):
        raise RuleRefused(place, f"when.{test}", operand, "is not true or false", "write missing = true")
    if test == "in" and not (isinstance(operand, list) and operand):
        raise RuleRefused(place, f"when.{test}", operand, "is not a list of values", 'write in = ["a", "b"]')
    if test == "is" and not isinstance(operand, str | bool | int | float):
        raise RuleRefused(place, f"when.{test}", operand, "is not a value", "write a text, a number, true or false")


def _check_type(place: tuple[str, str], subject: tuple[str, str], test: str, operand: Any) -> None:
    """A text never equals a number, so a rule that compares them would be dead in silence."""
    if test not in ("is", "in"):
        return
    word, allowed = _operand(*subject)
    for value in operand if test == "in" else (operand,):
        if not isinstance(value, allowed) or (isinstance(value, bool) and allowed is not bool):
            raise RuleRefused(place, f"when.{test}", value, f"never equals {subject[1]}", f"write {word}")


def _operand(kind: str, name: str) -> tuple[str, type | tuple[type, ...]]:
    if kind == "feature" or name in ("value", "quantity"):
        return "a number without quotes", (int, float)
    if name == "for_stock":
        return "true or false without quotes", bool
    return "a text in quotes", str


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule as JSON types, in the form that `rule_from` reads."""
    table: dict[str, Any] = {
        "id": rule.rule_id,
        "effect": str(rule.effect),
        "when": [
            {each.kind: each.name} | {test: list(v) if isinstance(v, tuple) else v for test, v in each.tests}
            for each in rule.when
        ],
        "because": rule.because,
        "source": rule.source,
        "valid_from": None if rule.valid_from is None else iso(rule.valid_from),
        "valid_to": None if rule.valid_to is None else iso(rule.valid_to),
        "red_flag": rule.red_flag,
        "clears": rule.clears,
        "verify": rule.verify,
    }
    return {key: value for key, value in table.items() if value is not None}
