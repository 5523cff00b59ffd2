"""Features on a Dask cluster: ``pip install '.[dask]'``. The functions are those of `features.partition`.

The shuffle is our own, by tasks: each block of lines is split by the hash of a view's key, and the pieces of one part
meet in the task that computes it. Dask's own shuffle works on pandas frames, and would change types on the way. No task
holds everything: the largest holds one part of the entities of one view, or one block of lines; only the lines that a
finding, a cancellation or a revision speaks of come together in one place, and they are few. One entity cannot be
split: the busiest one's events must fit into one worker. There are ``views x (blocks + parts + blocks x parts)`` small
messages, so take blocks of a million lines rather than of a thousand.
"""

from collections.abc import Sequence
from dataclasses import replace

from dask import delayed
from dask.delayed import Delayed

from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.partition import assembled, dealt, few, line_events, rare_events, revised, single, split
from features.windows.feature_set import FeatureSet
from features.windows.plan import compile_plan


def feature_blocks(blocks: Sequence[Delayed], others: Book, features: FeatureSet, parts: int) -> list[Delayed]:
    """The blocks of lines with their features, each a delayed arrow table that nothing has computed yet.

    `blocks` are delayed arrow tables with the columns of `Record.lines`, each of whole orders (all lines of a position)
    that stand together, for instance ``delayed(pq.read_table)(file)``; in any order of time. `others` holds what else
    happened; its lines are not looked at. `parts` is into how many the entities of each view are split. The values
    equal those of `features.vector.feature_table`, bit for bit.

    >>> tables = dask.compute(*feature_blocks(blocks, others, features, parts=8))  # doctest: +SKIP
    """
    shared = delayed(replace(others, lines=SCHEMA.empty_table()), pure=True)
    definitions = delayed(features, pure=True, traverse=False)
    again = [delayed(revised)(block) for block in blocks]
    spoken_of = [delayed(few)(block, shared, again) for block in blocks]
    rare, first = delayed(rare_events, nout=2)(spoken_of, definitions, shared)
    events = [delayed(line_events)(block, definitions, shared, first) for block in blocks]
    horizon = compile_plan(features).horizon
    computed: list[list[Delayed]] = [[] for _ in blocks]
    for one in single(features):
        key = one.views[0].key
        pieces = [delayed(split, nout=parts)(each, key, parts) for each in events]
        rare_pieces = delayed(split, nout=parts)(rare, key, parts)
        for part in range(parts):
            tables = delayed(dealt, nout=len(blocks))(
                [piece[part] for piece in pieces], rare_pieces[part], one, horizon
            )
            for number in range(len(blocks)):
                computed[number].append(tables[number])
    return [
        delayed(assembled)(block, definitions, shared, tables) for block, tables in zip(blocks, computed, strict=True)
    ]
