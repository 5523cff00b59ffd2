"""The one kernel: `append` an event, `read` a vector, `expire` what is old. Every driver calls these.

An event is appended to the ring, and waits there until the time has moved on: entities take it in when something is
asked or appended at a time after its `known_at`, strictly. It leaves a window W when that time is more than W after it,
so that a window is ``[t - W, t)``. Accumulators are exact integers; features are fixed formulas over them. What belongs
to the order that is read (its earlier revisions, and the findings that judge it) is taken out of a copy of the
accumulators first.

Time must not run backwards: events are appended in the order of `known_at`, and reads come in the order of t. Where the
kernel runs out of room it stops at a point from which it can go on, and says so; see `state.make_room`.
"""

import math

from features.windows import tables
from features.windows.accumulators import leave_out, see, slide, unsee
from features.windows.columns import FILTERS, NULL
from features.windows.compiled import compiled, inlined
from features.windows.entities import (
    NUMBER_SHIFT,
    RECORD_FLAGS,
    create,
    entity_slot,
    has_key,
    home_of,
    key_of,
    record_of,
    resize,
)
from features.windows.formulas import line_feature, quotients, view_features
from features.windows.plan import (
    CAPACITY,
    CHANNELS_FROM,
    CHANNELS_TO,
    END,
    FIRST_VALUE,
    HEAD,
    HEADER,
    LISTENS_TO,
    OUTPUTS_FROM,
    OUTPUTS_TO,
    STRIDE,
    TEMPLATE,
    VALUES_OF,
    WINDOWS_OF,
    WORDS_OF,
)
from features.windows.state import (
    ARENA,
    BACK,
    CLOCK,
    CODE_TABLE,
    DEAD,
    ENTITIES,
    ENTITY_TABLE,
    FLAGS,
    ITEM,
    JUDGED,
    NOW,
    OLDEST,
    ORDER,
    ORDER_TABLE,
    ORDERS,
    OWN,
    PENDING,
    PLAIN,
    RESUME,
    RING,
    SEEN,
    TAKEN_BACK,
    TARGET,
    TARGET_TIME,
    TIME,
    VALUES,
    VISIBLE,
    WANTED,
    WORDS,
)

VERSION = "2"
"""Raised whenever the same history would give another vector: models remember the version they learned from."""

LINE = FILTERS["lines"]
_NEAR = 8
"""Events that an edge walks past one by one; beyond them it leaps, so that a burst costs no more than a few steps."""

NOBODY = NULL
"""The number of an order, for a read, of which the state holds nothing: its own earlier events are not looked for."""

READ, APPEND, TAKE_BACK = 0, 1, 2
"""Operations of `run`."""


@inlined
def append(state, plan, row, t, flags, order, item, operation, target_time):  # type: ignore[no-untyped-def]
    """Put an event at the end of the ring; it stays invisible to reads at or before `t`. False where there is no room.

    `flush` comes first, to the same `t`.
    """
    ring, counter, key = state.ring, state.counter, state.key
    number, mask = counter[SEEN], len(ring) - 1
    wanted = RING if number - counter[OLDEST] > mask else 0
    wanted |= PENDING if number - counter[VISIBLE] >= len(state.pending) else 0
    wanted |= ORDER_TABLE if 2 * counter[ORDERS] + 2 > len(state.orders) else 0
    if wanted:
        counter[WANTED] |= wanted
        return False
    slot = number & mask
    key[0] = order
    at = tables.slot_of(state.orders, key) if not flags & PLAIN else 0
    before = tables.value_at(state.orders, at) if not flags & PLAIN else -1
    if not flags & LINE or (before >= 0 and (before < counter[OLDEST] or ring[before & mask, FLAGS] & JUDGED)):
        flags |= JUDGED  # an order with findings is remembered after its events are freed
    ring[slot, TIME], ring[slot, ORDER], ring[slot, ITEM], ring[slot, OWN] = t, order, item, before
    ring[slot, FLAGS], ring[slot, TARGET], ring[slot, TARGET_TIME] = flags, -1, target_time
    if operation == TAKE_BACK:
        ring[slot, FLAGS] = flags | BACK
        ring[slot, TARGET] = _taken_back(state, before, item)
    if not flags & PLAIN:
        counter[ORDERS] += tables.put(state.orders, at, key, number)
    waiting = number & (len(state.pending) - 1)
    for index in range(len(plan.kept)):
        state.pending[waiting, plan.kept[index]] = row[plan.kept[index]]
    state.pending[waiting, plan.order_column] = order
    counter[SEEN] = number + 1
    counter[CLOCK] = t
    return True


@compiled
def _taken_back(state, number, item):  # type: ignore[no-untyped-def]
    """Find and mark the event that is taken back; -1 where it is no longer held."""
    while number >= state.counter[OLDEST] and number >= 0:
        slot = number & (len(state.ring) - 1)
        if state.ring[slot, ITEM] == item and not state.ring[slot, FLAGS] & (BACK | TAKEN_BACK):
            state.ring[slot, FLAGS] |= TAKEN_BACK
            return number
        number = state.ring[slot, OWN]
    return -1


@inlined
def flush(state, plan, t):  # type: ignore[no-untyped-def]
    """Let entities take in all events before `t`. False where there is no room; go on with the same call then."""
    counter = state.counter
    while counter[VISIBLE] < counter[SEEN]:
        number = counter[VISIBLE]
        if state.ring[number & (len(state.ring) - 1), TIME] >= t:
            break
        if not _take_in(state, plan, number):
            return False
        counter[VISIBLE] = number + 1
    return True


@inlined
def _take_in(state, plan, number):  # type: ignore[no-untyped-def]
    ring, counter = state.ring, state.counter
    slot = number & (len(ring) - 1)
    row = state.pending[number & (len(state.pending) - 1)]
    flags = ring[slot, FLAGS]
    if flags & BACK and ring[slot, TARGET] >= 0:
        ring[ring[slot, TARGET] & (len(ring) - 1), FLAGS] |= DEAD
    for view in range(counter[RESUME], len(plan.views)):
        state.entity[slot, view] = -1
        if not flags & plan.views[view, LISTENS_TO] or not key_of(plan.views, view, row, state.key):
            continue
        at = entity_slot(state.arena, state.entity_at, state.key)
        block = state.entity_at[at]
        if not _is_room(state, plan, view, block):
            counter[RESUME] = view
            return False
        if block < 0:
            block = create(state.arena, state.free, counter, WORDS, plan.views, plan.template, state.key)
            state.entity_at[at] = block
            counter[ENTITIES] += 1
        if flags & BACK:
            unsee(state, plan, view, block, slot, row)
        else:
            state.entity[slot, view] = block
            _record(state, plan, view, block, number, row)
    counter[RESUME] = 0
    return True


@inlined
def _is_room(state, plan, view, block):  # type: ignore[no-untyped-def]
    """Whether one more event of an entity fits; notes what is wanted where it does not."""
    counter, stride = state.counter, plan.views[view, STRIDE]
    words = plan.views[view, WORDS_OF] + stride if block < 0 else 2 * state.arena[block + CAPACITY] * stride + stride
    codes = plan.views[view, CHANNELS_TO] - plan.views[view, CHANNELS_FROM] + plan.orders_once + 1
    wanted = ARENA if counter[WORDS] + words > state.arena.size else 0
    wanted |= ENTITY_TABLE if 2 * counter[ENTITIES] + 2 > state.entity_at.size else 0
    wanted |= CODE_TABLE if 2 * (counter[VALUES] + codes) > len(state.codes) else 0
    counter[WANTED] |= wanted
    return wanted == 0


@inlined
def _record(state, plan, view, block, number, row):  # type: ignore[no-untyped-def]
    """Write an event at the end of an entity's log, and let the entity see it."""
    arena, ring, view_row = state.arena, state.ring, plan.views[view]
    index, capacity = arena[block + END], arena[block + CAPACITY]
    if index - arena[block + HEAD] == capacity:
        resize(arena, state.free, state.counter, WORDS, plan.views, block, max(1, 2 * capacity))
    slot = number & (len(ring) - 1)
    flags = ring[slot, FLAGS] & RECORD_FLAGS
    record = record_of(arena, block, view_row[STRIDE], index)
    arena[record] = number << NUMBER_SHIFT | flags
    for value in range(view_row[VALUES_OF]):
        arena[record + 1 + value] = row[plan.value_column[view_row[FIRST_VALUE] + value]]
    for channel in range(view_row[CHANNELS_FROM], view_row[CHANNELS_TO]):
        code = row[plan.channel[channel, 0]] if flags & plan.channel[channel, 1] else NULL
        arena[record + plan.channel[channel, 2]] = code
    arena[block + END] = index + 1
    for window in range(view_row[WINDOWS_OF]):
        if arena[block + HEADER + 2 * window] == index:
            arena[block + HEADER + 2 * window + 1] = number
    see(state, plan, view, block, record, index, ring[slot, TIME], flags, ring[slot, ORDER])


@inlined
def read(state, plan, row, t, order, out):  # type: ignore[no-untyped-def]
    """Write the vector of an order line at `t` into `out`, of shape (features,); `flush` and `reach` come first."""
    for index in range(len(plan.line_kind)):
        out[index] = line_feature(plan, index, row, t)
    first = len(plan.line_kind)
    state.key[0] = order
    own = tables.value_at(state.orders, tables.slot_of(state.orders, state.key)) if order != NOBODY else -1
    _find_all(state, plan, row)
    for view in range(len(plan.views)):
        block = state.found[view]
        if block == NULL:
            for index in range(plan.views[view, OUTPUTS_FROM], plan.views[view, OUTPUTS_TO]):
                out[first + index] = math.nan
            continue
        if block < 0:
            view_features(plan, view, plan.template, plan.views[view, TEMPLATE], state.arena, row, t, out)
            continue
        slide(state, plan, view, block)
        if own >= 0:
            leave_out(state, plan, view, block, t, order, own)
            view_features(plan, view, state.copy, 0, state.arena, row, t, out)
        else:
            view_features(plan, view, state.arena, block, state.arena, row, t, out)
    quotients(plan, out)


@inlined
def _find_all(state, plan, row):  # type: ignore[no-untyped-def]
    """Write the blocks of a row's entities into `found`: NULL where the key is null, -1 where it was never seen.

    In two rounds: first the table's slots of all views, then the blocks, so that the processor waits for memory once
    for all of them and not for one after the other.
    """
    found = state.found
    for view in range(len(plan.views)):
        found[view] = NULL
        if key_of(plan.views, view, row, state.key):
            found[view] = state.entity_at[home_of(state.entity_at, state.key)]
    for view in range(len(plan.views)):
        block = found[view]
        if block >= 0:
            key_of(plan.views, view, row, state.key)
            if not has_key(state.arena, block, state.key):
                found[view] = state.entity_at[entity_slot(state.arena, state.entity_at, state.key)]


@inlined
def reach(state, plan, t):  # type: ignore[no-untyped-def]
    """Move the edges of all windows to `t`."""
    ring, counter, mask = state.ring, state.counter, len(state.ring) - 1
    if t <= counter[NOW]:
        return
    counter[NOW] = t
    for width in range(len(plan.width)):
        since, edge, step = t - plan.width[width], max(state.edge[width], counter[OLDEST]), 1
        nearest = min(edge + _NEAR, counter[SEEN])
        while edge < nearest and ring[edge & mask, TIME] < since:
            edge += 1
        if edge < nearest:
            state.edge[width] = edge
            continue
        while edge + step <= counter[SEEN] and ring[(edge + step - 1) & mask, TIME] < since:
            edge += step
            step *= 2
        while step:
            if edge + step <= counter[SEEN] and ring[(edge + step - 1) & mask, TIME] < since:
                edge += step
            step >>= 1
        state.edge[width] = edge


@compiled
def run(state, plan, operation, t, row, order, item, target_time, flags, rows, out, start, stop):  # type: ignore[no-untyped-def]
    """Carry out steps from `start`; returns `stop`, or the step to go on with where there is no room.

    Reads write ``out[item]``, the rest appends. Shapes: steps, rows, reads.
    """
    for step in range(start, stop):
        if not flush(state, plan, t[step]):
            return step
        line = rows[row[step]]
        if operation[step] == READ:
            reach(state, plan, t[step])
            read(state, plan, line, t[step], order[step], out[item[step]])
        elif not append(
            state, plan, line, t[step], flags[step], order[step], item[step], operation[step], target_time[step]
        ):
            return step
    return stop
