"""Rules over a table of lines: the same verdicts as line by line, asked once for each value that stands in a column."""

import json
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.rules.rule import Condition, Rule

NO, YES, UNKNOWN = 0, 1, 2
"""What `Condition.holds` says, as a number."""

_ATTRIBUTE = "attribute."


def fired_lines(
    rules: Iterable[Rule],
    lines: pa.Table,
    values: NDArray[np.float64],
    columns: Mapping[str, int],
    t: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which rules fire on which lines, of shape (n_rules, n_lines).

    `lines` has the columns of `Record.lines`, `values` of shape (n_lines, k) their vectors, `columns` where the
    features stand that rules speak of, and `t` of shape (n_lines,) the moment at which the rules are asked.
    """
    rules = tuple(rules)
    fired = np.zeros((len(rules), lines.num_rows), bool)
    for number, rule in enumerate(rules):
        fired[number] = _in_force(rule, t)
        for condition in rule.when:
            if fired[number].any():
                fired[number] &= _verdicts(condition, lines, values, columns) == YES
    return fired


def _in_force(rule: Rule, t: NDArray[np.int64]) -> NDArray[np.bool_]:
    """`Rule.in_force` of each moment."""
    mask = np.ones(t.size, bool)
    if rule.valid_from is not None:
        mask &= rule.valid_from <= t
    if rule.valid_to is not None:
        mask &= t < rule.valid_to
    return mask


def _verdicts(
    condition: Condition, lines: pa.Table, values: NDArray[np.float64], columns: Mapping[str, int]
) -> NDArray[np.int8]:
    if condition.kind == "feature":
        if condition.name not in columns:
            return np.full(lines.num_rows, UNKNOWN, np.int8)
        different, which = np.unique(values[:, columns[condition.name]], return_inverse=True)
        told = [_told(condition.holds({}, {condition.name: float(value)})) for value in different]
        return _looked_up(told, which)
    texts = _source(condition.name, lines).combine_chunks().dictionary_encode(null_encoding="encode")
    told = [_told(condition.holds(_fields(condition.name, value), {})) for value in texts.dictionary.to_pylist()]
    return _looked_up(told, texts.indices.to_numpy(zero_copy_only=False))


def _looked_up(told: list[int], which: NDArray[np.integer]) -> NDArray[np.int8]:
    verdicts: NDArray[np.int8] = np.array(told, np.int8)[which]
    return verdicts


def _source(name: str, lines: pa.Table) -> pa.ChunkedArray:
    if name.startswith(_ATTRIBUTE):
        return lines["attributes"]
    return lines["quantity_milli" if name == "quantity" else name]


def _fields(name: str, value: object) -> dict[str, object]:
    """One field as `models.rules.declared` gives it; an attribute that a line does not carry has no key."""
    if name.startswith(_ATTRIBUTE):
        held = json.loads(str(value)) if value else {}
        return {_ATTRIBUTE + key: text for key, text in held.items()}
    if name == "quantity" and isinstance(value, int):
        return {name: value / 1000}
    return {name: value}


def _told(verdict: bool | str) -> int:
    return UNKNOWN if isinstance(verdict, str) else int(verdict)
