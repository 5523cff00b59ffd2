"""What an entity remembers: exact integers that follow as events are seen, forgotten and taken back.

`see` takes in a record at the end of the log; `slide` lets the records before each window's edge go; `unsee` takes an
event back, out of every window that still holds it and out of what has no window; `leave_out` does the same to a copy
of the block, for the one order that asks.
"""

import numpy as np

from features.windows import tables, wide
from features.windows.columns import FILTERS, NULL
from features.windows.compiled import compiled, inlined
from features.windows.entities import NUMBER_SHIFT, RECORD_DEAD, RECORD_FLAGS, copy_words, index_of, record_of
from features.windows.plan import (
    ACCUMULATORS_FROM,
    ACCUMULATORS_TO,
    CHANNELS_FROM,
    CHANNELS_TO,
    COUNT,
    DISTINCT,
    END,
    FIRST,
    FIRST_TIME,
    FIRST_VALUE,
    HEAD,
    HEADER,
    KEEPS_FIRST,
    LAST,
    LEAST,
    NOBODY,
    ORDERS_ONCE,
    SQUARE,
    STRIDE,
    SUM,
    WINDOWS_OF,
    WORDS_OF,
)
from features.windows.state import (
    BACK,
    DEAD,
    FLAGS,
    OLDEST,
    ORDER,
    OWN,
    TARGET,
    TARGET_TIME,
    TIME,
    TOUCHED,
    VALUES,
    VISIBLE,
)

LINE = FILTERS["lines"]


@inlined
def see(state, plan, view, block, record, index, time, flags, order):  # type: ignore[no-untyped-def]
    """Let an entity take in the record at the end of its log."""
    arena, rows = state.arena, plan.accumulator
    if plan.views[view, KEEPS_FIRST] and flags & LINE and arena[block + FIRST_TIME] == NULL:
        arena[block + FIRST_TIME], arena[block + FIRST] = time, index
    for channel in range(plan.views[view, CHANNELS_FROM], plan.views[view, CHANNELS_TO]):
        _link(state, plan, block, channel, record, index)
    for row in range(plan.views[view, ACCUMULATORS_FROM], plan.views[view, ACCUMULATORS_TO]):
        if not flags & rows[row, 2]:
            continue
        kind, at, source = rows[row, 0], block + rows[row, 4], rows[row, 3]
        if kind == COUNT:
            arena[at] += 1
        elif kind <= SQUARE:
            _add(arena, at, kind, arena[record + source], 1)
        elif kind >= LEAST:
            value, holder = arena[record + source], arena[at]
            if value != NULL and (
                holder < 0 or not _beats(kind, arena[_held(plan, arena, view, block, holder) + source], value)
            ):
                arena[at] = index
        elif kind == DISTINCT:
            place = record + plan.channel[plan.views[view, CHANNELS_FROM] + source, 2]
            if arena[place] != NULL and arena[place + 1] < arena[block + HEADER + 2 * rows[row, 1]]:
                arena[at] += 1
        elif kind == LAST:
            arena[at] = time
        else:
            arena[at] += _count_order(state, block, row, order, 1)


@inlined
def _held(plan, arena, view, block, index):  # type: ignore[no-untyped-def]
    return record_of(arena, block, plan.views[view, STRIDE], index)


@inlined
def _beats(kind, held, value):  # type: ignore[no-untyped-def]
    """Whether what is held stays the extreme beside a newer value; of equals the newer one stays longer."""
    return held < value if kind == LEAST else held > value


@inlined
def slide(state, plan, view, block):  # type: ignore[no-untyped-def]
    """Let the records of an entity go that stand before the edge of each window."""
    arena, stride, end = state.arena, plan.views[view, STRIDE], state.arena[block + END]
    for window in range(plan.views[view, WINDOWS_OF]):
        place, edge = block + HEADER + 2 * window, state.edge[plan.window[view, window]]
        if arena[place + 1] >= edge:
            continue
        head, oldest = arena[place], NOBODY
        while head < end:
            record = record_of(arena, block, stride, head)
            if arena[record] >> NUMBER_SHIFT >= edge:
                oldest = arena[record] >> NUMBER_SHIFT
                break
            if not arena[record] & RECORD_DEAD:
                _forget(state, plan, view, block, window, record)
            head += 1
        state.counter[TOUCHED] += head - arena[place]
        arena[place], arena[place + 1] = head, oldest
        for row in range(plan.accumulators_of[view, window + 1], plan.accumulators_of[view, window + 2]):
            kind, at = plan.accumulator[row, 0], block + plan.accumulator[row, 4]
            if kind >= LEAST and arena[at] < head and arena[at] >= 0:
                arena[at] = _extreme(state, plan, view, block, row, head, -1)


@inlined
def _forget(state, plan, view, block, window, record):  # type: ignore[no-untyped-def]
    arena, rows = state.arena, plan.accumulator
    flags = arena[record] & RECORD_FLAGS
    for row in range(plan.accumulators_of[view, window + 1], plan.accumulators_of[view, window + 2]):
        if not flags & rows[row, 2]:
            continue
        kind, at = rows[row, 0], block + rows[row, 4]
        if kind == COUNT:
            arena[at] -= 1
        elif kind <= SQUARE:
            _add(arena, at, kind, arena[record + rows[row, 3]], -1)
        elif kind == DISTINCT:
            place = record + plan.channel[plan.views[view, CHANNELS_FROM] + rows[row, 3], 2]
            if arena[place] != NULL and arena[place + 2] < 0:
                arena[at] -= 1
    for channel in range(plan.views[view, CHANNELS_FROM], plan.views[view, CHANNELS_TO]):
        if plan.channel[channel, 3] == window:
            _unlink(state, plan, view, block, channel, record)


@compiled
def unsee(state, plan, view, block, slot, row_values):  # type: ignore[no-untyped-def]
    """Take an event back; `slot` is that of the event that says so, `row_values` what the line was."""
    arena, ring, rows = state.arena, state.ring, plan.accumulator
    flags, order, target = ring[slot, FLAGS], ring[slot, ORDER], ring[slot, TARGET]
    stride = plan.views[view, STRIDE]
    index = index_of(arena, block, stride, target) if target >= 0 else -1
    record = record_of(arena, block, stride, index) if index >= 0 else -1
    if index >= 0:
        arena[record] |= RECORD_DEAD
    for row in range(plan.views[view, ACCUMULATORS_FROM], plan.views[view, ACCUMULATORS_TO]):
        if not flags & rows[row, 2]:
            continue
        kind, window, source, at = rows[row, 0], rows[row, 1], rows[row, 3], block + rows[row, 4]
        held = index >= 0 and (window < 0 or arena[block + HEADER + 2 * window] <= index)
        if kind == ORDERS_ONCE:
            arena[at] -= _count_order(state, block, row, order, -1)
        elif kind == LAST:
            if arena[at] == ring[slot, TARGET_TIME]:
                since = ring[slot, TIME] - plan.horizon
                arena[at] = newest(state, plan, view, block, rows[row, 2], since, -1)
        elif kind <= SQUARE:
            if held or window < 0:
                value = row_values[plan.value_column[plan.views[view, FIRST_VALUE] + source - 1]] if kind else 0
                _add(arena, at, kind, value, -1)
        elif kind == DISTINCT:
            if held:
                place = record + plan.channel[plan.views[view, CHANNELS_FROM] + source, 2]
                arena[at] -= _only_one(arena, place, arena[block + HEADER + 2 * window])
        elif held and arena[at] == index:
            arena[at] = _extreme(state, plan, view, block, row, arena[block + HEADER + 2 * window], -1)
    if index >= 0:
        for channel in range(plan.views[view, CHANNELS_FROM], plan.views[view, CHANNELS_TO]):
            if arena[block + HEADER + 2 * plan.channel[channel, 3]] <= index:
                _unlink(state, plan, view, block, channel, record)


@inlined
def _add(memory, at, kind, value, sign):  # type: ignore[no-untyped-def]
    if kind == COUNT:
        memory[at] += sign
    elif value != NULL:
        if kind == SUM:
            memory[at] += sign
            memory[at + 1] += sign * value
        else:
            high, low = wide.multiply(value, value)
            if sign > 0:
                high, low = wide.add(np.uint64(memory[at]), np.uint64(memory[at + 1]), high, low)
            else:
                high, low = wide.subtract(np.uint64(memory[at]), np.uint64(memory[at + 1]), high, low)
            memory[at], memory[at + 1] = np.int64(high), np.int64(low)


@inlined
def _count_order(state, block, row, order, sign):  # type: ignore[no-untyped-def]
    """Count an order's event up or down; 1 where the order came in with its first or went with its last, else 0."""
    at = _order_slot(state, block, row, order)
    events = max(0, tables.value_at(state.codes, at)) + sign
    if sign > 0 or events > 0:
        new = tables.put(state.codes, at, state.key, events)
        state.counter[VALUES] += new
        return new
    tables.remove(state.codes, at)
    state.counter[VALUES] -= 1
    return 1


@inlined
def _order_slot(state, block, row, order):  # type: ignore[no-untyped-def]
    """Orders share the table of codes; accumulators count from -1 down where channels count from 0 up."""
    state.key[0], state.key[1], state.key[2] = block, -1 - row, order
    return tables.slot_of(state.codes, state.key)


@inlined
def _link(state, plan, block, channel, record, index):  # type: ignore[no-untyped-def]
    """Chain the record to the newest of the same entity with the same code."""
    arena, place = state.arena, record + plan.channel[channel, 2]
    arena[place + 1] = arena[place + 2] = -1
    if arena[place] == NULL:
        return
    state.key[0], state.key[1], state.key[2] = block, channel, arena[place]
    at = tables.slot_of(state.codes, state.key)
    before = tables.value_at(state.codes, at)
    arena[place + 1] = before
    if before >= 0:
        stride = plan.views[arena[block], STRIDE]
        arena[record_of(arena, block, stride, before) + plan.channel[channel, 2] + 2] = index
    state.counter[VALUES] += tables.put(state.codes, at, state.key, index)


@inlined
def _unlink(state, plan, view, block, channel, record):  # type: ignore[no-untyped-def]
    """Take a record out of the chain of its code."""
    arena, offset, stride = state.arena, plan.channel[channel, 2], plan.views[view, STRIDE]
    place = record + offset
    if arena[place] == NULL:
        return
    before, after = arena[place + 1], arena[place + 2]
    if before >= 0:
        arena[record_of(arena, block, stride, before) + offset + 2] = after
    if after >= 0:
        arena[record_of(arena, block, stride, after) + offset + 1] = before
        return
    state.key[0], state.key[1], state.key[2] = block, channel, arena[place]
    at = tables.slot_of(state.codes, state.key)
    if before >= 0:
        tables.put(state.codes, at, state.key, before)
    else:
        tables.remove(state.codes, at)
        state.counter[VALUES] -= 1


@inlined
def _only_one(arena, place, oldest):  # type: ignore[no-untyped-def]
    """1 where no other record from `oldest` on has the code that stands at this place, else 0."""
    if arena[place] == NULL or arena[place + 2] >= 0:
        return 0
    return 1 if arena[place + 1] < oldest else 0


@compiled
def newest(state, plan, view, block, filter_, since, but):  # type: ignore[no-untyped-def]
    """Time of the newest standing record that passes, back to `since` and not of the order `but`; else NULL."""
    arena, ring, stride = state.arena, state.ring, plan.views[view, STRIDE]
    for index in range(arena[block + END] - 1, arena[block + HEAD] - 1, -1):
        word = arena[record_of(arena, block, stride, index)]
        event = (word >> NUMBER_SHIFT) & (len(ring) - 1)
        if ring[event, TIME] < since:
            break
        if word & filter_ and not word & RECORD_DEAD and (but < 0 or ring[event, ORDER] != but):
            return ring[event, TIME]
    return NULL


@compiled
def _extreme(state, plan, view, block, row, first, but):  # type: ignore[no-untyped-def]
    """The standing record from `first` on with the least or the most, not of the order `but`; else -1."""
    arena, stride = state.arena, plan.views[view, STRIDE]
    kind, filter_, source = plan.accumulator[row, 0], plan.accumulator[row, 2], plan.accumulator[row, 3]
    best = -1
    most = 0
    for index in range(first, arena[block + END]):
        record = record_of(arena, block, stride, index)
        word, value = arena[record], arena[record + source]
        if word & RECORD_DEAD or not word & filter_ or value == NULL or (best >= 0 and _beats(kind, most, value)):
            continue
        if but >= 0 and state.ring[(word >> NUMBER_SHIFT) & (len(state.ring) - 1), ORDER] == but:
            continue
        best, most = index, value
    state.counter[TOUCHED] += arena[block + END] - first
    return best


@compiled
def leave_out(state, plan, view, block, t, order, own):  # type: ignore[no-untyped-def]
    """Write the block into the copy, without the visible events of the order itself; `own` is its newest event.

    Findings that judge the order go out whatever their age. Its lines go out of everything within the plan's horizon;
    an earlier revision older than that stays in what has no window.
    """
    copy, ring, mask = state.copy, state.ring, len(state.ring) - 1
    words = plan.views[view, WORDS_OF]
    copy_words(copy, 0, state.arena, block, words)
    for row in range(plan.views[view, ACCUMULATORS_FROM], plan.views[view, ACCUMULATORS_TO]):
        if plan.accumulator[row, 0] != ORDERS_ONCE:
            continue
        if tables.value_at(state.codes, _order_slot(state, block, row, order)) > 0:
            copy[plan.accumulator[row, 4]] -= 1
    number = own
    while number >= state.counter[OLDEST] and number >= 0 and ring[number & mask, TIME] >= t - plan.horizon:
        if number < state.counter[VISIBLE] and not ring[number & mask, FLAGS] & (BACK | DEAD):
            index = index_of(state.arena, block, plan.views[view, STRIDE], number)
            if index >= 0:
                _leave_out_record(state, plan, view, block, t, order, index)
        number = ring[number & mask, OWN]
    if plan.views[view, KEEPS_FIRST]:
        _next_first(state, plan, view, block, t - plan.horizon, order)


@compiled
def _leave_out_record(state, plan, view, block, t, order, index):  # type: ignore[no-untyped-def]
    arena, copy, rows, stride = state.arena, state.copy, plan.accumulator, plan.views[view, STRIDE]
    record = record_of(arena, block, stride, index)
    flags = arena[record] & RECORD_FLAGS
    for row in range(plan.views[view, ACCUMULATORS_FROM], plan.views[view, ACCUMULATORS_TO]):
        if not flags & rows[row, 2]:
            continue
        kind, window, source, at = rows[row, 0], rows[row, 1], rows[row, 3], rows[row, 4]
        if kind == LAST:
            copy[at] = newest(state, plan, view, block, rows[row, 2], t - plan.horizon, order)
        elif kind == ORDERS_ONCE or (window >= 0 and copy[HEADER + 2 * window] > index):
            continue
        elif kind <= SQUARE:
            _add(copy, at, kind, arena[record + source] if kind else 0, -1)
        elif kind == DISTINCT:
            place = plan.channel[plan.views[view, CHANNELS_FROM] + source, 2]
            copy[at] -= _only_own(state, plan, view, block, index, place, copy[HEADER + 2 * window], order)
        elif copy[at] == index:
            copy[at] = _extreme(state, plan, view, block, row, copy[HEADER + 2 * window], order)


@compiled
def _only_own(state, plan, view, block, index, place, oldest, order):  # type: ignore[no-untyped-def]
    """1 where this is the newest of the order's own records with its code and nobody else's is in the window."""
    arena, stride = state.arena, plan.views[view, STRIDE]
    record = record_of(arena, block, stride, index)
    if arena[record + place] == NULL or arena[record + place + 2] >= 0:
        return 0
    before = arena[record + place + 1]
    while before >= 0:
        record = record_of(arena, block, stride, before)
        if state.ring[(arena[record] >> NUMBER_SHIFT) & (len(state.ring) - 1), ORDER] != order:
            break
        before = arena[record + place + 1]
    return 1 if before < oldest else 0


@compiled
def _next_first(state, plan, view, block, since, order):  # type: ignore[no-untyped-def]
    """Make the first line of another order the copy's first, unless the own one is older than `since`."""
    arena, ring, copy, stride = state.arena, state.ring, state.copy, plan.views[view, STRIDE]
    first = copy[FIRST]
    if first < arena[block + HEAD] or copy[FIRST_TIME] < since:
        return
    for index in range(first, arena[block + END]):
        word = arena[record_of(arena, block, stride, index)]
        event = (word >> NUMBER_SHIFT) & (len(ring) - 1)
        if word & LINE and ring[event, ORDER] != order:
            copy[FIRST_TIME], copy[FIRST] = ring[event, TIME], index
            return
    copy[FIRST_TIME], copy[FIRST] = NULL, -1
