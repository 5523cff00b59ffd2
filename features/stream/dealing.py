"""Which part of a view's entities each line belongs to: a hash of its key, divided by the number of parts."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.facts.encode import Ints
from features.stream.checkpoint import whole
from features.stream.spool import Spool
from features.windows.columns import NULL
from features.windows.compiled import threaded
from features.windows.tables import mix

MOST_PARTS = 1 << 12
NOWHERE = (1 << 16) - 1
"""The part of a line whose key is missing."""

CHUNKS_AT_ONCE = 16
"""Chunks that are looked at together, a million lines."""

Parts = NDArray[np.uint16]


def parts_for(lines: int, most: int) -> int:
    """Into how many parts so many lines are dealt, a power of two, so that one of average size is half of `most`."""
    wanted = 2 * lines / max(1, most)
    return min(MOST_PARTS, 1 << max(0, int(np.ceil(np.log2(max(1.0, wanted))))))


def part_of(columns: list[Ints], of: int) -> Parts:
    """The part of each line, of shape (n_lines,); `columns` are those of the key."""
    hashes, found = np.zeros(columns[0].size, np.uint64), np.zeros(columns[0].size, np.uint16)
    for column in columns:
        _deal(column, np.uint64(of - 1), hashes, found)
    return found


@threaded
def _deal(column, mask, hashes, found):  # type: ignore[no-untyped-def]
    """One more column in the hash and the part of each line; their number is a power of two."""
    for line in range(len(column)):
        hashes[line] = mix(hashes[line], column[line])
        if column[line] == NULL:
            found[line] = NOWHERE
        elif found[line] != NOWHERE:
            found[line] = hashes[line] & mask


@dataclass(frozen=True)
class Deal:
    """The part of every line, on disk. `counts`, (chunks, parts), holds how many lines of each chunk are in each."""

    spool: Spool
    file: Path
    counts: Ints

    @cached_property
    def places(self) -> Ints:
        """Where the lines of each chunk and part begin, (chunks, parts), when all stand part by part."""
        before = np.cumsum(self.counts.T) - self.counts.T.ravel()
        return before.reshape(self.counts.T.shape).T

    def among(self, first: int, last: int) -> Parts:
        """The part of each line from one chunk up to another, of shape (n_lines,)."""
        start, stop = self.spool.starts[first], self.spool.starts[last]
        return np.asarray(np.memmap(self.file, np.uint16, "r", 2 * start, (stop - start,)))

    def stretches(self, part: int, first: int, last: int) -> list[tuple[int, int, Ints]]:
        """The lines of a part from one chunk up to another, some chunks at a time: from, up to, and which lines."""
        cuts = [*range(first, last, CHUNKS_AT_ONCE), last]
        return [(start, stop, np.flatnonzero(self.among(start, stop) == part)) for start, stop in pairwise(cuts)]


def dealt(spool: Spool, key: list[int], of: int, file: Path) -> Deal:
    """Deal all lines of a spool by these columns into a file, unless that is there; it is when all of it is."""
    if not file.exists():
        with whole(file) as half, half.open("wb") as written:
            for number in range(spool.chunks):
                part_of([spool.column(name, number, number + 1) for name in key], of).tofile(written)
    deal = Deal(spool, file, np.zeros((spool.chunks, of), np.int64))
    for number in range(spool.chunks):
        _count(deal.among(number, number + 1), deal.counts[number])
    return deal


@threaded
def _count(found, counts):  # type: ignore[no-untyped-def]
    for line in range(len(found)):
        if found[line] != NOWHERE:
            counts[found[line]] += 1
