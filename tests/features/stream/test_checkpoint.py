"""What is on disk is whole or not there."""

from pathlib import Path

import numpy as np
import pytest

from features.stream.checkpoint import numbered, restore, save, whole
from features.vector import Vectorizer
from tests.features.facts.made import market
from tests.features.stream.test_driver import WHOLE
from tests.features.worlds import book


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    """All that is in use of it, with its room to grow."""
    vectorizer = Vectorizer(WHOLE, "USD")
    vectorizer.load(book(*market(seed=1)))
    save(vectorizer.state, tmp_path / "state-7")
    restored = restore(tmp_path / "state-7")
    before, after = vectorizer.state._asdict(), restored._asdict()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert restored.arena.flags.owndata  # it grows in place
    assert numbered(tmp_path, "state") == [(7, tmp_path / "state-7")]


def test_what_breaks_off_leaves_the_old(tmp_path: Path) -> None:
    """Nothing half-written is taken for the whole."""
    (tmp_path / "a-1").write_text("old")
    with pytest.raises(TypeError), whole(tmp_path / "a-1") as part:
        part.write_bytes(b"ne") and part.write_text(b"w")  # type: ignore[arg-type]
    assert (tmp_path / "a-1").read_text() == "old"
    assert numbered(tmp_path, "a") == [(1, tmp_path / "a-1")]
