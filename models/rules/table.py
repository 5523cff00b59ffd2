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
        rows = np.flatnonzero(_in_force(rule, t))
        for condition in sorted(rule.when, key=lambda each: each.kind):  # features first: they have fewer values
            if rows.size:
                rows = rows[_verdicts(condition, lines, values, columns, rows) == YES]
        fired[number, rows] = True
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
    condition: Condition,
    lines: pa.Table,
    values: NDArray[np.float64],
    columns: Mapping[str, int],
    rows: NDArray[np.int64],
) -> NDArray[np.int8]:
    """What a condition says of some rows."""
    if condition.kind == "feature":
        if condition.name not in columns:
            return np.full(rows.size, UNKNOWN, np.int8)
        numbers = pa.array(values[rows, columns[condition.name]]).dictionary_encode()
        told = [_told(condition.holds({}, {condition.name: value})) for value in numbers.dictionary.to_pylist()]
        return _looked_up(told, numbers)
    held = _source(condition.name, lines).combine_chunks()
    held = held if rows.size == len(held) else held.take(pa.array(rows))
    texts = held.dictionary_encode(null_encoding="encode")
    told = [_told(condition.holds(_fields(condition.name, value), {})) for value in texts.dictionary.to_pylist()]
    return _looked_up(told, texts)


def _looked_up(told: list[int], encoded: pa.DictionaryArray) -> NDArray[np.int8]:
    verdicts: NDArray[np.int8] = np.array(told, np.int8)[encoded.indices.to_numpy(zero_copy_only=False)]
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
