"""Tests of the long run on a Dask cluster."""

from pathlib import Path

import pytest
from distributed import LocalCluster

from features.record import Record
from serving.history.cluster import scorer_on
from serving.history.run import score_history
from tests.serving.history.made import INTERRUPTED, TODAY, files, past
from tests.serving.made import model, world


@pytest.mark.filterwarnings("ignore::UserWarning:distributed")
def test_a_cluster_writes_the_same_bytes(sqlite_url: str, tmp_path: Path) -> None:
    """By the same kernel, on two workers."""
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    with Record.open(world(sqlite_url, tmp_path / "home").record_url) as record:
        asked = files(tmp_path / "in", past(record))
        score_history(record, model(), asked, here, INTERRUPTED, now=TODAY)
        with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
            scorer = scorer_on(cluster.scheduler_address)
            score_history(record, model(), asked, there, INTERRUPTED, now=TODAY, scorer=scorer)
    assert there.read_bytes() == here.read_bytes()
