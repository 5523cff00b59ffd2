"""Scores and TreeSHAP from tables: what `Booster.predict` and its `pred_contrib` compute, many times quicker.

A row costs one comparison a question and one addition a feature, and nothing that is as deep as the tree, see
`models.tree_tables`. Rows are held by column, a block at a time, so that a piece's table stays in the near cache. A
block is no longer than it must be: the lines of a group of orders are few.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from features.windows.compiled import compiled, inlined, threaded
from models.tree_tables import AROUND_ZERO, ONE_OF, UP_TO, UP_TO_OR_NAN, WITHIN, WITHIN_OR_NAN, Tables
from models.trees import TINY

Floats = NDArray[np.float64]

FEW = 2
"""Rows below which they are not held by column."""
BLOCK = 256
"""Rows at a time: the columns and sums of a block fit into the second cache."""
LANES = 8
"""A shorter block holds a multiple of so many rows: what one instruction of a processor takes."""
ROWS_PER_THREAD = 4_096


def contributions(tables: Tables, values: Floats) -> Floats:
    """TreeSHAP of rows, shape (n, k): shape (n, k + 1), the last column the expected value. C-contiguous float64.

    A row's are the same bit for bit, alone or among others.
    """
    out = np.empty((len(values), values.shape[1] + 1))
    out[:, -1] = tables.expected
    _compute(tables, values, out, explained=True)
    return out


def log_odds(tables: Tables, values: Floats) -> Floats:
    """Raw scores of rows, shape (n, k): shape (n,).

    Leaves are added tree by tree, so that it equals LightGBM's, bit for bit.
    """
    out = np.empty((len(values), 1))
    _compute(tables, values, out, explained=False)
    return out.reshape(-1)


def probabilities(tables: Tables, values: Floats) -> Floats:
    """Probabilities of rows, shape (n, k): shape (n,), in [0, 1], as LightGBM computes them from the raw scores."""
    out = log_odds(tables, values)
    _logistic(out)
    return out


def _compute(tables: Tables, values: Floats, out: Floats, *, explained: bool) -> None:
    rows, width = values.shape
    if rows < FEW:
        row = np.empty(width)
        (_explain_few if explained else _sum_few)(tables, values, row, out)
        return
    workers = min(os.cpu_count() or 1, -(-rows // ROWS_PER_THREAD))
    block = min(BLOCK, -(-rows // LANES) * LANES)
    cuts = [rows * number // workers for number in range(workers + 1)]

    def part(number: int) -> None:
        here = slice(cuts[number], cuts[number + 1])
        pattern, columns = np.empty(block, np.int64), np.empty((width, block))
        if explained:
            explain = _explain_block if rows <= BLOCK else _explain_many
            explain(tables, values[here], pattern, columns, np.empty((width, block)), out[here])
        else:
            (_sum_block if rows <= BLOCK else _sum_many)(tables, values[here], pattern, columns, out[here])

    if workers == 1:
        part(0)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(part, range(workers)))


@threaded
def _logistic(values):  # type: ignore[no-untyped-def]
    for index in range(len(values)):
        values[index] = 1.0 / (1.0 + math.exp(-values[index]))


@inlined
def _answer(tables, question, value):  # type: ignore[no-untyped-def]
    """1 where a value answers a question with yes, else 0; without branches, which the processor would guess."""
    kind = tables.kind[question]
    if kind == ONE_OF:
        first, others = tables.first_category[question], tables.first_category[question + 1] - 1
        known = value > -1.0 and value < others - first
        return np.int64(tables.categories[first + np.int64(value) if known else others])
    missing, nothing = value != value, kind == AROUND_ZERO and value == 0.0  # noqa: PLR0124 - only NaN differs
    inside = (not value <= tables.above[question]) & (not value > tables.up_to[question])
    return (
        (np.int64(missing) & tables.nan[question])
        | (np.int64(nothing) & tables.zero[question])
        | np.int64((not missing) & (not nothing) & inside)
    )


@inlined
def _plain(value):  # type: ignore[no-untyped-def]
    """A value as LightGBM takes it in."""
    return 0.0 if abs(value) <= TINY else value


@inlined
def _pattern(tables, piece, row):  # type: ignore[no-untyped-def]
    first, pattern = tables.first_question[piece], 0
    for question in range(first, tables.first_question[piece + 1]):
        pattern |= _answer(tables, question, row[tables.feature[question]]) << (question - first)
    return pattern


@compiled
def _explain_few(tables, values, row, out):  # type: ignore[no-untyped-def]
    """A row at a time, without blocks, whose making would cost more than it saves."""
    for number in range(len(values)):
        for index in range(len(row)):
            row[index], out[number, index] = _plain(values[number, index]), 0.0
        for piece in range(len(tables.first_question) - 1):
            at = tables.first_sum[piece] + _pattern(tables, piece, row)
            for index in range(tables.first_column[piece], tables.first_column[piece + 1]):
                out[number, tables.column[index]] += tables.sums[at]
                at += 1 << (tables.first_question[piece + 1] - tables.first_question[piece])


@compiled
def _sum_few(tables, values, row, out):  # type: ignore[no-untyped-def]
    for number in range(len(values)):
        for index in range(len(row)):
            row[index] = _plain(values[number, index])
        total = 0.0
        for piece in range(len(tables.first_question) - 1):
            total += tables.leaves[tables.first_leaf[piece] + _pattern(tables, piece, row)]
        out[number, 0] = total


@compiled
def _explain_block(tables, values, pattern, columns, parts, out):  # type: ignore[no-untyped-def]
    """As `_explain_many`; it ends sooner than another thread could take its turn and give it back."""
    _explain(tables, values, pattern, columns, parts, out)


@threaded
def _explain_many(tables, values, pattern, columns, parts, out):  # type: ignore[no-untyped-def]
    _explain(tables, values, pattern, columns, parts, out)


@compiled
def _sum_block(tables, values, pattern, columns, out):  # type: ignore[no-untyped-def]
    _sum(tables, values, pattern, columns, out)


@threaded
def _sum_many(tables, values, pattern, columns, out):  # type: ignore[no-untyped-def]
    _sum(tables, values, pattern, columns, out)


@inlined
def _explain(tables, values, pattern, columns, parts, out):  # type: ignore[no-untyped-def]
    width = values.shape[1]
    for start in range(0, len(values), len(pattern)):
        many = min(len(pattern), len(values) - start)
        parts[:] = 0.0
        _hold(values, start, many, columns)
        for piece in range(len(tables.first_question) - 1):
            _patterns(tables, piece, columns, pattern)
            at, size = tables.first_sum[piece], 1 << (tables.first_question[piece + 1] - tables.first_question[piece])
            for index in range(tables.first_column[piece], tables.first_column[piece + 1]):
                sums, held = tables.sums[at : at + size], parts[tables.column[index]]
                for row in range(many):
                    held[row] += sums[pattern[row]]
                at += size
        for row in range(many):
            for index in range(width):
                out[start + row, index] = parts[index, row]


@inlined
def _sum(tables, values, pattern, columns, out):  # type: ignore[no-untyped-def]
    for start in range(0, len(values), len(pattern)):
        many = min(len(pattern), len(values) - start)
        _hold(values, start, many, columns)
        totals = out[start : start + many, 0]
        totals[:] = 0.0
        for piece in range(len(tables.first_question) - 1):
            _patterns(tables, piece, columns, pattern)
            leaves = tables.leaves[tables.first_leaf[piece] : tables.first_leaf[piece + 1]]
            for row in range(many):
                totals[row] += leaves[pattern[row]]


@inlined
def _hold(values, start, many, columns):  # type: ignore[no-untyped-def]
    """A block of rows by column."""
    for row in range(many):
        for index in range(len(columns)):
            columns[index, row] = _plain(values[start + row, index])


@inlined
def _patterns(tables, piece, columns, pattern):  # type: ignore[no-untyped-def]
    """The answers of a block to a piece: one question after the other."""
    first = tables.first_question[piece]
    pattern[:] = 0
    for question in range(first, tables.first_question[piece + 1]):
        _ask(tables, question, columns[tables.feature[question]], pattern, question - first)


@inlined
def _ask(tables, question, column, pattern, place):  # type: ignore[no-untyped-def]
    """Add a bit to each pattern: a loop for each frequent kind of question, which goes over several rows at once."""
    kind, above, up_to, bit = tables.kind[question], tables.above[question], tables.up_to[question], 1 << place
    if kind == UP_TO:
        for row in range(len(pattern)):
            pattern[row] |= bit if column[row] <= up_to else 0
    elif kind == UP_TO_OR_NAN:
        for row in range(len(pattern)):
            pattern[row] |= 0 if column[row] > up_to else bit
    elif kind == WITHIN:
        for row in range(len(pattern)):
            pattern[row] |= bit if (not column[row] <= above) & (column[row] <= up_to) else 0
    elif kind == WITHIN_OR_NAN:
        for row in range(len(pattern)):
            pattern[row] |= 0 if (column[row] <= above) | (column[row] > up_to) else bit
    else:
        for row in range(len(pattern)):
            pattern[row] |= _answer(tables, question, column[row]) << place
