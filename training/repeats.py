"""Does the label follow a key that repeats? Then a look-up of earlier lines beats any model, and nothing was learned.

It happens where labels were copied with a group of columns: in data that was generated, in a system that carries the
last decision of a customer and an article over to the next order, or where one order was entered several times.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.uint64]

FOLLOWED = 0.9
"""Share of the lines after a diverted one of the same key that are diverted too, from which it is no coincidence."""

COVERED = 0.2
"""Share of the diverted lines that have an earlier line of the same key: below it the key decides too little."""

PAIRS_NEEDED = 20
LONGEST = 200_000
"""Lines looked at: the newest."""


@dataclass(frozen=True)
class Repeat:
    """A key of several columns that the label follows; see `FOLLOWED` and `COVERED`."""

    columns: tuple[str, ...]
    followed: float
    covered: float
    base: float


def repeated_key(declared: pd.DataFrame, label: Floats, order: NDArray[np.intp]) -> Repeat | None:
    """The key that the label follows, or None.

    `declared` (n_lines, n_columns) in order of time, `label` (n_lines,) 1 or 0, `order` (n_lines,) codes: lines of
    one order share a finding and are no repetition of each other. From all columns on, the one is dropped whose
    absence lets most diverted lines follow an earlier one, as long as that gains.
    """
    declared, label, order = declared.tail(LONGEST), label[-LONGEST:], order[-LONGEST:]
    base = float(label.mean()) if len(label) else 0.0
    hashes = {str(name): _hashed(declared[name], number) for number, name in enumerate(declared)}
    kept, best = list(hashes), None
    while len(kept) > 1:
        whole = _sum(hashes, kept)
        scored = [(*_follow(whole - hashes[name], label, order), name) for name in kept]
        followed, covered, pairs, dropped = max(scored, key=lambda each: each[0] * each[1])
        kept.remove(dropped)
        if pairs >= PAIRS_NEEDED and (best is None or followed * covered > best.followed * best.covered):
            best = Repeat(tuple(kept), followed, covered, base)
    if best is None or best.followed < FOLLOWED or best.covered < COVERED or base > FOLLOWED / 2.0:
        return None
    return best


def _hashed(column: pd.Series, number: int) -> Codes:
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    draws = np.random.default_rng(number).integers(0, 2**63, int(codes.max()) + 1 if len(codes) else 0, np.uint64)
    return np.asarray(draws[codes], np.uint64)


def _sum(hashes: dict[str, Codes], names: list[str]) -> Codes:
    total = np.zeros(len(next(iter(hashes.values()))), np.uint64)
    for name in names:
        total += hashes[name]
    return total


def _follow(key: Codes, label: Floats, order: NDArray[np.intp]) -> tuple[float, float, int]:
    """How the label follows a key.

    Of the lines after a diverted line of their key the share that is diverted; of the diverted lines the share that
    comes after one; and how many pairs there are.
    """
    rows = np.argsort(key, kind="stable")
    before, after = rows[:-1], rows[1:]
    pair = (key[before] == key[after]) & (order[before] != order[after])
    led = pair & (label[before] == 1)
    pairs, both = int(led.sum()), float((led & (label[after] == 1)).sum())
    return both / max(pairs, 1), both / max(float(label.sum()), 1.0), pairs
