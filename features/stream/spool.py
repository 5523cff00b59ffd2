"""Everything encoded and in the order of time, on disk: what the passes over the views read again and again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from features.facts.encode import Ints
from features.stream.checkpoint import whole, write_json
from features.stream.needs import Needs, Pass
from features.translation import Translation, appended, asked, first_positions, order_numbers
from features.windows.feature_set import FeatureSet
from features.windows.plan import compile_plan
from features.windows.state import empty_state
from features.windows.steps import Progress, Steps, carry_out

IDS = ("order_id", "line_id", "t", "position")
"""Columns that stand before the features in what is written."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spool:
    """A folder of numbered chunks: ids of lines, their encoded rows, steps and line features; and the rare events."""

    folder: Path

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self._facts()["cuts"])

    def passes(self) -> list[Pass]:
        """Which views are computed together."""
        return [Pass(tuple(views), part, parts) for views, part, parts in self._facts()["passes"]]

    def ids(self, number: int) -> pa.Table:
        """The columns `IDS` of a chunk's lines."""
        with pa.memory_map(str(self.folder / f"ids-{number}.arrow")) as file:
            return ipc.open_file(file).read_all()

    def line_values(self, number: int) -> Floats:
        """The line features of a chunk, of shape (n_lines, line features)."""
        return np.load(self.folder / f"line-{number}.npy", allow_pickle=False)  # type: ignore[no-any-return]

    def rows(self, number: int) -> tuple[Ints, Steps]:
        """Encoded rows of a chunk's lines, of shape (n_lines, columns), and the steps that append them."""
        rows = np.load(self.folder / f"rows-{number}.npy", allow_pickle=False)
        return rows, Steps(*np.load(self.folder / f"steps-{number}.npy", allow_pickle=False))

    def rare(self) -> Iterator[tuple[Ints, Steps]]:
        """For each chunk, rows and steps of the rare events that happen before the next one begins."""
        rows = np.load(self.folder / "rare-rows.npy", allow_pickle=False)
        steps = Steps(*np.load(self.folder / "rare-steps.npy", allow_pickle=False))
        start = 0
        for stop in self._facts()["cuts"]:
            some = np.arange(steps.t.size)
            mask = (some >= start) & (some < stop)
            yield rows[start:stop], replace(steps.where(mask), row=np.arange(stop - start))
            start = stop

    def _facts(self) -> dict[str, Any]:
        return json.loads((self.folder / "spool.json").read_text())  # type: ignore[no-any-return]


def spooled(
    chunks: Iterator[pa.Table],
    spoken_of: pa.Table,
    translation: Translation,
    folder: Path,
    budget: int,
    progress: Progress | None = None,
) -> Spool:
    """Encode chunks of lines in the order of time into a folder, which is there when all of it is.

    `budget` is how many bytes the state of one pass over it may take.
    """
    with whole(folder) as part:
        part.mkdir(parents=True)
        writer = _Writer(part, translation, first_positions(spoken_of))
        for number, lines in enumerate(chunks):
            writer.write(number, lines)
            if progress:
                progress(f"sorting and encoding, {writer.needs.lines:,} lines", 0.0)
        steps, rows = translation.rare(spoken_of)
        np.save(part / "rare-rows.npy", rows)
        np.save(part / "rare-steps.npy", _matrix(steps))
        passes = [(one.views, one.part, one.parts) for one in writer.needs.passes(budget)]
        write_json(part / "spool.json", {"cuts": writer.cuts(steps), "passes": passes})
    return Spool(folder)


class _Writer:
    def __init__(self, folder: Path, translation: Translation, first: pa.Table) -> None:
        self._folder, self._translation, self._first = folder, translation, first
        self._flags = translation.flags_column
        self._lines = FeatureSet(translation.features.lines, (), translation.features.attributes)
        self.needs = Needs(translation.features)
        self._begins: list[tuple[int, int]] = []

    def write(self, number: int, lines: pa.Table) -> None:
        rows = self._translation.encode(lines)
        appends = appended(lines, order_numbers(lines, self._first), rows[:, self._flags])
        np.save(self._folder / f"rows-{number}.npy", rows)
        np.save(self._folder / f"steps-{number}.npy", _matrix(appends))
        np.save(self._folder / f"line-{number}.npy", self._line_values(rows, appends))
        ids = lines.select(IDS)
        with ipc.new_file(self._folder / f"ids-{number}.arrow", ids.schema) as file:
            file.write_table(ids)
        self.needs.see(rows, appends)
        self._begins.append((int(appends.t[0]), int(appends.position[0])))

    def cuts(self, rare: Steps) -> list[int]:
        """For each chunk, how many rare steps happen before the next one begins."""
        after = [(int(np.searchsorted(rare.t, t)), t, position) for t, position in self._begins[1:]]
        ties = [int(np.sum((rare.t == t) & (rare.position < position))) for _, t, position in after]
        last = [rare.t.size] if self._begins else []
        return [*(at + tied for (at, _, _), tied in zip(after, ties, strict=True)), *last]

    def _line_values(self, rows: Ints, appends: Steps) -> Floats:
        plan = compile_plan(self._lines)
        out = np.empty((len(rows), len(self._lines.names)))
        reads = asked(appends, np.ones(len(rows), bool))
        carry_out(empty_state(plan, len(self._lines.attributes)), plan, reads, rows, out)
        return out


def _matrix(steps: Steps) -> Ints:
    return np.array([getattr(steps, name) for name in Steps.__slots__])
