"""Steps: what a driver asks of the kernel, as columns; and the driver that carries out many of them."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from features.windows.expiry import expire
from features.windows.kernel import run
from features.windows.plan import Plan
from features.windows.state import State, make_room

Ints = NDArray[np.int64]

_CHUNK = 4096
"""Steps between two looks at what can be freed."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Reads, appends and takings-back, each of shape (n_steps,), int64.

    `position` is the record's: it breaks ties of `t`, so that a taking-back stands behind what it takes back.
    """

    operation: Ints
    t: Ints
    position: Ints
    row: Ints
    order: Ints
    item: Ints
    target_time: Ints
    flags: Ints

    @classmethod
    def of(cls, rows: list[tuple[int, ...]]) -> "Steps":
        """Steps from tuples in the order of the fields."""
        columns = np.array(rows, np.int64).reshape(-1, len(fields(cls))).T
        return cls(*(np.ascontiguousarray(column) for column in columns))

    def then(self, other: "Steps") -> "Steps":
        """These and others."""
        joined = [np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)]
        return Steps(*joined)

    def where(self, mask: NDArray[np.bool_]) -> "Steps":
        """The steps under a mask of shape (n_steps,)."""
        return Steps(*(getattr(self, f.name)[mask] for f in fields(self)))

    def in_time(self) -> "Steps":
        """The same steps in the order in which they happen."""
        order = np.lexsort((self.operation % 2, self.position, self.t))
        return Steps(*(getattr(self, f.name)[order] for f in fields(self)))


Progress = Callable[[str, float], None]
"""Told what is under way, and which share of it is done."""


def carry_out(
    state: State, plan: Plan, steps: Steps, rows: Ints, out: NDArray[np.float64], progress: Progress | None = None
) -> State:
    """Run the steps in their order over encoded `rows`; a read writes its vector into row `item` of `out`.

    Returns the state, which may have moved to larger arrays.
    """
    total = steps.t.size
    for start in range(0, total, _CHUNK):
        state = run_steps(state, plan, steps, rows, out, start, min(start + _CHUNK, total))
        expire(state, plan, steps.t[min(start + _CHUNK, total) - 1], 2 * _CHUNK)
        if progress:
            progress("computing features", min(start + _CHUNK, total) / total)
    return state


def run_steps(
    state: State, plan: Plan, steps: Steps, rows: Ints, out: NDArray[np.float64], start: int, stop: int
) -> State:
    """Carry out some of the steps, with as much room as they want."""
    while True:
        start = run(
            state, plan, steps.operation, steps.t, steps.row, steps.order, steps.item, steps.target_time, steps.flags,
            rows, out, start, stop,
        )  # fmt: skip
        if start == stop:
            return state
        state = make_room(state)
