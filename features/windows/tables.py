"""Open-addressing hash tables over int64 keys, for use inside the kernel.

A table is a matrix of keys and a vector of values; a value of -1 marks an empty slot. Sizes are powers of two.
Tables never grow inside the kernel: the driver makes room between calls (see `state`).
"""

import numpy as np
from numba import njit

EMPTY = -1


@njit(cache=True, inline="always")
def _mix(hash_, word):  # type: ignore[no-untyped-def]
    """One round of the 64-bit finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    x = hash_ ^ np.uint64(word)
    x = (x + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, inline="always")
def _home(keys, row, mask):  # type: ignore[no-untyped-def]
    hash_ = np.uint64(0)
    for column in range(keys.shape[1]):
        hash_ = _mix(hash_, keys[row, column])
    return np.int64(hash_ & np.uint64(mask))


@njit(cache=True, inline="always")
def slot_of(keys, values, wanted):  # type: ignore[no-untyped-def]
    """The slot that holds the key `wanted` (a vector), or the empty slot where it belongs."""
    mask = values.size - 1
    hash_ = np.uint64(0)
    for column in range(wanted.size):
        hash_ = _mix(hash_, wanted[column])
    slot = np.int64(hash_ & np.uint64(mask))
    while values[slot] != EMPTY:
        same = True
        for column in range(wanted.size):
            if keys[slot, column] != wanted[column]:
                same = False
                break
        if same:
            break
        slot = (slot + 1) & mask
    return slot


@njit(cache=True, inline="always")
def put(keys, values, slot, wanted, value):  # type: ignore[no-untyped-def]
    """Write key and value at a slot found by `slot_of`; returns 1 where the key is new, else 0."""
    new = 1 if values[slot] == EMPTY else 0
    if new:
        for column in range(wanted.size):
            keys[slot, column] = wanted[column]
    values[slot] = value
    return new


@njit(cache=True)
def remove(keys, values, slot):  # type: ignore[no-untyped-def]
    """Empty a slot and close the gap that it leaves in its probe run (Knuth, TAOCP 6.4, algorithm R)."""
    mask = values.size - 1
    values[slot] = EMPTY
    gap, probe = slot, slot
    while True:
        probe = (probe + 1) & mask
        if values[probe] == EMPTY:
            return
        home = _home(keys, probe, mask)
        if ((probe - home) & mask) >= ((probe - gap) & mask):
            for column in range(keys.shape[1]):
                keys[gap, column] = keys[probe, column]
            values[gap] = values[probe]
            values[probe] = EMPTY
            gap = probe


@njit(cache=True)
def rehash(keys, values, new_keys, new_values):  # type: ignore[no-untyped-def]
    """Move every entry into larger arrays."""
    for slot in range(values.size):
        if values[slot] != EMPTY:
            put(new_keys, new_values, slot_of(new_keys, new_values, keys[slot]), keys[slot], values[slot])
