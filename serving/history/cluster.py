"""The long run on a Dask cluster: the same kernel by partition, the same rows. ``pip install '.[dask]'`` brings Dask.

The lines are sorted and cut into blocks here and sent to the workers, a block at a time. They compute the features of
parts of each view's entities (`features.dask_driver`) and score the blocks; the scores come back as they are ready.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
from dask import delayed
from distributed import Client, as_completed

from features.dask_driver import feature_blocks
from features.facts.lines import SCHEMA
from features.stream.checkpoint import discard
from features.stream.source import Source, chunks
from features.windows.steps import Progress
from serving.history.kept import keep
from serving.history.run import Part, score_lines, scores_path

PARTS_PER_WORKER = 2


def scorer_on(scheduler: str) -> Callable[[Part, Progress | None], None]:
    """What scores a part on the cluster of a scheduler (``tcp://host:8786``)."""

    def score(part: Part, progress: Progress | None = None) -> None:
        if not (part.folder / "done").exists():
            part.folder.mkdir(parents=True, exist_ok=True)
            with Client(scheduler) as client:
                _on(client, part, progress)
            (part.folder / "done").touch()

    return score


def _on(client: Client, part: Part, progress: Progress | None) -> None:
    """Every block is computed; those whose scores are on disk already are not asked for."""
    sorting = part.folder / "duckdb"
    discard(sorting)
    sorting.mkdir()
    source = Source(part.files, part.book.lines, sorting, part.options.memory_mb // 2, shift=part.shift)
    blocks = []
    for lines in chunks(source.in_time(), part.options.chunk_lines):
        blocks.append(delayed(client.scatter(lines, hash=False)))
        if progress:
            progress(f"sending, {len(blocks):,} blocks", 0.0)
    discard(sorting)
    others = replace(part.book, lines=SCHEMA.empty_table())
    parts = max(1, PARTS_PER_WORKER * len(client.nthreads()))
    tables = feature_blocks(blocks, others, part.asked.model.features, parts)
    small = client.scatter(replace(part, book=others), broadcast=True, hash=False)
    missing = [number for number in range(len(tables)) if not scores_path(part, number).exists()]
    futures = {client.compute(delayed(_scored)(tables[number], small)): number for number in missing}
    for done, future in enumerate(as_completed(list(futures)), start=1):
        keep(scores_path(part, futures[future]), [future.result()])
        future.release()
        if progress:
            progress("scoring", done / len(futures))


def _scored(block: pa.Table, part: Part) -> pa.Table:
    """On a worker: the scores of a block of lines with their features."""
    names = part.asked.model.features.names
    values = np.column_stack([block[name].to_numpy() for name in names])
    return score_lines(part, block.select(SCHEMA.names), values)
