"""What is old goes: events that no window can hold any more are freed, and old bursts leave between orders."""

from features.windows import tables
from features.windows.accumulators import slide
from features.windows.compiled import compiled
from features.windows.entities import discard, is_as_new, resize
from features.windows.kernel import reach
from features.windows.plan import CAPACITY, END, HEAD, STRIDE, WINDOWS_OF
from features.windows.state import (
    ENTITIES,
    FLAGS,
    JUDGED,
    OLDEST,
    ORDER,
    ORDERS,
    PLAIN,
    TIME,
    VISIBLE,
    WORDS,
)


@compiled
def expire(state, plan, now, most):  # type: ignore[no-untyped-def]
    """Free at most `most` events that no window can hold any more at `now`; returns how many were freed."""
    ring, counter, mask = state.ring, state.counter, len(state.ring) - 1
    reach(state, plan, now)
    freed = 0
    while freed < most and counter[OLDEST] < counter[VISIBLE]:
        number = counter[OLDEST]
        slot = number & mask
        if ring[slot, TIME] >= now - plan.horizon:
            break
        for view in range(len(plan.views)):
            if state.entity[slot, view] >= 0:
                _free(state, plan, view, state.entity[slot, view])
        if not ring[slot, FLAGS] & (JUDGED | PLAIN):
            state.key[0] = ring[slot, ORDER]
            at = tables.slot_of(state.orders, state.key)
            if tables.value_at(state.orders, at) == number:
                tables.remove(state.orders, at)
                counter[ORDERS] -= 1
        counter[OLDEST] = number + 1
        freed += 1
    return freed


@compiled
def _free(state, plan, view, block):  # type: ignore[no-untyped-def]
    """Drop the oldest record of a log, and what is not needed any more with it."""
    arena, free, counter = state.arena, state.free, state.counter
    slide(state, plan, view, block)
    arena[block + HEAD] += 1
    left, capacity = arena[block + END] - arena[block + HEAD], arena[block + CAPACITY]
    if left == 0:
        resize(arena, free, counter, WORDS, plan.views, block, 0)
        if is_as_new(arena, plan.views, plan.template, block):
            discard(arena, state.entity_at, free, block)
            counter[ENTITIES] -= 1
    elif 4 * left < capacity and arena.size - counter[WORDS] >= capacity // 2 * plan.views[view, STRIDE]:
        resize(arena, free, counter, WORDS, plan.views, block, capacity // 2)


@compiled
def sweep(state, plan, now, most):  # type: ignore[no-untyped-def]
    """Background expiry: let at most `most` events that left a window leave their entities; returns how many did.

    Reads do the same for the entities that they ask. Done between them, no read pays for an old burst. `flush` comes
    first, to the same `now`.
    """
    counter, mask = state.counter, len(state.ring) - 1
    reach(state, plan, now)
    done = 0
    for width in range(len(plan.width)):
        state.swept[width] = max(state.swept[width], counter[OLDEST])
        while done < most and state.swept[width] < min(state.edge[width], counter[VISIBLE]):
            slot = state.swept[width] & mask
            for view in range(len(plan.views)):
                block = state.entity[slot, view]
                if block >= 0 and _has(plan, view, width):
                    slide(state, plan, view, block)
            state.swept[width] += 1
            done += 1
    return done


@compiled
def _has(plan, view, width):  # type: ignore[no-untyped-def]
    for window in range(plan.views[view, WINDOWS_OF]):
        if plan.window[view, window] == width:
            return True
    return False
