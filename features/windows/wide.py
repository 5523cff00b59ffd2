"""Exact 128-bit arithmetic for sums of squares: (high, low) pairs of 64-bit words.

Ten orders of 10**9 minor units already overflow a 64-bit sum of squares, and a variance is a small difference of
two large numbers, so both are kept exact until the one division at the end.
"""

import numpy as np

from features.windows.compiled import inlined

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_TWO_64 = 18446744073709551616.0


@inlined
def multiply(a, b):  # type: ignore[no-untyped-def]
    """The product of two non-negative int64 as (high, low) uint64."""
    x, y = np.uint64(a), np.uint64(b)
    x0, x1 = x & _LOW, x >> _HALF
    y0, y1 = y & _LOW, y >> _HALF
    low = x0 * y0
    middle = x1 * y0 + (low >> _HALF)
    carry = x0 * y1 + (middle & _LOW)
    return x1 * y1 + (middle >> _HALF) + (carry >> _HALF), (carry << _HALF) | (low & _LOW)


@inlined
def add(high, low, more_high, more_low):  # type: ignore[no-untyped-def]
    """The sum of two (high, low) pairs, modulo 2**128."""
    total = low + more_low
    carry = np.uint64(1) if total < low else np.uint64(0)
    return high + more_high + carry, total


@inlined
def subtract(high, low, less_high, less_low):  # type: ignore[no-untyped-def]
    """The difference of two (high, low) pairs, modulo 2**128."""
    borrow = np.uint64(1) if low < less_low else np.uint64(0)
    return high - less_high - borrow, low - less_low


@inlined
def spread(count, total, square_high, square_low):  # type: ignore[no-untyped-def]
    """``count * sum(x**2) - sum(x)**2``, exact in 128 bits, as float64; the numerator of the variance."""
    high, low = multiply(count, square_low)
    high = high + np.uint64(count) * square_high
    minus_high, minus_low = multiply(total, total)
    high, low = subtract(high, low, minus_high, minus_low)
    return np.float64(high) * _TWO_64 + np.float64(low)
