"""The measurement of the stream driver, in small."""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import sales

ROOT = Path(__file__).parents[2]


def test_a_small_run_writes_its_figures(tmp_path: Path) -> None:
    """Both drivers computed all lines, and each said how fast."""
    command = [sys.executable, "-m", "benchmarks.stream", "--rows", "3000"]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "DIVERSION_HOME": str(tmp_path)})
    figures = json.loads((tmp_path / "benchmarks" / "stream-3000.json").read_text())
    assert figures["stream"]["lines"] == figures["batch"]["lines"] >= 3000
    assert figures["batch"]["state bytes per live line"] > 0
    assert set(figures["stream"]["phases"]) == {"sorting and encoding", "computing features", "writing"}


def test_the_same_seed_makes_the_same_trade(tmp_path: Path) -> None:
    """With orders revised, cancelled and judged."""
    for name in ("a", "b"):
        sales.make(tmp_path / name, 5000, seed=3)
    first, second = (sales.others(tmp_path / name) for name in ("a", "b"))
    assert first == second
    assert first.statuses
    assert first.findings
    assert (tmp_path / "a" / "lines-0.parquet").read_bytes() == (tmp_path / "b" / "lines-0.parquet").read_bytes()
