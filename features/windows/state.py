"""The memory of the engine: a ring of events, a block a entity, and three hash tables. All int64 arrays."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.windows.columns import FILTERS
from features.windows.plan import KEY_WIDTH, ORDERS_ONCE, PENDING, Plan
from features.windows.tables import rehash

Ints = NDArray[np.int64]
LINE = FILTERS["lines"]

SEEN, OLDEST, WORDS, ENTITIES, VALUES, ORDERS, CLOCK, COUNTED, AWAITED = range(9)
"""Counters: events ever appended, oldest event still held, words of blocks used, and entries of the three tables;
the time of the newest event; how many values the table of codes may come to hold, and `SEEN` when that was counted."""


class State(NamedTuple):
    """Events stand in a ring: event number `n` is in slot ``n & (capacity - 1)``. Links hold event numbers or -1.

    `block` holds, for each entity, the words that `plan` lays out; an entity is the offset of its block.
    """

    time: Ints  # (capacity,) known_at
    flags: Ints  # (capacity,) filters that the event passes
    order: Ints  # (capacity,) the order that the event belongs to or judges
    item: Ints  # (capacity,) the line or finding within the order
    sign: Ints  # (capacity,) 1, or -1 for an event that takes another back
    target: Ints  # (capacity,) of a -1: the event that it takes back, -1 where that is no longer held
    target_time: Ints  # (capacity,)
    taken_back: Ints  # (capacity,) 1 where a later event takes this one back
    judged: Ints  # (capacity,) 1 where a finding judged the order, up to this event
    dead: Ints  # (capacity,) a bit a view: the taking back is visible there
    own: Ints  # (capacity,) previous event of the same order
    entity: Ints  # (capacity, views) -1 where the key is null
    later: Ints  # (capacity, views) next event of the same entity
    earlier: Ints  # (capacity, views)
    value: Ints  # (capacity, values)
    code: Ints  # (capacity, channels)
    same_later: Ints  # (capacity, channels) next event of the same entity with the same code
    same_earlier: Ints  # (capacity, channels)
    block: Ints
    entity_key: Ints
    entity_at: Ints
    code_key: Ints
    code_newest: Ints
    order_key: Ints
    order_newest: Ints
    counter: Ints
    key: Ints  # scratch
    copy: Ints  # scratch: one block


def empty_state(plan: Plan, capacity: int = 1024) -> State:
    """A state that has seen nothing."""
    views, channels, values = plan.view_block.size, plan.channel_view.size, plan.value_column.size
    slots = _power(capacity)
    ring = {name: np.zeros(slots, np.int64) for name in State._fields[:11]}
    per_view = {name: np.zeros((slots, views), np.int64) for name in ("entity", "later", "earlier")}
    per_channel = {name: np.zeros((slots, channels), np.int64) for name in ("code", "same_later", "same_earlier")}
    return State(
        **ring,
        **per_view,
        **per_channel,
        value=np.zeros((slots, values), np.int64),
        block=np.zeros(1024, np.int64),
        entity_key=np.zeros((1024, KEY_WIDTH), np.int64),
        entity_at=np.full(1024, -1, np.int64),
        code_key=np.zeros((1024, 3), np.int64),
        code_newest=np.full(1024, -1, np.int64),
        order_key=np.zeros((1024, 1), np.int64),
        order_newest=np.full(1024, -1, np.int64),
        counter=np.zeros(9, np.int64),
        key=np.zeros(KEY_WIDTH, np.int64),
        copy=np.zeros(int(plan.view_block.max(initial=1)), np.int64),
    )


def make_room(state: State, plan: Plan, events: int) -> State:
    """The same state with room for `events` more events, whatever entities they bring."""
    counter = state.counter
    new: dict[str, Ints] = {}
    held = int(counter[SEEN] - counter[OLDEST])
    if held + events > state.time.size:
        new |= _larger_ring(state, _power(held + events))
    words = int(counter[WORDS]) + events * int(plan.view_block.sum())
    if words > state.block.size:
        block = np.zeros(max(words, 2 * state.block.size), np.int64)
        block[: counter[WORDS]] = state.block[: counter[WORDS]]
        new["block"] = block
    new |= _larger_table(state, "entity_key", "entity_at", int(counter[ENTITIES]) + events * plan.view_block.size)
    new |= _room_for_values(state, plan, events)
    new |= _larger_table(state, "order_key", "order_newest", int(counter[ORDERS]) + events)
    return state._replace(**new) if new else state


def bytes_held(state: State) -> int:
    """Bytes of all arrays."""
    return sum(array.nbytes for array in state)


def _larger_ring(state: State, slots: int) -> dict[str, Ints]:
    numbers = np.arange(state.counter[OLDEST], state.counter[SEEN])
    before, after = numbers & (state.time.size - 1), numbers & (slots - 1)
    grown = {}
    for name in State._fields[:18]:
        array = getattr(state, name)
        grown[name] = np.zeros((slots, *array.shape[1:]), np.int64)
        grown[name][after] = array[before]
    return grown


def _room_for_values(state: State, plan: Plan, events: int) -> dict[str, Ints]:
    """Room for the values of events to come, and of those that no read has made visible yet.

    These are counted anew only when the last count and all that came since might not fit, and then with room to spare.
    """
    counter, size = state.counter, state.code_newest.size
    each = max(plan.channel_view.size, plan.orders_once)  # a line has channels, a finding counts an order
    if 2 * (counter[AWAITED] + (counter[SEEN] + events - counter[COUNTED]) * each) <= size:
        return {}
    counter[COUNTED], counter[AWAITED] = counter[SEEN], counter[VALUES] + _awaited(state, plan)
    held = int(counter[SEEN] - counter[OLDEST])
    entries = max(2 * (int(counter[AWAITED]) + events * each), held * each // 8)
    return _larger_table(state, "code_key", "code_newest", entries)


@njit(cache=True)
def _awaited(state, plan):  # type: ignore[no-untyped-def]
    """How many values the events that are not visible yet can bring at most."""
    mask = state.time.size - 1
    awaited = 0
    for view in range(plan.view_block.size):
        of_line = np.sum(plan.channel_view == view)
        of_finding = np.sum(
            plan.accumulator[plan.view_accumulator[view] : plan.view_accumulator[view + 1], 0] == ORDERS_ONCE
        )
        for number in range(state.counter[OLDEST], state.counter[SEEN]):
            block = state.entity[number & mask, view]
            if block >= 0 and 0 <= state.block[block + PENDING] <= number:
                awaited += of_line if state.flags[number & mask] & LINE else of_finding
    return awaited


def _larger_table(state: State, keys: str, values: str, entries: int) -> dict[str, Ints]:
    old_keys, old_values = getattr(state, keys), getattr(state, values)
    if 2 * entries <= old_values.size:
        return {}
    slots = _power(4 * entries)
    new_keys, new_values = np.zeros((slots, old_keys.shape[1]), np.int64), np.full(slots, -1, np.int64)
    rehash(old_keys, old_values, new_keys, new_values)
    return {keys: new_keys, values: new_values}


def _power(number: int) -> int:
    return 1 << max(10, (number - 1).bit_length())
