"""The costs of training: every step is measured and told."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import training


def test_a_size_is_measured_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines, what was computed of them, seconds of each step and memory."""
    monkeypatch.setenv("DIVERSION_HOME", str(tmp_path))
    found = training.measure(2_000)
    assert found["lines"] >= found["computed"] > 1_000
    assert all(found[step]["cpu"] > 0.0 for step in ("vectors", "set", "fit"))
    console = Console(width=120, record=True, file=StringIO())
    training.show([found], console)
    assert f"{found['lines']:,}" in console.export_text()
