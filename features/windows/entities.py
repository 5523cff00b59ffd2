"""Entities in the arena: a block of words each, found by view and key, and a log of records beside it.

A log is a ring of a power of two of records. It moves to another place where it outgrows its own, and leaves that one
to whichever log of the same view wants it next.
"""

import numpy as np

from features.windows.columns import NULL
from features.windows.compiled import compiled, inlined
from features.windows.plan import (
    CAPACITY,
    END,
    FIRST_TIME,
    HEAD,
    HEADER,
    KEY,
    LOG,
    STRIDE,
    TEMPLATE,
    VIEW_OF,
    WINDOWS_OF,
    WORDS_OF,
)
from features.windows.tables import mix

NUMBER_SHIFT = 32
RECORD_DEAD = 1 << 31
RECORD_FLAGS = RECORD_DEAD - 1
"""The first word of a record: event number, the mark of one that was taken back, and the filters that it passes.

The number has the 31 bits above them: a state sees fewer than two thousand million events."""

_BLOCKS = 63  # the column of free blocks


@inlined
def key_of(view, number, row, key):  # type: ignore[no-untyped-def]
    """Write the key of a row's entity in a view into `key`; False where a column of it is null."""
    key[0] = number
    for index in range(3):
        column = view[number, index]
        key[index + 1] = row[column] if column >= 0 else 0
        if column >= 0 and row[column] == NULL:
            return False
    return True


@inlined
def _home(key0, key1, key2, key3, mask):  # type: ignore[no-untyped-def]
    hash_ = mix(mix(np.uint64(key0), key1), key2 ^ (key3 << 32))
    return np.int64(hash_ & np.uint64(mask))


@inlined
def entity_slot(arena, entity_at, key):  # type: ignore[no-untyped-def]
    """The slot of the table that holds the entity of this key, or the empty one where it belongs."""
    slot = home_of(entity_at, key)
    while entity_at[slot] >= 0 and not has_key(arena, entity_at[slot], key):
        slot = (slot + 1) & (entity_at.size - 1)
    return slot


@inlined
def home_of(entity_at, key):  # type: ignore[no-untyped-def]
    """The slot at which the search for a key begins."""
    return _home(key[0], key[1], key[2], key[3], entity_at.size - 1)


@inlined
def has_key(arena, block, key):  # type: ignore[no-untyped-def]
    """Whether a block is that of the entity of this key."""
    return (
        arena[block] == key[0]
        and arena[block + 1] == key[1]
        and arena[block + 2] == key[2]
        and arena[block + 3] == key[3]
    )


@inlined
def copy_words(to, at, source, first, words):  # type: ignore[no-untyped-def]
    """Copy so many words from one array into another."""
    for word in range(words):
        to[at + word] = source[first + word]


@compiled
def create(arena, free, counter, words, view, template, key):  # type: ignore[no-untyped-def]
    """A block for an entity that has seen nothing; `words` is the counter of words in use."""
    number = key[0]
    size, first = view[number, WORDS_OF], view[number, TEMPLATE]
    block = free[number, _BLOCKS]
    if block >= 0:
        free[number, _BLOCKS] = arena[block]
    else:
        block = counter[words]
        counter[words] += size
    copy_words(arena, block, template, first, size)
    copy_words(arena, block + KEY, key, 1, 3)
    return block


@compiled
def discard(arena, entity_at, free, block):  # type: ignore[no-untyped-def]
    """Forget an entity whose log is empty, and close the gap in the table (Knuth, TAOCP 6.4, algorithm R)."""
    mask = entity_at.size - 1
    slot = _home(arena[block], arena[block + 1], arena[block + 2], arena[block + 3], mask)
    while entity_at[slot] != block:
        slot = (slot + 1) & mask
    entity_at[slot] = -1
    gap, probe = slot, (slot + 1) & mask
    while entity_at[probe] >= 0:
        other = entity_at[probe]
        home = _home(arena[other], arena[other + 1], arena[other + 2], arena[other + 3], mask)
        if ((probe - home) & mask) >= ((probe - gap) & mask):
            entity_at[gap] = other
            entity_at[probe] = -1
            gap = probe
        probe = (probe + 1) & mask
    number = arena[block]
    arena[block] = free[number, _BLOCKS]
    free[number, _BLOCKS] = block


@compiled
def is_as_new(arena, view, template, block):  # type: ignore[no-untyped-def]
    """Whether nothing would be lost with an entity whose log is empty: what it remembers is what a new one does."""
    number = arena[block + VIEW_OF]
    first = view[number, TEMPLATE]
    for word in range(FIRST_TIME, view[number, WORDS_OF]):
        window = HEADER <= word < HEADER + 2 * view[number, WINDOWS_OF]
        if not window and arena[block + word] != template[first + word]:
            return False
    return True


@compiled
def rehash_entities(arena, old, new):  # type: ignore[no-untyped-def]
    """Enter all entities of one table into a larger one."""
    mask = new.size - 1
    for slot in range(old.size):
        block = old[slot]
        if block >= 0:
            at = _home(arena[block], arena[block + 1], arena[block + 2], arena[block + 3], mask)
            while new[at] >= 0:
                at = (at + 1) & mask
            new[at] = block


@inlined
def record_of(arena, block, stride, index):  # type: ignore[no-untyped-def]
    """Where in the arena a record of a log stands; `index` counts all records that the log ever held."""
    return arena[block + LOG] + (index & (arena[block + CAPACITY] - 1)) * stride


@compiled
def resize(arena, free, counter, words, view, block, capacity):  # type: ignore[no-untyped-def]
    """Move a log to where there is room for so many records; none gives its place back."""
    number = arena[block + VIEW_OF]
    stride = view[number, STRIDE]
    old, old_capacity = arena[block + LOG], arena[block + CAPACITY]
    if capacity > 0:
        size = _power_of(capacity)
        log = free[number, size]
        if log >= 0:
            free[number, size] = arena[log]
        else:
            log = counter[words]
            counter[words] += capacity * stride
        for index in range(arena[block + HEAD], arena[block + END]):
            before = old + (index & (old_capacity - 1)) * stride
            after = log + (index & (capacity - 1)) * stride
            copy_words(arena, after, arena, before, stride)
    else:
        log = -1
    if old_capacity > 0:
        size = _power_of(old_capacity)
        arena[old] = free[number, size]
        free[number, size] = old
    arena[block + LOG], arena[block + CAPACITY] = log, capacity


@compiled
def index_of(arena, block, stride, number):  # type: ignore[no-untyped-def]
    """The index of an event's record in a log, -1 where it is not there."""
    low, high = arena[block + HEAD], arena[block + END]
    while low < high:
        middle = (low + high) >> 1
        if arena[record_of(arena, block, stride, middle)] >> NUMBER_SHIFT < number:
            low = middle + 1
        else:
            high = middle
    if low < arena[block + END] and arena[record_of(arena, block, stride, low)] >> NUMBER_SHIFT == number:
        return low
    return -1


@inlined
def _power_of(capacity):  # type: ignore[no-untyped-def]
    power = 0
    while 1 << power < capacity:
        power += 1
    return power
