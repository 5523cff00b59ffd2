"""The one kernel: `append` an event, `advance` an entity to a time, `read` a vector. Every driver calls these.

An event becomes visible to its entity when the entity is advanced to a time after the event's `known_at`, strictly; it
leaves a window W when that time is more than W after it, so that a window is ``[t - W, t)``. Accumulators are exact
integers; features are fixed formulas over them. What belongs to the order that is read (its earlier revisions, and the
findings that judge it) is taken out of a copy of the accumulators first.

Time must not run backwards: events are appended in the order of `known_at`, and reads come in the order of t.
"""

import math

import numpy as np
from numba import njit

from features.windows import tables, wide
from features.windows.columns import FILTERS, NULL
from features.windows.formulas import line_feature, view_features
from features.windows.plan import (
    COUNT,
    DISTINCT,
    FIRST,
    FIRST_TIME,
    HEADER,
    LAST,
    NEWEST,
    ORDERS_ONCE,
    PENDING,
    SQUARE,
    SUM,
)  # fmt: skip
from features.windows.state import CLOCK, ENTITIES, OLDEST, ORDERS, SEEN, VALUES, WORDS

VERSION = "1"
"""Raised whenever the same history would give another vector: models remember the version they learned from."""

LINE = FILTERS["lines"]
READ, APPEND, TAKE_BACK = 0, 1, 2
"""Operations of `run`."""


@njit(cache=True)
def append(state, plan, row, t, flags, order, item, sign, target_time):  # type: ignore[no-untyped-def]
    """Put an event at the end of its entities' histories; it stays invisible to reads at or before `t`."""
    number = state.counter[SEEN]
    slot = number & (state.time.size - 1)
    state.time[slot], state.flags[slot], state.sign[slot] = t, flags, sign
    state.order[slot], state.item[slot] = order, item
    state.dead[slot] = state.taken_back[slot] = 0
    state.target[slot], state.target_time[slot] = -1, target_time
    for index in range(plan.value_column.size):
        state.value[slot, index] = row[plan.value_column[index]]
    for channel in range(plan.channel_column.size):
        state.code[slot, channel] = row[plan.channel_column[channel]]
        state.same_later[slot, channel] = state.same_earlier[slot, channel] = -1
    if sign < 0:
        state.target[slot] = _take_back(state, order, item)
    for view in range(plan.view_block.size):
        _chain(state, plan, view, _entity(state, plan, view, row, True), number)
    _chain_own(state, order, number)
    state.counter[SEEN] = number + 1
    state.counter[CLOCK] = t


@njit(cache=True)
def read(state, plan, row, t, order, out):  # type: ignore[no-untyped-def]
    """Write the vector of an order line at `t` into `out`, of shape (features,)."""
    for index in range(plan.line_kind.size):
        out[index] = line_feature(plan, index, row, t)
    own = _newest_own(state, order)
    for view in range(plan.view_block.size):
        block = _entity(state, plan, view, row, False)
        first = plan.line_kind.size
        if block == NULL:
            out[first + plan.view_output[view] : first + plan.view_output[view + 1]] = math.nan
            continue
        words = plan.view_block[view]
        if block < 0:
            _clear(state.copy, 0, plan, view)
        else:
            advance(state, plan, view, block, t)
            state.copy[:words] = state.block[block : block + words]
            if own >= 0:
                _leave_out_own(state, plan, view, block, t, order, own)
        view_features(plan, view, state.copy, row, t, out)


@njit(cache=True)
def advance(state, plan, view, block, t):  # type: ignore[no-untyped-def]
    """Let one entity see the events with ``known_at < t`` and forget those before ``t - W`` in each window."""
    memory, mask = state.block, state.time.size - 1
    number = memory[block + PENDING]
    while number >= 0 and state.time[number & mask] < t:
        if state.sign[number & mask] > 0:
            _see(state, plan, view, block, number)
        else:
            _unsee(state, plan, view, block, number)
        number = state.later[number & mask, view]
    memory[block + PENDING] = number
    for window in range(plan.view_window.shape[1]):
        width = plan.view_window[view, window]
        if width < 0:
            break
        number = memory[block + HEADER + window]
        while number >= 0 and state.time[number & mask] < t - width:
            _forget(state, plan, view, block, window, number)
            number = state.later[number & mask, view]
        memory[block + HEADER + window] = number


@njit(cache=True)
def expire(state, plan, now, most):  # type: ignore[no-untyped-def]
    """Free at most `most` events that no window can hold any more at `now`; returns how many were freed."""
    mask = state.time.size - 1
    freed = 0
    while freed < most and state.counter[OLDEST] < state.counter[SEEN]:
        number = state.counter[OLDEST]
        slot = number & mask
        if state.time[slot] >= now - plan.horizon:
            break
        for view in range(plan.view_block.size):
            if state.entity[slot, view] >= 0:
                advance(state, plan, view, state.entity[slot, view], now)
        state.key[0] = state.order[slot]
        at = tables.slot_of(state.order_key, state.order_newest, state.key[:1])
        if state.order_newest[at] == number and not state.judged[slot]:
            tables.remove(state.order_key, state.order_newest, at)
            state.counter[ORDERS] -= 1
        state.counter[OLDEST] = number + 1
        freed += 1
    return freed


@njit(cache=True)
def run(state, plan, operation, t, row, order, item, target_time, flags, rows, out, start, stop):  # type: ignore[no-untyped-def]
    """Carry out steps `start` to `stop`: reads write ``out[item]``, the rest appends. Shapes: steps, rows, reads."""
    for step in range(start, stop):
        line = rows[row[step]]
        if operation[step] == READ:
            read(state, plan, line, t[step], order[step], out[item[step]])
        else:
            sign = 1 if operation[step] == APPEND else -1
            append(state, plan, line, t[step], flags[step], order[step], item[step], sign, target_time[step])


@njit(cache=True, inline="always")
def _entity(state, plan, view, row, create):  # type: ignore[no-untyped-def]
    """The block of the row's entity in a view; NULL where its key is null, -1 where it was never seen."""
    key = state.key
    key[0] = view
    for index in range(key.size - 1):
        column = plan.view_key[view, index]
        key[index + 1] = 0
        if column >= 0:
            key[index + 1] = row[column]
            if row[column] == NULL:
                return NULL
    slot = tables.slot_of(state.entity_key, state.entity_at, key)
    if state.entity_at[slot] >= 0 or not create:
        return state.entity_at[slot]
    block = state.counter[WORDS]
    state.counter[WORDS] += plan.view_block[view]
    state.counter[ENTITIES] += tables.put(state.entity_key, state.entity_at, slot, key, block)
    _clear(state.block, block, plan, view)
    return block


@njit(cache=True, inline="always")
def _clear(memory, block, plan, view):  # type: ignore[no-untyped-def]
    memory[block : block + plan.view_block[view]] = 0
    memory[block + PENDING] = memory[block + NEWEST] = memory[block + FIRST] = -1
    memory[block + FIRST_TIME] = NULL
    for window in range(plan.view_window.shape[1]):
        if plan.view_window[view, window] >= 0:
            memory[block + HEADER + window] = -1
    for index in range(plan.view_accumulator[view], plan.view_accumulator[view + 1]):
        if plan.accumulator[index, 0] == LAST:
            memory[block + plan.accumulator[index, 4]] = NULL


@njit(cache=True, inline="always")
def _chain(state, plan, view, block, number):  # type: ignore[no-untyped-def]
    memory, mask = state.block, state.time.size - 1
    slot = number & mask
    state.later[slot, view] = state.earlier[slot, view] = -1
    state.entity[slot, view] = -1
    if block < 0:
        return
    state.entity[slot, view] = block
    newest = memory[block + NEWEST]
    if newest >= state.counter[OLDEST]:
        state.earlier[slot, view] = newest
        state.later[newest & mask, view] = number
    memory[block + NEWEST] = number
    if memory[block + PENDING] < 0:
        memory[block + PENDING] = number
    for window in range(plan.view_window.shape[1]):
        if plan.view_window[view, window] >= 0 and memory[block + HEADER + window] < 0:
            memory[block + HEADER + window] = number


@njit(cache=True, inline="always")
def _chain_own(state, order, number):  # type: ignore[no-untyped-def]
    """Chain the event to the newest of its order, and note whether a finding ever judged the order."""
    mask = state.time.size - 1
    state.key[0] = order
    at = tables.slot_of(state.order_key, state.order_newest, state.key[:1])
    before = state.order_newest[at]
    state.own[number & mask] = before
    judged = 0 if state.flags[number & mask] & LINE else 1
    if before >= state.counter[OLDEST] and before >= 0:
        judged |= state.judged[before & mask]
    elif before >= 0:
        judged = 1  # only orders with findings are remembered after their events are freed
    state.judged[number & mask] = judged
    state.counter[ORDERS] += tables.put(state.order_key, state.order_newest, at, state.key[:1], number)


@njit(cache=True, inline="always")
def _newest_own(state, order):  # type: ignore[no-untyped-def]
    state.key[0] = order
    return state.order_newest[tables.slot_of(state.order_key, state.order_newest, state.key[:1])]


@njit(cache=True)
def _take_back(state, order, item):  # type: ignore[no-untyped-def]
    """Find and mark the event that is taken back; -1 where it is no longer held."""
    number = _newest_own(state, order)
    while number >= state.counter[OLDEST] and number >= 0:
        slot = number & (state.time.size - 1)
        if state.item[slot] == item and state.sign[slot] > 0 and not state.taken_back[slot]:
            state.taken_back[slot] = 1
            return number
        number = state.own[slot]
    return -1


@njit(cache=True, inline="always")
def _see(state, plan, view, block, number):  # type: ignore[no-untyped-def]
    memory = state.block
    slot = number & (state.time.size - 1)
    line = state.flags[slot] & LINE
    if line and memory[block + FIRST_TIME] == NULL:
        memory[block + FIRST_TIME], memory[block + FIRST] = state.time[slot], number
    for channel in range(plan.channel_view.size):
        if plan.channel_view[channel] == view and line and state.code[slot, channel] != NULL:
            _link(state, block, channel, number)
    for index in range(plan.view_accumulator[view], plan.view_accumulator[view + 1]):
        kind, window, bit, source, offset = plan.accumulator[index]
        if not state.flags[slot] & bit:
            continue
        if kind == DISTINCT:
            before = state.same_earlier[slot, source]
            if state.code[slot, source] != NULL and before < memory[block + HEADER + window]:
                memory[block + offset] += 1
        elif kind == LAST:
            memory[block + offset] = state.time[slot]
        elif kind == ORDERS_ONCE:
            memory[block + offset] += _count_order(state, block, index, slot, 1)
        else:
            _add(state, memory, block + offset, kind, source, slot, 1)


@njit(cache=True, inline="always")
def _forget(state, plan, view, block, window, number):  # type: ignore[no-untyped-def]
    slot = number & (state.time.size - 1)
    if state.sign[slot] < 0 or state.dead[slot] >> view & 1:
        return
    for index in range(plan.view_accumulator[view], plan.view_accumulator[view + 1]):
        kind, span, bit, source, offset = plan.accumulator[index]
        if span != window or not state.flags[slot] & bit:
            continue
        if kind == DISTINCT:
            if state.code[slot, source] != NULL and state.same_later[slot, source] < 0:
                state.block[block + offset] -= 1
        else:
            _add(state, state.block, block + offset, kind, source, slot, -1)
    if state.flags[slot] & LINE:
        for channel in range(plan.channel_view.size):
            if plan.channel_view[channel] == view and plan.channel_widest[channel] == window:
                _unlink(state, block, channel, number)


@njit(cache=True)
def _unsee(state, plan, view, block, number):  # type: ignore[no-untyped-def]
    """Take an event back: out of every window that still holds it, and out of what has no window."""
    memory, mask = state.block, state.time.size - 1
    slot = number & mask
    target = state.target[slot]
    held = target >= state.counter[OLDEST] and target >= 0
    if held:
        state.dead[target & mask] |= 1 << view
    for index in range(plan.view_accumulator[view], plan.view_accumulator[view + 1]):
        kind, window, bit, source, offset = plan.accumulator[index]
        if not state.flags[slot] & bit:
            continue
        if kind == LAST:
            if memory[block + offset] == state.target_time[slot]:
                since = state.time[slot] - plan.horizon
                memory[block + offset] = _newest(state, view, state.earlier[slot, view], bit, since, -1)
        elif kind == ORDERS_ONCE:
            memory[block + offset] -= _count_order(state, block, index, slot, -1)
        elif window < 0:
            _add(state, memory, block + offset, kind, source, slot, -1)
        elif held and 0 <= memory[block + HEADER + window] <= target:
            if kind == DISTINCT:
                memory[block + offset] -= _only_one(state, target, source, memory[block + HEADER + window])
            else:
                _add(state, memory, block + offset, kind, source, slot, -1)
    if held and state.flags[slot] & LINE:
        for channel in range(plan.channel_view.size):
            widest = memory[block + HEADER + plan.channel_widest[channel]]
            if plan.channel_view[channel] == view and 0 <= widest <= target:
                _unlink(state, block, channel, target)


@njit(cache=True, inline="always")
def _add(state, memory, at, kind, source, slot, sign):  # type: ignore[no-untyped-def]
    if kind == COUNT:
        memory[at] += sign
        return
    value = state.value[slot, source]
    if value == NULL:
        return
    if kind == SUM:
        memory[at] += sign
        memory[at + 1] += sign * value
    elif kind == SQUARE:
        high, low = wide.multiply(value, value)
        if sign > 0:
            high, low = wide.add(np.uint64(memory[at]), np.uint64(memory[at + 1]), high, low)
        else:
            high, low = wide.subtract(np.uint64(memory[at]), np.uint64(memory[at + 1]), high, low)
        memory[at], memory[at + 1] = np.int64(high), np.int64(low)


@njit(cache=True, inline="always")
def _order_slot(state, block, index, order):  # type: ignore[no-untyped-def]
    """Orders share the table of codes; accumulators count from -1 down where channels count from 0 up."""
    state.key[0], state.key[1], state.key[2] = block, -1 - index, order
    return tables.slot_of(state.code_key, state.code_newest, state.key[:3])


@njit(cache=True, inline="always")
def _count_order(state, block, index, slot, sign):  # type: ignore[no-untyped-def]
    """Count an order's event up or down; 1 where the order came in with its first or went with its last, else 0."""
    at = _order_slot(state, block, index, state.order[slot])
    if sign > 0:
        events = max(0, state.code_newest[at]) + 1
        new = tables.put(state.code_key, state.code_newest, at, state.key[:3], events)
        state.counter[VALUES] += new
        return new
    state.code_newest[at] -= 1
    if state.code_newest[at] > 0:
        return 0
    tables.remove(state.code_key, state.code_newest, at)
    state.counter[VALUES] -= 1
    return 1


@njit(cache=True, inline="always")
def _only_one(state, number, channel, oldest):  # type: ignore[no-untyped-def]
    """1 where no other event from `oldest` on has the code of this one, else 0."""
    slot = number & (state.time.size - 1)
    if state.code[slot, channel] == NULL or state.same_later[slot, channel] >= 0:
        return 0
    return 1 if state.same_earlier[slot, channel] < oldest else 0


@njit(cache=True, inline="always")
def _code_slot(state, block, channel, slot):  # type: ignore[no-untyped-def]
    state.key[0], state.key[1], state.key[2] = block, channel, state.code[slot, channel]
    return tables.slot_of(state.code_key, state.code_newest, state.key[:3])


@njit(cache=True, inline="always")
def _link(state, block, channel, number):  # type: ignore[no-untyped-def]
    """Chain the event to the newest of the same entity with the same code."""
    mask = state.time.size - 1
    slot = number & mask
    at = _code_slot(state, block, channel, slot)
    before = state.code_newest[at]
    state.same_earlier[slot, channel] = before
    if before >= 0:
        state.same_later[before & mask, channel] = number
    state.counter[VALUES] += tables.put(state.code_key, state.code_newest, at, state.key[:3], number)


@njit(cache=True, inline="always")
def _unlink(state, block, channel, number):  # type: ignore[no-untyped-def]
    mask = state.time.size - 1
    slot = number & mask
    if state.code[slot, channel] == NULL:
        return
    before, after = state.same_earlier[slot, channel], state.same_later[slot, channel]
    if before >= 0:
        state.same_later[before & mask, channel] = after
    if after >= 0:
        state.same_earlier[after & mask, channel] = before
        return
    at = _code_slot(state, block, channel, slot)
    if before >= 0:
        state.code_newest[at] = before
    else:
        tables.remove(state.code_key, state.code_newest, at)
        state.counter[VALUES] -= 1


@njit(cache=True)
def _newest(state, view, number, bit, since, but):  # type: ignore[no-untyped-def]
    """Time of the newest standing event from `number` back to `since` that passes, not of order `but`; else NULL."""
    mask = state.time.size - 1
    while number >= state.counter[OLDEST] and number >= 0:
        slot = number & mask
        if state.time[slot] < since:
            break
        standing = state.sign[slot] > 0 and not state.dead[slot] >> view & 1
        if standing and state.flags[slot] & bit and (but < 0 or state.order[slot] != but):
            return state.time[slot]
        number = state.earlier[slot, view]
    return NULL


@njit(cache=True)
def _leave_out_own(state, plan, view, block, t, order, newest):  # type: ignore[no-untyped-def]
    """Take the visible events of the order itself out of the copy of the block.

    Findings that judge the order go out whatever their age. Its lines go out of everything within the plan's horizon;
    an earlier revision older than that stays in what has no window.
    """
    mask = state.time.size - 1
    for index in range(plan.view_accumulator[view], plan.view_accumulator[view + 1]):
        if plan.accumulator[index, 0] == ORDERS_ONCE:
            at = _order_slot(state, block, index, order)
            if state.code_newest[at] > 0:
                state.copy[plan.accumulator[index, 4]] -= 1
    number = newest
    while number >= state.counter[OLDEST] and number >= 0 and state.time[number & mask] >= t - plan.horizon:
        slot = number & mask
        standing = state.sign[slot] > 0 and not state.dead[slot] >> view & 1
        if standing and state.entity[slot, view] == block and state.time[slot] < t:
            _leave_out(state, plan, view, block, t, order, number)
        number = state.own[slot]
    first = state.copy[FIRST]
    if first >= state.counter[OLDEST] and first >= 0 and state.order[first & mask] == order:
        _next_first(state, view, first, t, t - plan.horizon, order)


@njit(cache=True)
def _leave_out(state, plan, view, block, t, order, number):  # type: ignore[no-untyped-def]
    copy, mask = state.copy, state.time.size - 1
    slot = number & mask
    pending = state.block[block + PENDING]
    visible = state.block[block + NEWEST] if pending < 0 else state.earlier[pending & mask, view]
    for index in range(plan.view_accumulator[view], plan.view_accumulator[view + 1]):
        kind, window, bit, source, offset = plan.accumulator[index]
        if not state.flags[slot] & bit:
            continue
        if kind == ORDERS_ONCE:
            continue
        if kind == LAST:
            copy[offset] = _newest(state, view, visible, bit, t - plan.horizon, order)
        elif window < 0:
            _add(state, copy, offset, kind, source, slot, -1)
        elif 0 <= copy[HEADER + window] <= number:
            if kind == DISTINCT:
                copy[offset] -= _only_own(state, number, source, copy[HEADER + window], order)
            else:
                _add(state, copy, offset, kind, source, slot, -1)


@njit(cache=True)
def _only_own(state, number, channel, oldest, order):  # type: ignore[no-untyped-def]
    """1 where this is the newest of the order's own events with its code and nobody else's is in the window."""
    mask = state.time.size - 1
    slot = number & mask
    if state.code[slot, channel] == NULL or state.same_later[slot, channel] >= 0:
        return 0
    before = state.same_earlier[slot, channel]
    while before >= 0 and state.order[before & mask] == order:
        before = state.same_earlier[before & mask, channel]
    return 1 if before < oldest else 0


@njit(cache=True)
def _next_first(state, view, number, t, since, order):  # type: ignore[no-untyped-def]
    """Make the first visible line of another order the copy's first, unless the own one is older than `since`."""
    copy, mask = state.copy, state.time.size - 1
    if state.time[number & mask] < since:
        return
    copy[FIRST_TIME], copy[FIRST] = NULL, -1
    while number >= 0 and state.time[number & mask] < t:
        slot = number & mask
        if state.sign[slot] > 0 and state.flags[slot] & LINE and state.order[slot] != order:
            copy[FIRST_TIME], copy[FIRST] = state.time[slot], number
            return
        number = state.later[slot, view]
