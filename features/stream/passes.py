"""One pass over the spool: the kernel's batch, a chunk at a time, with checkpoints to go on from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.facts.encode import Ints
from features.stream.checkpoint import discard, numbered, restore, save, whole
from features.stream.needs import Pass, part_of
from features.stream.spool import Spool
from features.translation import asked
from features.windows.feature_set import FeatureSet
from features.windows.plan import Plan, compile_plan
from features.windows.state import State, empty_state
from features.windows.steps import Progress, Steps, carry_out

Floats = NDArray[np.float64]


class Run:
    """Computes the views of one pass into a folder, going on from the last checkpoint that stands there.

    A checkpoint holds the whole state. Appending the last horizon again would not do: what has no window remembers
    events older than that.
    """

    def __init__(self, spool: Spool, features: FeatureSet, one: Pass, folder: Path) -> None:
        views = tuple(features.views[view] for view in one.views)
        self.features = FeatureSet((), views, features.attributes)
        horizon = compile_plan(features).horizon  # of all views: how long an order's revisions are known as its own
        self.plan: Plan = compile_plan(self.features)._replace(horizon=horizon)
        self._spool, self._one, self._folder = spool, one, folder
        self._done = folder / "done"
        self._columns = columns_of(features, one.views)

    def carry_on(self, every: int, progress: Progress | None = None) -> None:
        """Compute what is still missing, with a checkpoint after so many chunks."""
        if self._done.exists():
            return
        self._folder.mkdir(exist_ok=True)
        first, state = self._last()
        for number, (rare_rows, rare) in enumerate(self._spool.rare()):
            if number < first:
                continue
            rows, appends = self._spool.rows(number)
            mine = self._mine(rows)
            values = np.empty((int(mine.sum()), len(self.features.names)))
            steps, every_row = self._steps(rows, appends, rare_rows, rare)
            state = carry_out(state, self.plan, steps, every_row, values)
            self._write(number, values, mine)
            if (number + 1) % every == 0 and number + 1 < self._spool.chunks:
                self._keep(state, number + 1)
            if progress:
                progress("computing features", (number + 1) / self._spool.chunks)
        self._done.touch()
        self._forget(but=None)

    def put(self, number: int, out: Floats) -> None:
        """Write a chunk's values into their columns of `out`, of shape (n_lines, all features of all views)."""
        values = np.load(self._folder / f"values-{number}.npy", allow_pickle=False)
        if self._one.parts == 1:
            out[:, self._columns] = values
            return
        mine = np.load(self._folder / f"mine-{number}.npy", allow_pickle=False)
        out[np.ix_(mine, self._columns)] = values

    def _mine(self, rows: Ints) -> NDArray[np.bool_]:
        return np.ones(len(rows), bool) if self._one.parts == 1 else part_of(rows, self.plan, self._one)

    def _steps(self, rows: Ints, appends: Steps, rare_rows: Ints, rare: Steps) -> tuple[Steps, Ints]:
        """All steps of the chunk that concern this pass, in the order of time, and the rows that they speak of."""
        mine, rare_mine = self._mine(rows), self._mine(rare_rows)
        if self._one.parts > 1:
            rows, appends = rows[mine], _numbered(appends.where(mine), 0)
        if rare.t.size:
            rare = _numbered(rare.where(rare_mine), len(rows))
            rows = np.vstack([rows, rare_rows[rare_mine]])
        reads = asked(appends, np.ones(appends.t.size, bool))
        return reads.then(appends).then(rare).in_time(), rows

    def _write(self, number: int, values: Floats, mine: NDArray[np.bool_]) -> None:
        if self._one.parts > 1:
            with whole(self._folder / f"mine-{number}.npy") as path, path.open("wb") as file:
                np.save(file, mine, allow_pickle=False)
        with whole(self._folder / f"values-{number}.npy") as path, path.open("wb") as file:
            np.save(file, values, allow_pickle=False)

    def _last(self) -> tuple[int, State]:
        """The chunk to go on with, and the state before it."""
        kept = numbered(self._folder, "state")
        if not kept:
            return 0, empty_state(self.plan, len(self.features.attributes))
        number, path = kept[-1]
        return number, restore(path)

    def _keep(self, state: State, number: int) -> None:
        save(state, self._folder / f"state-{number}")
        self._forget(but=number)

    def _forget(self, but: int | None) -> None:
        for number, path in numbered(self._folder, "state"):
            if number != but:
                discard(path)


def _numbered(steps: Steps, first: int) -> Steps:
    return replace(steps, row=np.arange(first, first + steps.t.size))


def columns_of(features: FeatureSet, views: tuple[int, ...]) -> Ints:
    """Where the features of some views stand among those of all views."""
    widths = [len(list(view.rows())) for view in features.views]
    starts = np.cumsum([0, *widths])
    return np.concatenate([np.arange(starts[view], starts[view + 1]) for view in views])
