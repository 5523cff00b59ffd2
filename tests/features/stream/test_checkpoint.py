"""What is on disk is whole or not there."""

from pathlib import Path

import pytest

from features.stream.checkpoint import numbered, whole


def test_what_breaks_off_leaves_the_old(tmp_path: Path) -> None:
    """Nothing half-written is taken for the whole."""
    (tmp_path / "a-1").write_text("old")
    with pytest.raises(TypeError), whole(tmp_path / "a-1") as part:
        part.write_bytes(b"ne") and part.write_text(b"w")  # type: ignore[arg-type]
    assert (tmp_path / "a-1").read_text() == "old"
    assert numbered(tmp_path, "a") == [(1, tmp_path / "a-1")]
