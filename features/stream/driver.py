"""From files larger than memory to files of vectors, the same values as anywhere else, bit for bit.

`features.stream.vectors` computes them; here they are written, a file a chunk. What was interrupted, by whatever means,
goes on when it is started again, and ends in the same bytes.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc

from features.facts.book import Book
from features.measures import Refused
from features.stream.checkpoint import discard, numbered, whole, write_json
from features.stream.vectors import CHUNK_LINES, Vectors, Work
from features.trade import digest
from features.windows.entities import NUMBER_SHIFT
from features.windows.feature_set import FeatureSet
from features.windows.kernel import VERSION
from features.windows.steps import Progress

IDS = ("order_id", "line_id", "t", "position")
"""Columns that stand before the features in what is written."""


def stream(
    files: Sequence[Path],
    others: Book,
    features: FeatureSet,
    folder: Path,
    *,
    memory_mb: int = 800,
    chunk_lines: int = CHUNK_LINES,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the vectors of all lines in `files` and in ``others.lines`` into `folder`; returns the files written.

    `files` are Parquet or CSV with the columns of `Record.lines`, in any order. `others` holds what else happened;
    of its statuses only cancellations matter. Files of vectors are Parquet, ``lines-00000.parquet`` and so on, in the
    order of t, position and line number, with `order_id`, `line_id`, `t`, `position` and one column a feature, NaN
    where a value is missing. About `memory_mb` are used beyond what the libraries take, and on disk for a while 8 bytes
    for each column of a line. Started again with the same arguments, it goes on where it was. Raises `Refused` where
    the folder holds something else, or a file lacks a column or a needed value.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _same_run(folder, _inputs(files, others, features, memory_mb, chunk_lines))
    if not (folder / "done").exists():
        work = Work(files, others, features, memory_mb, chunk_lines, kept=IDS)
        _write(Vectors(work, folder / "work", progress), features, folder, progress)
        (folder / "done").touch()
    discard(folder / "work")
    return [path for _, path in numbered(folder, "lines")]


def _write(vectors: Vectors, features: FeatureSet, folder: Path, progress: Progress | None) -> None:
    for number in range(vectors.chunks):
        path = folder / f"lines-{number:05d}.parquet"
        if path.exists():
            continue
        ids, values = vectors.chunk(number)
        columns = dict(zip(ids.column_names, ids.columns, strict=True))
        columns |= dict(zip(features.names, map(pa.array, np.asfortranarray(values).T), strict=True))
        with whole(path) as part:
            pq.write_table(pa.table(columns), part, compression="zstd", compression_level=1, use_dictionary=["line_id"])
        if progress:
            progress("writing", (number + 1) / vectors.chunks)


def _inputs(
    files: Sequence[Path], others: Book, features: FeatureSet, memory_mb: int, chunk_lines: int
) -> dict[str, Any]:
    """What the result and the way to it depend on."""
    kinds = (others.resellers, others.products, others.findings, others.statuses, others.evidence)
    said = hashlib.sha256(others.currency.encode())
    for entry in (entry for entries in kinds for entry in entries):
        said.update(f"{entry.position} {entry.known_at} {digest(entry.event)}".encode())
    held = pa.BufferOutputStream()
    with ipc.new_stream(held, others.lines.schema) as written:
        written.write_table(others.lines)
    said.update(held.getvalue())
    return {
        "files": [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files],
        "others": said.hexdigest(),
        "features": features.fingerprint,
        "kernel": VERSION,
        "layout": NUMBER_SHIFT,
        "memory_mb": memory_mb,
        "chunk_lines": chunk_lines,
    }


def _same_run(folder: Path, inputs: dict[str, Any]) -> None:
    """Refuse a folder in which another run left something."""
    path = folder / "inputs.json"
    before = json.loads(path.read_text()) if path.exists() else None
    if before is None and any(folder.iterdir()):
        raise Refused("folder", str(folder), "is not empty", "give a new folder")
    if before is not None and before != inputs:
        changed = ", ".join(name for name, value in inputs.items() if before.get(name) != value)
        raise Refused("folder", str(folder), f"belongs to a run with other {changed}", "give a new folder")
    write_json(path, inputs)
