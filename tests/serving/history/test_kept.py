"""Scores on disk between scoring and the end of a run."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from serving.history import kept
from serving.history.kept import columns_of, keep, rows_of
from serving.history.scored import PART
from serving.rows import SCHEMA


def rows(count: int) -> pa.Table:
    """Made-up scores that tell their place."""
    held = {name: [None] * count for name in PART.names} | {"revision": list(range(count))}
    return pa.Table.from_pydict(held, schema=PART)


def test_rows_come_back_in_their_order_some_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However they were handed over; with the columns of a file of scores."""
    monkeypatch.setattr(kept, "GROUP_ROWS", 4)
    held = rows(10)
    keep(tmp_path / "scores.arrow", [held.slice(0, 3), held.slice(3)])
    found = list(rows_of(tmp_path / "scores.arrow"))
    assert [table.num_rows for table in found] == [4, 4, 2]
    assert pa.concat_tables(found).equals(held.select(SCHEMA.names))
    assert columns_of(tmp_path / "scores.arrow", ["score", "revision"]).equals(held.select(["score", "revision"]))


def test_what_is_broken_off_leaves_no_scores(tmp_path: Path) -> None:
    """They stand there when all of them do."""

    def broken() -> Iterator[pa.Table]:
        yield rows(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(tmp_path / "scores.arrow", broken())
    assert not (tmp_path / "scores.arrow").exists()
