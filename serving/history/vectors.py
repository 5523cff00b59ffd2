"""The vectors of many lines, chunk by chunk in the order of time: the stream driver, with each line's own columns kept.

Sorting and encoding, then passes over the views that fit into memory together, as in `features.stream.driver`; but the
vectors are handed over, not written. Passes know nothing of each other, so they share the processors.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.stream.checkpoint import discard, whole
from features.stream.driver import CHECKPOINT_EVERY, CHUNK_LINES
from features.stream.passes import Run
from features.stream.source import Source, chunks
from features.stream.spool import Spool, spooled
from features.translation import Translation, ids_spoken_of
from features.windows.feature_set import FeatureSet
from features.windows.steps import Progress

Floats = NDArray[np.float64]

_OVERHEAD_BYTES = 100 << 20
"""What a pass holds besides the state: a chunk of rows, its steps and its values."""


@dataclass(frozen=True)
class Work:
    """What is computed, and how: `files` and ``others.lines`` hold the lines, `others` also what else happened.

    About `memory_mb` are used beyond the libraries' own and ``others``.
    """

    files: Sequence[Path]
    others: Book
    features: FeatureSet
    memory_mb: int
    chunk_lines: int = CHUNK_LINES
    checkpoint_every: int = CHECKPOINT_EVERY


class Vectors:
    """Computes into a folder, and goes on there where it was interrupted."""

    def __init__(self, work: Work, folder: Path, progress: Progress | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._work, self._folder, self._progress = work, folder, progress
        self._spool = self._spooled()
        self._runs = [
            Run(self._spool, work.features, one, folder / f"pass-{number}")
            for number, one in enumerate(self._spool.passes())
        ]
        self._carry_on()

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return self._spool.chunks

    def chunk(self, number: int) -> tuple[pa.Table, Floats]:
        """Lines (the columns of `Record.lines`) in the order of t, position and number, and their vectors."""
        with pa.memory_map(str(self._lines(number))) as file:
            lines = ipc.open_file(file).read_all()
        features = self._work.features
        out = np.full((lines.num_rows, len(features.names)), np.nan)
        width = len(features.lines)
        out[:, :width] = self._spool.line_values(number)
        for run in self._runs:
            run.put(number, out[:, width:])
        return lines, out

    def _lines(self, number: int) -> Path:
        return self._folder / f"lines-{number}.arrow"

    def _spooled(self) -> Spool:
        work, path = self._work, self._folder / "spool"
        if not path.exists():
            sorting = self._folder / "duckdb"
            discard(sorting)
            sorting.mkdir()
            source = Source(work.files, work.others.lines, sorting, work.memory_mb // 2)
            spoken_of = source.spoken_of(ids_spoken_of(work.others))
            translation = Translation(work.features, replace(work.others, lines=SCHEMA.empty_table()))
            lines = self._kept(chunks(source.in_time(), work.chunk_lines))
            spooled(lines, spoken_of, translation, path, self._budget(), self._progress)
            discard(sorting)
        return Spool(path)

    def _kept(self, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
        options = ipc.IpcWriteOptions(compression="lz4")
        for number, lines in enumerate(tables):
            with whole(self._lines(number)) as part, ipc.new_file(str(part), lines.schema, options=options) as file:
                file.write_table(lines)
            yield lines

    def _budget(self) -> int:
        """Bytes of the state of one pass: as many are held as there are processors."""
        return max(0, (self._work.memory_mb << 20) // _processors() - _OVERHEAD_BYTES)

    def _carry_on(self) -> None:
        done, lock = [0.0] * len(self._runs), Lock()

        def told(number: int) -> Progress:
            def tell(what: str, share: float) -> None:
                with lock:
                    done[number] = share
                    if self._progress:
                        self._progress(what, sum(done) / len(done))

            return tell

        with ThreadPoolExecutor(_processors()) as pool:
            every = self._work.checkpoint_every
            futures = [pool.submit(run.carry_on, every, told(number)) for number, run in enumerate(self._runs)]
            for future in futures:
                future.result()


def _processors() -> int:
    return min(2, os.cpu_count() or 1)
