"""Test of the long run on Spark, where it is installed (with Java): it is no requirement of ours."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from features.record import Record
from serving.history.run import score_history
from tests.serving.history.made import INTERRUPTED, TODAY, files, past
from tests.serving.made import model, world

pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Spark on this machine, two workers, whose Python is this one."""
    root = str(Path(__file__).parents[3])
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    builder = pyspark.sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    started = builder.config("spark.sql.shuffle.partitions", "3").getOrCreate()
    yield started
    started.stop()


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_writes_the_same_scores(session: Any, sqlite_url: str, tmp_path: Path) -> None:
    """In the same order, with blocks that hold a few orders and parts that hold a few entities."""
    from examples.spark import scorer_on  # noqa: PLC0415 - needs PySpark

    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    with Record.open(world(sqlite_url, tmp_path / "home").record_url) as record:
        asked = files(tmp_path / "in", past(record))
        score_history(record, model(), asked, here, INTERRUPTED, now=TODAY)
        scorer = scorer_on(session, positions=25, parts=3)
        score_history(record, model(), asked, there, INTERRUPTED, now=TODAY, scorer=scorer)
    assert pq.read_table(there).equals(pq.read_table(here))
