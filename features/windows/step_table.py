"""Steps side by side in one table, as the batch and the stream driver go through them."""

import numpy as np
from numpy.typing import NDArray

from features.windows.compiled import inlined, threaded
from features.windows.kernel import APPEND
from features.windows.state import PLAIN
from features.windows.steps import Steps

Ints = NDArray[np.int64]

TIME, OPERATION, ROW, ORDER, ITEM, TARGET_TIME, FLAGS, OUT = range(8)
"""Columns of a step. A line that is asked about and then appended is one step: `OUT` is the row of the output, or -1,
where nobody asks."""


def steps_of_lines(t: Ints, order: Ints, item: Ints, flags: Ints, out: Ints) -> Ints:
    """A step a line, (n_lines, 8): each is asked about, where `out` is a row of the output and not -1, and appended."""
    table = np.empty((t.size, 8), np.int64)
    for column, values in ((TIME, t), (ORDER, order), (ITEM, item), (TARGET_TIME, t), (FLAGS, flags), (OUT, out)):
        table[:, column] = values
    table[:, OPERATION], table[:, ROW] = APPEND, np.arange(t.size)
    return table


def with_rare(lines: Ints, position: Ints, rare: Steps) -> Ints:
    """The steps of lines and of all else in order of time; lines of orders that nothing speaks of are marked so.

    `position`, (n_lines,), and that of the rare steps break ties of time, as in `Steps.in_time`.
    """
    plain = ~np.isin(lines[:, ORDER], rare.order) if rare.order.size else True
    lines[:, FLAGS] |= np.where(plain, PLAIN, 0)
    t = lines[:, TIME]
    if not bool(((t[1:] > t[:-1]) | ((t[1:] == t[:-1]) & (position[1:] >= position[:-1]))).all()):
        order = np.lexsort((position, t))
        lines, position = lines[order], position[order]
    return merged(lines, position, rare.in_time())


def merged(lines: Ints, position: Ints, rare: Steps) -> Ints:
    """The steps of lines and of all else in order of time, where both are in that order already."""
    if not rare.t.size:
        return lines
    more = np.empty((rare.t.size, 8), np.int64)
    named = (rare.t, rare.operation, rare.row, rare.order, rare.item, rare.target_time, rare.flags)
    for column, values in enumerate(named):
        more[:, column] = values
    more[:, OUT] = -1
    table = np.empty((len(lines) + len(more), 8), np.int64)
    _merge(lines, position, more, np.ascontiguousarray(rare.position), table)
    return table


@threaded
def _merge(lines, position, more, more_position, table):  # type: ignore[no-untyped-def]
    """Both in order of time, position, and what takes back first; lines first where all of that is equal."""
    line = 0
    for other in range(len(more)):
        t, place, last = more[other, TIME], more_position[other], more[other, OPERATION] % 2
        while line < len(lines) and (
            lines[line, TIME] < t
            or (lines[line, TIME] == t and (position[line] < place or (position[line] == place and last == 1)))
        ):
            _copy_step(lines, line, table, line + other)
            line += 1
        _copy_step(more, other, table, line + other)
    while line < len(lines):
        _copy_step(lines, line, table, line + len(more))
        line += 1


@inlined
def _copy_step(source, at, to, place):  # type: ignore[no-untyped-def]
    for column in range(8):
        to[place, column] = source[at, column]
