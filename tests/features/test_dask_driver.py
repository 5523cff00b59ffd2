"""The same bits from processes of a cluster."""

import dask
import numpy as np
import pyarrow as pa
import pytest
from dask import delayed
from distributed import Client, LocalCluster

from features.catalog.all import catalogue
from features.dask_driver import feature_blocks
from features.partition import blocks_of
from features.vector import feature_table
from tests.features.facts.made import market
from tests.features.test_vector import bits
from tests.features.worlds import book

WHOLE = catalogue(("port",))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cluster_gives_the_same_bits(workers: int) -> None:
    """Worker processes, blocks of lines, and parts of the entities; every feature of the catalogue."""
    held = book(*market(seed=1, events=200))
    blocks = [delayed(block) for block in blocks_of(held.lines, 3)]
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster):
        tables = dask.compute(*feature_blocks(blocks, held, WHOLE, parts=2))
    whole = pa.concat_tables(tables)
    values = np.column_stack([whole[name].to_numpy() for name in WHOLE.names])
    assert whole["position"].equals(held.lines["position"])
    assert bits(values) == bits(feature_table(held, WHOLE).values)
