"""One order at a time, as the online driver asks about it and takes it in: the same kernel, a call an order."""

from features.windows.compiled import compiled
from features.windows.expiry import expire
from features.windows.kernel import APPEND, append, flush, reach, read


@compiled
def ask(state, plan, rows, t, order, out):  # type: ignore[no-untyped-def]
    """Write the vectors of an order's lines into `out`, (lines, features). False where there is no room."""
    if not flush(state, plan, t):
        return False
    reach(state, plan, t)
    for line in range(len(rows)):
        read(state, plan, rows[line], t, order, out[line])
    return True


@compiled
def place(state, plan, rows, t, order, item, start, most):  # type: ignore[no-untyped-def]
    """Append the lines of an order from `start` on, numbered from `item`; returns how many are in, see `make_room`.

    Once all are, at most `most` events of long ago are freed.
    """
    if not flush(state, plan, t):
        return start
    for line in range(start, len(rows)):
        if not append(state, plan, rows[line], t, rows[line][plan.flags_column], order, item + line, APPEND, t):
            return line
    expire(state, plan, t, most)
    return len(rows)
