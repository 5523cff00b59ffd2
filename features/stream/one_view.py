"""One view over the whole spool, a part of its entities at a time, each part as the batch driver computes it.

Views know nothing of each other, nor do the entities of one view. The lines of a part are gathered, and the kernel goes
through them entity by entity, through one small state. A part is so large that it fits into memory; where a single
entity makes it larger than that, it is computed in the order of time instead, some chunks of lines at a time.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.facts.encode import Ints
from features.stream.dealing import CHUNKS_AT_ONCE, NOWHERE, Deal, Parts, dealt, part_of, parts_for
from features.stream.spool import STEP, Spool, read_by
from features.trade import MAX_LINES
from features.windows.by_entity import compute_view, go_on, state_for
from features.windows.columns import NULL, columns
from features.windows.compiled import threaded
from features.windows.feature_set import FeatureSet
from features.windows.kernel import APPEND
from features.windows.plan import KEY_WIDTH, Plan, compile_plan
from features.windows.state import State
from features.windows.step_table import FLAGS, ITEM, OPERATION, ORDER, OUT, ROW, TARGET_TIME, TIME, merged
from features.windows.steps import Progress, Steps

Floats = NDArray[np.float64]

_AT_ONCE = 4_096
"""Lines that are gathered together."""

_PLACES = dict(zip(STEP, (TIME, ORDER, ITEM, FLAGS), strict=True))


@dataclass(frozen=True, slots=True)
class _Rare:
    """What speaks of earlier lines, in the order of time: rows of what the view reads, steps, and the part of each."""

    rows: Ints
    steps: Steps
    parts: Parts

    def of(self, part: int, first: int, last: int) -> "_Rare":
        """Those of a part, from one of all events up to another."""
        mine = self.parts == part
        mine[:first] = mine[last:] = False
        return _Rare(self.rows[mine], self.steps.where(mine), self.parts[mine])


@threaded
def _pick(column, which, table, place):  # type: ignore[no-untyped-def]
    """Some values of a column into one of a table's."""
    for index in range(len(which)):
        table[index, place] = column[which[index]]


@threaded
def _complete(steps):  # type: ignore[no-untyped-def]
    """The rest of the steps of lines: each is asked about, and then appended."""
    for line in range(len(steps)):
        steps[line, TARGET_TIME], steps[line, OPERATION] = steps[line, TIME], APPEND
        steps[line, ROW] = steps[line, OUT] = line


class Reading:
    """The values of a chunk's lines in their order, some lines at a time."""

    def __init__(self, parts: Parts, at: Ints, values: Floats, first: int) -> None:
        self._parts, self._at, self._values, self._first, self._read = parts, at, values, first, 0

    def put(self, out: Floats) -> None:
        """Write those of the next lines into the view's columns of `out`, (n_lines, all features of all views)."""
        parts = self._parts[self._read : self._read + len(out)]
        _put(parts, self._at, self._values, out[:, self._first : self._first + self._values.shape[1]])
        self._read += len(out)


@threaded
def _put(parts, at, values, out):  # type: ignore[no-untyped-def]
    """The values of a part stand in the order of its lines, the next at `at`; NaN for a line that is in none."""
    width = out.shape[1]
    for line in range(len(out)):
        if parts[line] == NOWHERE:
            for index in range(width):
                out[line, index] = math.nan
            continue
        place = at[parts[line]]
        at[parts[line]] += 1
        for index in range(width):
            out[line, index] = values[place, index]


class OneView:
    """Computes a view into a folder, and goes on there with the part after the last that is whole.

    `budget` is how many bytes one part may take.
    """

    def __init__(self, spool: Spool, features: FeatureSet, number: int, folder: Path, budget: int) -> None:
        alone = FeatureSet((), (features.views[number],), features.attributes)
        wide = compile_plan(alone)
        self._used = read_by(wide)
        self._key = [int(column) for column in wide.views[0, :KEY_WIDTH] if column >= 0]
        named = columns(features.attributes)
        names = (*(named[column] for column in self._used), "flags", "order")
        horizon = compile_plan(features).horizon  # of all views: how long an order's revisions are known as its own
        self._plan: Plan = compile_plan(alone, names)._replace(horizon=horizon)
        self._columns = len(names)
        self.width = len(alone.names)
        self._first = sum(len(list(view.rows())) for view in features.views[:number])
        self._spool, self._folder = spool, folder
        self._most = max(1, budget // self._bytes_of_a_line())
        self.parts = parts_for(spool.starts[-1], self._most)

    def compute(self, progress: Progress | None = None) -> None:
        """Compute what is still missing."""
        self._folder.mkdir(exist_ok=True)
        self._values.touch()
        rare, state = self._rare(), state_for(self._plan, self._columns)
        for part in range(self.parts):
            done = self._folder / f"part-{part}"
            if not done.exists():
                state = self._compute(state, part, rare)
                done.touch()
            if progress:
                progress("computing features", (part + 1) / self.parts)

    def reading(self, number: int) -> "Reading":
        """The values of a chunk's lines, read part by part: pages that are mapped would count as memory."""
        counts, places = self._deal.counts[number], self._deal.places[number]
        ends = np.cumsum(counts)
        values = np.empty((int(ends[-1]), self.width))
        with self._values.open("rb") as file:
            for part in np.flatnonzero(counts).tolist():
                file.seek(values.itemsize * self.width * int(places[part]))
                file.readinto(values[ends[part] - counts[part] : ends[part]])  # type: ignore[arg-type]
        return Reading(np.asarray(self._deal.among(number, number + 1)), ends - counts, values, self._first)

    @cached_property
    def _deal(self) -> Deal:
        return dealt(self._spool, self._key, self.parts, self._folder / "parts")

    @property
    def _values(self) -> Path:
        return self._folder / "values"

    def _compute(self, state: State, part: int, rare: _Rare) -> State:
        """Compute a part with a state that has seen nothing; returns another that has not."""
        chunks, lines = self._spool.chunks, int(self._deal.counts[:, part].sum())
        if lines <= self._most:
            if lines:
                steps, rows, out = self._gathered(part, 0, chunks, rare)
                state = compute_view(state, self._plan, steps, rows, out)
                self._write(out, part, 0)
            return state
        for first in range(0, chunks, CHUNKS_AT_ONCE):
            steps, rows, out = self._gathered(part, first, min(first + CHUNKS_AT_ONCE, chunks), rare)
            state = go_on(state, self._plan, steps, rows, out)
            self._write(out, part, first)
        return state_for(self._plan, self._columns)

    def _write(self, out: Floats, part: int, first: int) -> None:
        with self._values.open("r+b") as file:
            file.seek(out.itemsize * self.width * int(self._deal.places[first, part]))
            out.tofile(file)

    def _gathered(self, part: int, first: int, last: int, rare: _Rare) -> tuple[Ints, Ints, Floats]:
        """The steps of a part from one chunk up to another, the rows that they speak of, and room for the values."""
        lines = int(self._deal.counts[first:last, part].sum())
        mine = rare.of(part, self._spool.rare_before(first), self._spool.rare_before(last))
        stretches = self._deal.stretches(part, first, last)
        steps, rows = np.empty((lines, 8), np.int64), np.empty((lines + len(mine.rows), self._columns), np.int64)
        at = 0
        for start, stop, which in stretches:
            self._gather(start, stop, which, steps[at : at + which.size], rows[at : at + which.size])
            at += which.size
        _complete(steps)
        here = np.arange(lines, lines + len(mine.rows))
        steps = merged(steps, steps[:, ITEM] // MAX_LINES, replace(mine.steps, row=here))
        rows[lines:, : len(self._used)] = mine.rows
        rows[:, len(self._used) :] = NULL  # flags and order stand in the steps
        return steps, rows, np.empty((lines, self.width))

    def _gather(self, first: int, last: int, which: Ints, steps: Ints, rows: Ints) -> None:
        """Some lines from one chunk up to another, as many at a time as stay in the cache for all of their columns."""
        wanted: list[tuple[str | int, Ints, int]] = [(name, steps, place) for name, place in _PLACES.items()]
        wanted += [(column, rows, place) for place, column in enumerate(self._used)]
        columns = [(self._spool.column(name, first, last), table, place) for name, table, place in wanted]
        for start in range(0, which.size, _AT_ONCE):
            here = slice(start, start + _AT_ONCE)
            for column, table, place in columns:
                _pick(column, which[here], table[here], place)

    def _rare(self) -> _Rare:
        rows, steps = self._spool.rare(self._used)
        key = [np.ascontiguousarray(rows[:, self._used.index(column)]) for column in self._key]
        return _Rare(rows, steps, part_of(key, self.parts))

    def _bytes_of_a_line(self) -> int:
        """What `_gathered` makes, its steps twice while they are merged, and what the kernel numbers entities with."""
        return 8 * (2 * 8 + self._columns + self.width + 4 + 4 * (len(self._key) + 1))
