"""The rivals compute the same numbers, and a difference does not go unseen."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import rivals
from benchmarks.machine import installed
from features.measures import DAY

ROWS = 20_000
_SPAN = DAY // 2


@pytest.fixture(scope="module")
def ours() -> rivals.Floats:
    """The engine's output on few rows of few resellers, so that many share an instant."""
    return rivals.engine(few())


def few() -> rivals.Data:
    """Few resellers, whole half days."""
    given = rivals.data(ROWS, resellers=50)
    return {**given, "t": given["t"] // _SPAN * _SPAN}


@pytest.mark.parametrize("rival", ["pandas", "polars", "duckdb"])
def test_a_rival_computes_the_same(rival: str, ours: rivals.Floats) -> None:
    """Counts and sums exactly, the rest to 1e-9."""
    if installed(rival) is None:
        pytest.skip(f"{rival} is not installed: only `make bench` needs it")
    assert rivals.differences(ours, rivals.SUBJECTS[rival](few())) == {}


def test_ties_are_there_to_be_excluded() -> None:
    """Else the comparison would not see them."""
    given = few()
    assert len(np.unique(np.stack([given["reseller"], given["t"]]), axis=1).T) < 0.9 * ROWS


def test_a_difference_is_counted(ours: rivals.Floats) -> None:
    """One count by one, one mean by a millionth."""
    other = ours.copy()
    other[7, rivals.names().index("count_7")] += 1
    seen = np.flatnonzero(~np.isnan(ours[:, rivals.names().index("mean_30")]))[-1]
    other[seen, rivals.names().index("mean_30")] *= 1 + 1e-6
    assert rivals.differences(ours, other) == {"count": 1, "mean": 1}


def test_each_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    """With figures of its own, and a ratio to the engine's CPU."""
    found = rivals.compare(1_000, tmp_path)
    assert found["duckdb"]["differ"] == found["pandas"]["differ"] == {}
    assert all(found[name]["cpu"] > 0 for name in ("engine", "pandas", "duckdb"))
    assert found["pandas"]["ratio"] == found["pandas"]["cpu"] / found["engine"]["cpu"]
