"""Open-addressing hash tables over int64, for use inside the kernel.

A table is a matrix: the columns of the key, then the value, so that a look-up touches one place in memory. A value of
-1 marks an empty slot. Sizes are powers of two. Tables never grow inside the kernel: it stops and says so, and the
driver makes room (see `state`).
"""

import numpy as np

from features.windows.compiled import compiled, inlined

EMPTY = -1


@inlined
def mix(hash_, word):  # type: ignore[no-untyped-def]
    """One round of the 64-bit finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    x = hash_ ^ np.uint64(word)
    x = (x + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@inlined
def _home(key, keys, mask):  # type: ignore[no-untyped-def]
    if keys == 1:
        line = np.int64(mix(np.uint64(0), key[0] >> 2) & np.uint64(mask >> 2))
        return line << 2 | (key[0] & 3)  # numbers of orders: four neighbours in time share a line of memory
    hash_ = np.uint64(0)
    for column in range(keys):
        hash_ = mix(hash_, key[column])
    return np.int64(hash_ & np.uint64(mask))


@inlined
def slot_of(table, wanted):  # type: ignore[no-untyped-def]
    """The slot that holds the key `wanted` (a vector), or the empty slot where it belongs."""
    mask, keys = len(table) - 1, table.shape[1] - 1
    slot = _home(wanted, keys, mask)
    while table[slot, keys] != EMPTY:
        same = True
        for column in range(keys):
            if table[slot, column] != wanted[column]:
                same = False
                break
        if same:
            break
        slot = (slot + 1) & mask
    return slot


@inlined
def value_at(table, slot):  # type: ignore[no-untyped-def]
    """The value in a slot, `EMPTY` where there is none."""
    return table[slot, table.shape[1] - 1]


@inlined
def put(table, slot, wanted, value):  # type: ignore[no-untyped-def]
    """Write key and value at a slot found by `slot_of`; returns 1 where the key is new, else 0."""
    keys = table.shape[1] - 1
    new = 1 if table[slot, keys] == EMPTY else 0
    if new:
        for column in range(keys):
            table[slot, column] = wanted[column]
    table[slot, keys] = value
    return new


@compiled
def remove(table, slot):  # type: ignore[no-untyped-def]
    """Empty a slot and close the gap that it leaves in its probe run (Knuth, TAOCP 6.4, algorithm R)."""
    mask, keys = len(table) - 1, table.shape[1] - 1
    table[slot, keys] = EMPTY
    gap, probe = slot, slot
    while True:
        probe = (probe + 1) & mask
        if table[probe, keys] == EMPTY:
            return
        home = _home(table[probe], keys, mask)
        if ((probe - home) & mask) >= ((probe - gap) & mask):
            for column in range(keys + 1):
                table[gap, column] = table[probe, column]
            table[probe, keys] = EMPTY
            gap = probe


@compiled
def rehash(old, new):  # type: ignore[no-untyped-def]
    """Enter everything into a larger table."""
    for slot in range(len(old)):
        if value_at(old, slot) != EMPTY:
            put(new, slot_of(new, old[slot]), old[slot], value_at(old, slot))
