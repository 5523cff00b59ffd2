"""Which lines of a large past teach: all that a finding names, and of the other orders as many as are worth computing.

A finding says much of an order, the lack of one next to nothing: of a million orders without a finding a few hundred
thousand say the same. An order's draw hangs on its identifier alone, so that the next training draws it again.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts.book import Book
from features.stream.some import some_vectors
from features.vector import FeatureTable, feature_table
from features.windows.feature_set import FeatureSet
from features.windows.steps import Progress

Bools = NDArray[np.bool_]

MOST_ORDERS = 200_000
"""Orders without a finding that are computed, about. Their scores also set the threshold: the newest 30,000 of them do,
and at 2 % waiting 600 lie above it, which fixes the share that waits to some 8 % of itself. Our choice."""

IN_MEMORY = 1_000_000
"""Lines from which on vectors are computed by way of the disk. Our choice."""

SCRATCH = "scratch"
"""The folder under the home folder that takes, for a while, what does not fit into memory."""


@dataclass(frozen=True)
class Sample:
    """Lines that teach, or set the threshold.

    `named` (n_lines,) are those of orders that a finding names, `drawn` (n_lines,) those of orders drawn whatever is
    known of them, a fair sample; `share` is the part of the orders that was drawn.
    """

    named: Bools
    drawn: Bools
    share: float

    @property
    def lines(self) -> Bools:
        """All of them (n_lines,)."""
        return self.named | self.drawn


def sample(lines: pa.Table, findings: pa.Table, until: int, most_orders: int = MOST_ORDERS) -> Sample:
    """The sample of the lines before `until` (microseconds UTC), by the findings known by then."""
    before = np.asarray(lines["t"].to_numpy(), np.int64) < until
    orders = pc.count_distinct(lines["order_id"].filter(pa.array(before))).as_py()
    share = min(1.0, most_orders / max(orders, 1))
    named, drawn = marked(lines, findings, until, share)
    return Sample(named & before, drawn & before, share)


def marked(lines: pa.Table, findings: pa.Table, until: int, share: float) -> tuple[Bools, Bools]:
    """Lines (n_lines,) of orders that a finding known before `until` names, and those among the drawn `share`."""
    orders = lines["order_id"].combine_chunks().dictionary_encode()
    ids, which = np.asarray(orders.dictionary.to_pandas(), object), np.asarray(orders.indices, np.int64)
    known = findings.filter(pc.less(findings["known_at"], until))["order_id"]
    named = np.asarray(pc.is_in(orders.dictionary, known.combine_chunks().drop_null()), np.bool_)
    return named[which], (_draws(ids) < share)[which]


def vectors(
    book: Book,
    features: FeatureSet,
    wanted: Bools,
    home: Path,
    *,
    progress: Progress | None = None,
) -> FeatureTable:
    """The vectors of the lines `wanted` (n_lines,), whole orders, in memory that hangs on these lines, not on the past.

    A large past goes by way of the scratch folder under `home`, which is left empty.
    """
    if book.lines.num_rows <= IN_MEMORY:
        return feature_table(book, features, wanted=wanted, progress=progress)
    return some_vectors(book, features, wanted, home / SCRATCH, progress=progress)


def _draws(order_ids: NDArray[np.object_]) -> NDArray[np.float64]:
    """A number in [0, 1) for each order, fixed by its identifier."""
    hashed: NDArray[np.float64] = pd.util.hash_array(order_ids, categorize=False) / 2.0**64
    return hashed
