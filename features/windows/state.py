"""The memory of the engine, all of it int64 arrays: a ring of events, and an arena of entities' blocks and logs.

An event stands once in the ring, and once as a record in the log of each of its entities. A log is a ring of its own: a
power of two of records side by side in the arena, so that an entity's history is read in one go. A record is a word of
event number and flags, then the values that the view keeps, then code, earlier and later record for each channel.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.windows.columns import FILTERS, columns
from features.windows.compiled import compiled
from features.windows.entities import rehash_entities
from features.windows.plan import WORDS_OF, Plan
from features.windows.tables import rehash

Ints = NDArray[np.int64]
LINE = FILTERS["lines"]

TIME, ORDER, ITEM, FLAGS, OWN, TARGET, TARGET_TIME = range(7)
"""Words of an event in the ring: known_at, the order that it belongs to or judges and the line or finding within that
order, the filters that it passes and the marks below, the previous event of the same order, and for one that takes
another back that event (-1 where it is no longer held) and its time."""

DEAD, TAKEN_BACK, JUDGED, BACK, PLAIN = 1 << 40, 1 << 41, 1 << 42, 1 << 43, 1 << 44
"""Marks: taken back, to be taken back, of an order that a finding judged, and one that takes another back. The last is
given with the event: of an order that nothing else will ever speak of, so that nobody looks for the rest of it."""

SEEN, VISIBLE, OLDEST, CLOCK, WORDS, ENTITIES, VALUES, ORDERS, RESUME, WANTED, TOUCHED, NOW = range(12)
"""Counters: events ever appended, those that entities know of, the oldest event held, the time of the newest; words of
the arena in use; entries of the three tables; where the kernel stopped for want of room and of what; records that
windows let go of so far; the time that the edges of windows stand at."""

RING, PENDING, ARENA, ENTITY_TABLE, CODE_TABLE, ORDER_TABLE = (1 << bit for bit in range(6))
"""What is wanted, bit by bit."""

SIZES = 64
"""Free lists of a view: of logs by the power of two, and last of blocks."""

FARTHEST = 2**31 - 1
"""Blocks begin before this word, 16 GiB into the arena."""


class TooLarge(MemoryError):
    """More entities than one state can hold; split the events by entity (see `features.windows.partition`)."""


class State(NamedTuple):
    """Event number `n` stands in slot ``n & (capacity - 1)`` of the ring."""

    ring: Ints  # (capacity, 8)
    entity: NDArray[np.int32]  # (capacity, views) block of the event's entity, -1 where there is none
    pending: Ints  # (slots, columns) rows of events that no entity knows of yet
    arena: Ints
    entity_at: Ints  # hash table: the block of an entity
    codes: Ints  # (slots, 4) hash table: entity, channel and code -> newest record; for orders, how many events
    orders: Ints  # (slots, 2) hash table: order -> newest event
    free: Ints  # (views, SIZES) first free log of each size, and last the first free block
    edge: Ints  # (widths,) first event within each window
    swept: Ints  # (widths,) first event that background expiry has not looked at
    counter: Ints
    key: Ints  # scratch
    copy: Ints  # scratch: one block
    found: Ints  # (views,) scratch: blocks of the entities of a row


def empty_state(plan: Plan, attributes: int = 0) -> State:
    """A state that has seen nothing; `attributes` is how many columns of one's own there are."""
    views = len(plan.views)
    return State(
        ring=np.zeros((1024, 8), np.int64),
        entity=np.zeros((1024, views), np.int32),
        pending=np.zeros((64, len(columns()) + attributes), np.int64),
        arena=np.zeros(1 << 14, np.int64),
        entity_at=np.full(1024, -1, np.int64),
        codes=np.full((1024, 4), -1, np.int64),
        orders=np.full((1024, 2), -1, np.int64),
        free=np.full((views, SIZES), -1, np.int64),
        edge=np.zeros(plan.width.size, np.int64),
        swept=np.zeros(plan.width.size, np.int64),
        counter=np.zeros(12, np.int64),
        key=np.zeros(4, np.int64),
        copy=np.zeros(int(plan.views[:, WORDS_OF].max(initial=1)), np.int64),
        found=np.zeros(views, np.int64),
    )


def make_room(state: State) -> State:
    """The same state with more room for what the kernel found wanting. Raises `TooLarge`."""
    wanted = int(state.counter[WANTED])
    new: dict[str, Any] = {}
    state.counter[WANTED] = 0
    if wanted & RING:
        new |= _larger_ring(state)
    if wanted & PENDING:
        new["pending"] = np.zeros((2 * len(state.pending), state.pending.shape[1]), np.int64)
        _move(state.pending, new["pending"], int(state.counter[VISIBLE]), int(state.counter[SEEN]))
    if wanted & ARENA:
        state.arena.resize(_larger(state), refcheck=False)  # in place: a copy would need twice the memory for a while
    if wanted & ENTITY_TABLE:
        new["entity_at"] = np.full(2 * state.entity_at.size, -1, np.int64)
        rehash_entities(state.arena, state.entity_at, new["entity_at"])
    if wanted & CODE_TABLE:
        new["codes"] = _larger_table(state.codes)
    if wanted & ORDER_TABLE:
        new["orders"] = _larger_table(state.orders)
    return state._replace(**new) if new else state


def bytes_held(state: State) -> int:
    """Bytes of all arrays."""
    return sum(array.nbytes for array in state)


def packed(state: State) -> dict[str, NDArray[Any]]:
    """The state as arrays to keep, by name: the arena without what nobody has used yet, and its size."""
    used = state._replace(arena=state.arena[: state.counter[WORDS]])
    return {**used._asdict(), "arena_size": np.array([state.arena.size])}


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> State:
    """The state that `packed` gave. Raises KeyError where an array is missing."""
    held: dict[str, Any] = {name: arrays[name] for name in State._fields}
    arena = np.zeros(int(arrays["arena_size"][0]), np.int64)
    arena[: held["arena"].size] = held["arena"]
    return State(**held | {"arena": arena})


def _larger(state: State) -> int:
    """Words of the next arena: twice as many, or half as many more where it is large."""
    size: int = state.arena.size
    if state.counter[WORDS] > FARTHEST:
        raise TooLarge(f"{state.counter[WORDS]:,} words of state are more than one engine holds; split it by entity")
    return size * 2 if size < 1 << 24 else size + size // 4


def _larger_ring(state: State) -> dict[str, Any]:
    slots = 2 * len(state.ring)
    ring, entity = np.zeros((slots, 8), np.int64), np.zeros((slots, state.entity.shape[1]), np.int32)
    oldest, seen = int(state.counter[OLDEST]), int(state.counter[SEEN])
    _move(state.ring, ring, oldest, seen)
    _move(state.entity, entity, oldest, seen)
    return {"ring": ring, "entity": entity}


@compiled
def _move(old, new, first, last):  # type: ignore[no-untyped-def]
    """Copy rows of a ring into a larger one."""
    for number in range(first, last):
        for word in range(new.shape[1]):
            new[number & (len(new) - 1), word] = old[number & (len(old) - 1), word]


def _larger_table(table: Ints) -> Ints:
    larger = np.full((2 * len(table), table.shape[1]), -1, np.int64)
    rehash(table, larger)
    return larger
