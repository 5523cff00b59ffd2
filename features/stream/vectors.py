"""The vectors of many lines, chunk by chunk in the order of time, by way of the disk.

The lines are sorted by time, and encoded once into a spool; each view is computed over the spool, a part of its
entities at a time; the columns of a chunk are put together again, some lines at a time. Views share the processors.
What was interrupted, by whatever means, goes on when it is started again: with the part after the last whole one, with
sorting and encoding from their beginning.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.stream.ahead import ahead
from features.stream.checkpoint import discard
from features.stream.one_view import OneView
from features.stream.source import Source, chunks
from features.stream.spool import Spool, spooled
from features.translation import Translation, ids_spoken_of
from features.windows.by_entity import complete
from features.windows.feature_set import FeatureSet
from features.windows.plan import compile_plan
from features.windows.steps import Progress

Floats = NDArray[np.float64]

CHUNK_LINES = 1 << 16

THREADS = 2
"""That share the work, at most; each holds its own part of the memory."""

_ROWS = 512
"""Of a chunk, that are put together at a time: all columns of a vector, while it is in the near cache."""

_OVERHEAD_BYTES = 100 << 20
"""What is held besides the part of a view: some chunks of a column, and what the libraries keep."""


@dataclass(frozen=True)
class Work:
    """What is computed, and how: `files` and ``others.lines`` hold the lines, `others` also what else happened.

    About `memory_mb` are used beyond the libraries' own and ``others``. `kept` are the columns of a line that are told
    with its vector, `shift` is added to the positions of the files.
    """

    files: Sequence[Path]
    others: Book
    features: FeatureSet
    memory_mb: int
    chunk_lines: int = CHUNK_LINES
    kept: tuple[str, ...] = tuple(SCHEMA.names)
    shift: int = 0


class Vectors:
    """Computes into a folder, and goes on there where it was interrupted."""

    def __init__(self, work: Work, folder: Path, progress: Progress | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._features, self._plan = work.features, compile_plan(work.features)
        self._spool = _spooled(work, folder, progress)
        budget = max(0, (work.memory_mb << 20) // THREADS - _OVERHEAD_BYTES)  # as many parts are held at once
        self._views = [
            OneView(self._spool, work.features, number, folder / f"view-{number}", budget)
            for number in range(len(work.features.views))
        ]
        _compute(self._views, progress)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return self._spool.chunks

    def chunk(self, number: int) -> tuple[pa.Table, Floats]:
        """Lines (the columns kept) in the order of t, position and line number, and their vectors."""
        lines, of_lines = self._spool.lines(number), self._spool.line_values(number)
        out = np.empty((lines.num_rows, len(self._features.names)))
        width, readings = len(self._features.lines), [view.reading(number) for view in self._views]
        for start in range(0, len(out), _ROWS):
            block = out[start : start + _ROWS]
            block[:, :width] = of_lines[start : start + _ROWS]
            for reading in readings:
                reading.put(block[:, width:])
            complete(self._plan, block)
        return lines, out


def processors() -> int:
    """How many threads share the work here. What they make is the same for any number."""
    return min(THREADS, os.cpu_count() or 1)


def _spooled(work: Work, folder: Path, progress: Progress | None) -> Spool:
    path, sorting = folder / "spool", folder / "duckdb"
    if not path.exists():
        discard(sorting)
        sorting.mkdir()
        source = Source(work.files, work.others.lines, sorting, work.memory_mb // 2, shift=work.shift)
        spoken_of = source.spoken_of(ids_spoken_of(work.others))
        translation = Translation(work.features, replace(work.others, lines=SCHEMA.empty_table()))
        lines = ahead(chunks(source.in_time(), work.chunk_lines))
        spooled(lines, spoken_of, translation, work.kept, path, progress)
        discard(sorting)
    return Spool(path)


def _compute(views: Sequence[OneView], progress: Progress | None) -> None:
    """All views, those with most features first, so that the processors end at about the same time."""
    done, lock = [0.0] * len(views), Lock()

    def one(number: int) -> None:
        def tell(what: str, share: float) -> None:
            with lock:
                done[number] = share
                if progress:
                    progress(what, sum(done) / len(done))

        views[number].compute(tell)

    with ThreadPoolExecutor(processors()) as pool:
        for _ in pool.map(one, sorted(range(len(views)), key=lambda number: -views[number].width)):
            pass
