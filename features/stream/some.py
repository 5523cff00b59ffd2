"""The vectors of some lines of a past that is large: all its lines are read and counted, a few are kept."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.book import Book
from features.stream.vectors import Vectors, Work
from features.vector import FeatureTable
from features.windows.feature_set import FeatureSet
from features.windows.steps import Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEMORY_MB = 800


def some_vectors(
    book: Book,
    features: FeatureSet,
    wanted: NDArray[np.bool_],
    folder: Path,
    *,
    memory_mb: int = MEMORY_MB,
    progress: Progress | None = None,
) -> FeatureTable:
    """What `feature_table` gives for the lines `wanted` (n_lines,), the same bits, by way of the disk.

    The lines of one revision of an order are wanted together. Beside the book and what is kept about `memory_mb` are
    used; `folder` takes, for a while, 8 bytes for each column of every line. Raises `ValueError` where a part of an
    order is wanted.
    """
    position = np.asarray(book.lines["position"].to_numpy(), np.int64)
    asked = position[wanted]
    if np.isin(position, asked).sum() != asked.size:
        raise ValueError("wanted: names some lines of an order and leaves out others; want all or none")
    kept = book.lines.filter(pa.array(wanted))
    place = np.lexsort((kept["line_no"].to_numpy(), asked))
    ascending, positions = asked[place], np.unique(asked)
    values: Floats = np.empty((asked.size, len(features.names)))
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="vectors-") as scratch:
        vectors = Vectors(Work((), book, features, memory_mb, kept=("position",)), Path(scratch), progress)
        for number in range(vectors.chunks):
            lines, found = vectors.chunk(number)
            here = np.asarray(lines["position"].to_numpy(), np.int64)
            rows = np.flatnonzero(np.isin(here, positions))
            values[place[_ranks(ascending, here[rows])]] = found[rows]
    return FeatureTable(features, values, kept)


def _ranks(ascending: Ints, position: Ints) -> Ints:
    """The place among the `ascending` positions of each line, those of an order standing together in both."""
    if not position.size:
        return np.empty(0, np.int64)
    begins = np.append(True, position[1:] != position[:-1])
    first = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    ranks: Ints = np.searchsorted(ascending, position) + np.arange(position.size) - first
    return ranks
