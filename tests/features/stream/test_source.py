"""Chunks of lines end where orders end."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.stream.source import Source, chunks
from tests.factory import T0, line, order
from tests.features.facts.made import market
from tests.features.worlds import book


def test_no_order_is_cut() -> None:
    """Chunks are at least as long as asked, and are all of the lines in their order."""
    orders = [order(f"o{n}", at=T0 + n, lines=tuple(line(str(k)) for k in range(1 + n % 3))) for n in range(20)]
    lines = book(*orders).lines
    pieces = [lines.slice(start, 7) for start in range(0, lines.num_rows, 7)]
    made = list(chunks(iter(pieces), 4))
    found = [set(chunk["position"].to_pylist()) for chunk in made]
    assert [row for chunk in made for row in chunk.to_pylist()] == lines.to_pylist()
    assert sum(map(len, found)) == 20
    assert all(chunk.num_rows >= 4 for chunk in made[:-1])


@pytest.mark.parametrize("span", [1, 7, 1000])
def test_lines_come_in_the_order_of_time(span: int, tmp_path: Path) -> None:
    """However few are sorted together; nothing is left on disk."""
    lines = book(*market(seed=8)).lines
    shuffled = lines.take(pa.array(np.random.default_rng(0).permutation(lines.num_rows)))
    found = pa.concat_tables(Source([], shuffled, tmp_path, 100, span=span).in_time())
    expected = lines.sort_by([("t", "ascending"), ("position", "ascending"), ("line_no", "ascending")])
    assert found.combine_chunks().equals(expected.combine_chunks())
    assert [*tmp_path.iterdir()] == []


def test_more_lines_of_one_moment_than_are_sorted_in_memory_come_in_order(tmp_path: Path) -> None:
    """By position and line number then."""
    lines = book(*(order(f"o{n}", lines=(line("0"), line("1"))) for n in range(9))).lines
    shuffled = lines.take(pa.array(np.random.default_rng(0).permutation(lines.num_rows)))
    found = pa.concat_tables(Source([], shuffled, tmp_path, 100, span=1).in_time())
    assert found.combine_chunks().equals(lines.combine_chunks())


def test_positions_of_files_are_shifted(tmp_path: Path) -> None:
    """Behind those of the lines in memory, which stay."""
    held = book(order("a"), order("b", at=T0 + 9)).lines
    pq.write_table(held.slice(1), tmp_path / "b.parquet")
    found = Source([tmp_path / "b.parquet"], held.slice(0, 1), tmp_path, 100, shift=7).in_time()
    assert pa.concat_tables(found)["position"].to_pylist() == [1, 9]
