"""Everything encoded and in the order of time, on disk, column by column: what the views read, each its own columns."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from features.facts.encode import Ints
from features.stream.checkpoint import whole, write_json
from features.translation import Translation, appended, asked, first_positions, order_numbers
from features.windows.feature_set import FeatureSet
from features.windows.plan import KEY_WIDTH, Plan, compile_plan
from features.windows.state import PLAIN, empty_state
from features.windows.steps import Progress, Steps, carry_out

Floats = NDArray[np.float64]

STEP = ("t", "order", "item", "flags")
"""Columns of a line's step; those of its row go by their number."""


@dataclass(frozen=True)
class Spool:
    """A folder of columns of all lines, and by chunk the lines' own columns; and the rare events.

    A column is a file of int64; the line features of all lines are one of float64, row by row.
    """

    folder: Path

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self.starts) - 1

    @cached_property
    def starts(self) -> list[int]:
        """The number of each chunk's first line, and last that of all lines."""
        return [int(start) for start in self._facts["starts"]]

    def column(self, name: str | int, first: int, last: int) -> Ints:
        """A column from one chunk up to another, of shape (n_lines,): one of `STEP`, or one that a view reads."""
        start, stop = self.starts[first], self.starts[last]
        return np.asarray(np.memmap(self.folder / f"column-{name}", np.int64, "r", 8 * start, (stop - start,)))

    def lines(self, number: int) -> pa.Table:
        """The lines of a chunk, with the columns that were kept of them."""
        with pa.memory_map(str(self.folder / f"lines-{number}.arrow")) as file:
            return ipc.open_file(file).read_all()

    def line_values(self, number: int) -> Floats:
        """The line features of a chunk, of shape (n_lines, line features)."""
        width, start, stop = self._facts["line features"], self.starts[number], self.starts[number + 1]
        if not width * (stop - start):
            return np.empty((stop - start, width))
        return np.memmap(self.folder / "line-values", np.float64, "r", 8 * width * start, (stop - start, width))

    def rare(self, used: list[int]) -> tuple[Ints, Steps]:
        """Some columns of each rare event's row, of shape (n_events, used), and its step, in the order of time."""
        rows = np.load(self.folder / "rare-columns.npy", mmap_mode="r", allow_pickle=False)
        held = [self._facts["columns"].index(column) for column in used]
        return rows[held].T, Steps(*np.load(self.folder / "rare-steps.npy", allow_pickle=False))

    def rare_before(self, number: int) -> int:
        """How many rare events happen before a chunk begins; the first takes in what happened before any line."""
        return int(self._facts["rare before"][number])

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return json.loads((self.folder / "spool.json").read_text())  # type: ignore[no-any-return]


def read_by(plan: Plan) -> list[int]:
    """Columns of the rows that the views of a plan read."""
    arrays = (plan.views[:, :KEY_WIDTH], plan.value_column, plan.channel[:, 0], plan.output[:, 3])
    return sorted({int(column) for array in arrays for column in array.ravel() if column >= 0} - {plan.order_column})


def spooled(
    chunks: Iterator[pa.Table],
    spoken_of: pa.Table,
    translation: Translation,
    kept: tuple[str, ...],
    folder: Path,
    progress: Progress | None = None,
) -> Spool:
    """Encode chunks of lines in the order of time into a folder, which is there when all of it is.

    `kept` are the columns of the lines themselves that are kept.
    """
    with whole(folder) as part:
        part.mkdir(parents=True)
        with ExitStack() as stack:
            writer = _Writer(part, translation, first_positions(spoken_of), kept, stack)
            for lines in chunks:
                writer.write(lines)
                if progress:
                    progress(f"sorting and encoding, {writer.starts[-1]:,} lines", 0.0)
        steps, rows = translation.rare(spoken_of)
        np.save(part / "rare-columns.npy", np.ascontiguousarray(rows[:, writer.used].T))
        np.save(part / "rare-steps.npy", np.array([getattr(steps, name) for name in Steps.__slots__]))
        facts = {"starts": writer.starts, "columns": writer.used, "line features": writer.width}
        write_json(part / "spool.json", facts | {"rare before": writer.rare_before(steps)})
    return Spool(folder)


class _Writer:
    def __init__(
        self, folder: Path, translation: Translation, first: pa.Table, kept: tuple[str, ...], stack: ExitStack
    ) -> None:
        self._folder, self._translation, self._first, self._kept = folder, translation, first, kept
        features = translation.features
        self._flags = translation.flags_column
        self._lines = FeatureSet(features.lines, (), features.attributes)
        self._plan = compile_plan(self._lines)
        self.width = len(self._lines.names)
        self.used = read_by(compile_plan(features))
        self._spoken_of = np.sort(first["position"].to_numpy())
        named = [*(f"column-{name}" for name in (*STEP, *self.used)), "line-values"]
        self._files: list[BinaryIO] = [stack.enter_context((folder / name).open("wb")) for name in named]
        self.starts = [0]
        self._begins: list[tuple[int, int]] = []

    def write(self, lines: pa.Table) -> None:
        rows = self._translation.encode(lines)
        steps = appended(lines, order_numbers(lines, self._first), rows[:, self._flags])
        flags = np.where(self._is_spoken_of(steps.order), steps.flags, steps.flags | PLAIN)
        made = (steps.t, steps.order, steps.item, flags, *rows[:, self.used].T, self._line_values(rows, steps))
        for file, column in zip(self._files, made, strict=True):
            np.ascontiguousarray(column).tofile(file)
        self._keep(len(self.starts) - 1, lines.select(self._kept))
        self._begins.append((int(steps.t[0]), int(steps.position[0])))
        self.starts.append(self.starts[-1] + len(rows))

    def _is_spoken_of(self, order: Ints) -> NDArray[np.bool_]:
        if not self._spoken_of.size:
            return np.zeros(order.size, bool)
        at = np.minimum(np.searchsorted(self._spoken_of, order), self._spoken_of.size - 1)
        found: NDArray[np.bool_] = self._spoken_of[at] == order
        return found

    def _keep(self, number: int, lines: pa.Table) -> None:
        compressed = ipc.IpcWriteOptions(compression="lz4")
        with ipc.new_file(str(self._folder / f"lines-{number}.arrow"), lines.schema, options=compressed) as file:
            file.write_table(lines)

    def rare_before(self, rare: Steps) -> list[int]:
        """For each chunk, how many rare steps happen before it begins (the first takes what came before any line)."""
        before = [0]
        for t, position in self._begins[1:]:
            tied = np.sum((rare.t == t) & (rare.position < position))
            before.append(int(np.searchsorted(rare.t, t) + tied))
        return [*before, rare.t.size]

    def _line_values(self, rows: Ints, steps: Steps) -> Floats:
        out = np.empty((len(rows), self.width))
        reads = asked(steps, np.ones(len(rows), bool))
        carry_out(empty_state(self._plan, len(self._lines.attributes)), self._plan, reads, rows, out)
        return out
