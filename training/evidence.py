"""Which lines were judged by the same notices: they teach or they judge together, never one the other."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from features.evidence import FROM_NOTICE

Groups = NDArray[np.int64]
ALONE = -1
"""The group of a line that no notice speaks of."""


def evidence_groups(lines: pa.Table, findings: pa.Table, as_of: int) -> Groups:
    """A number (n_lines,) for each set of orders that notices tie together, `ALONE` for all others.

    A finding known before `as_of` whose source is a notice ties its order to all other orders of that notice, whatever
    it says and whether or not it still stands; an order of two notices ties these together.
    """
    said = findings.select(["order_id", "source", "known_at"]).to_pandas()
    said = said[(said["known_at"] < as_of) & said["order_id"].notna()]
    said = said[said["source"].fillna("").str.startswith(FROM_NOTICE)]
    group = np.full(lines.num_rows, ALONE, np.int64)
    if said.empty:
        return group
    order, orders = pd.factorize(said["order_id"])
    notice, notices = pd.factorize(said["source"])
    size = len(orders) + len(notices)
    ties = coo_array((np.ones(len(said)), (order, len(orders) + notice)), shape=(size, size))
    _, component = connected_components(ties, directed=False)
    at = pd.Index(orders).get_indexer(lines.column("order_id").to_pandas())
    group[at >= 0] = component[at[at >= 0]]
    return group
