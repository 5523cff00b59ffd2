"""The stream driver against the batch: the same bits, whatever the files, the memory and the interruptions."""

import hashlib
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyarrow import csv

from features.catalog.all import catalogue
from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.measures import Refused
from features.stream.driver import stream
from features.vector import FeatureTable, feature_table
from tests.factory import T0, finding, order
from tests.features.facts.made import market
from tests.features.test_vector import bits
from tests.features.windows.worlds import LONG, SHORT, histories
from tests.features.windows.worlds import book as book_of
from tests.features.worlds import book, of

WHOLE = catalogue(("port",))
ROOT = Path(__file__).parents[3]


def in_time(table: FeatureTable) -> NDArray[np.float64]:
    """The batch's values in the stream's order."""
    lines = table.lines
    order_ = np.lexsort([lines[name].to_numpy() for name in ("line_no", "position", "t")])
    return table.values[order_]


def read(files: list[Path], names: tuple[str, ...]) -> NDArray[np.float64]:
    """What was written, as one matrix."""
    whole = pa.concat_tables([pq.read_table(file) for file in files])
    return np.column_stack([whole[name].to_numpy() for name in names])


@pytest.mark.parametrize("seed", range(3))
def test_a_stream_gives_the_bits_of_a_batch(tmp_path: Path, seed: int) -> None:
    """Every feature of the catalogue, in many chunks, with findings, revisions and cancellations."""
    held = book(*market(seed, events=300))
    written = stream([], held, WHOLE, tmp_path / "out", chunk_lines=20)
    assert len(written) > 5
    assert bits(read(written, WHOLE.names)) == bits(in_time(feature_table(held, WHOLE)))


@settings(max_examples=20, deadline=None)
@given(histories(), st.integers(1, 9), st.sampled_from([SHORT, LONG]))
def test_any_history_gives_the_bits_of_a_batch(history, chunk_lines, features) -> None:  # type: ignore[no-untyped-def]
    """Every statistic, in chunks as small as an order."""
    held = book_of(history)
    with TemporaryDirectory() as folder:
        written = stream([], held, features, Path(folder) / "out", chunk_lines=chunk_lines)
        assert bits(read(written, features.names)) == bits(in_time(feature_table(held, features)))


def test_too_little_memory_splits_views_by_entity(tmp_path: Path) -> None:
    """More passes, the same bits: each view in as many parts as there may be."""
    held, features = book(*market(seed=4)), replace(WHOLE, views=(WHOLE.views[0], WHOLE.views[3]), quotients=())
    written = stream([], held, features, tmp_path / "out", chunk_lines=40, memory_mb=100)
    assert bits(read(written, features.names)) == bits(in_time(feature_table(held, features)))


def test_what_was_found_before_the_first_line_counts(tmp_path: Path) -> None:
    """A finding on a reseller that had sold nothing yet."""
    held = book(finding(reseller_id="r1", at=T0 - 9), order("a"), order("b", at=T0 + 9))
    written = stream([], held, WHOLE, tmp_path / "out", chunk_lines=1)
    values = read(written, WHOLE.names)
    assert bits(values) == bits(in_time(feature_table(held, WHOLE)))
    assert bits(values) != bits(in_time(feature_table(book(order("a"), order("b", at=T0 + 9)), WHOLE)))


def test_files_of_both_kinds_in_any_order_give_the_same(tmp_path: Path) -> None:
    """Shuffled rows in Parquet and CSV, an id that reads ``NA`` among them, and lines in memory."""
    held = book(*market(seed=5), order("NA", at=T0 + 10**15, end_user_id="NA"))
    rows = np.random.default_rng(0).permutation(held.lines.num_rows)
    some, more, rest = (held.lines.take(pa.array(part)) for part in np.array_split(rows, 3))
    pq.write_table(some, tmp_path / "a.parquet")
    csv.write_csv(more, tmp_path / "b.csv")
    files = [tmp_path / "a.parquet", tmp_path / "b.csv"]
    written = stream(files, replace(held, lines=rest), WHOLE, tmp_path / "out", chunk_lines=50)
    assert bits(read(written, WHOLE.names)) == bits(in_time(feature_table(held, WHOLE)))


def test_lines_are_named_beside_their_vectors(tmp_path: Path) -> None:
    """By order, line, moment and position."""
    (file,) = stream([], book(order("a"), order("b", at=T0 + 9)), of(*WHOLE.views[0].features), tmp_path / "out")
    ids = pq.read_table(file).select(["order_id", "line_id", "t", "position"]).to_pylist()
    assert ids[1] == {"order_id": "b", "line_id": "1", "t": T0 + 9, "position": 2}


KILLED = """
import os, sys
from pathlib import Path
from features.catalog.all import catalogue
from features.stream.driver import stream
from tests.features.facts.made import market
from tests.features.worlds import book
left = int(sys.argv[2])
def progress(what, share):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)
held = book(*market(6, events=300))
stream([], held, catalogue(("port",)), Path(sys.argv[1]), chunk_lines=40, progress=progress)
"""


def test_a_killed_stream_goes_on_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    """Killed while encoding, in the middle of a pass, and while writing, again and again."""
    held = book(*market(6, events=300))
    expected = stream([], held, WHOLE, tmp_path / "whole", chunk_lines=40)
    killed = 0
    for after in (3, 8, 4, 5, 10_000):
        command = [sys.executable, "-c", KILLED, str(tmp_path / "killed"), str(after)]
        killed += subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    assert killed == 4
    found = sorted((tmp_path / "killed").glob("*.parquet"))
    assert [digest(file) for file in found] == [digest(file) for file in expected]
    assert not (tmp_path / "killed" / "work").exists()


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_finished_stream_is_not_computed_again(tmp_path: Path) -> None:
    """The same files come back."""
    held = book(*market(7))
    first = stream([], held, WHOLE, tmp_path / "out")
    before = [file.stat().st_mtime_ns for file in first]
    time.sleep(0.01)
    assert [file.stat().st_mtime_ns for file in stream([], held, WHOLE, tmp_path / "out")] == before


def test_a_folder_belongs_to_one_run(tmp_path: Path) -> None:
    """Other inputs are refused, and say which."""
    stream([], book(order("a")), WHOLE, tmp_path / "out")
    with pytest.raises(Refused, match="belongs to a run with other others"):
        stream([], book(order("a"), finding(order_id="a")), WHOLE, tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(Refused, match="is not empty"):
        stream([], book(order("a")), WHOLE, tmp_path / "full")


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    """And so is a line without a moment, or a file of another kind."""
    lines = book(order("a")).lines
    pq.write_table(lines.drop_columns("sku"), tmp_path / "a.parquet")
    pq.write_table(lines.set_column(1, "t", pa.nulls(1, pa.int64())), tmp_path / "b.parquet")
    (tmp_path / "c.xls").touch()
    for name, why in (("a.parquet", "has no column 'sku'"), ("b.parquet", "is missing"), ("c.xls", "neither")):
        with pytest.raises(Refused, match=why):
            stream([tmp_path / name], Book.empty("USD"), WHOLE, tmp_path / name.replace(".", "-"))


def test_nothing_gives_no_files(tmp_path: Path) -> None:
    """An empty book is no error."""
    assert stream([], Book.empty("USD"), WHOLE, tmp_path / "out") == []
    assert SCHEMA.names == Book.empty("USD").lines.column_names
