"""How the entities of a view are dealt into parts."""

from pathlib import Path

import numpy as np
import pytest

from features.catalog.all import catalogue
from features.facts.lines import SCHEMA
from features.stream.dealing import MOST_PARTS, NOWHERE, dealt, part_of, parts_for
from features.stream.source import chunks
from features.stream.spool import Spool, spooled
from features.translation import Translation
from features.windows.columns import NULL, columns
from tests.features.facts.made import market
from tests.features.worlds import book

SKU = columns().index("sku")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """A made trade in chunks of some twenty lines."""
    held = book(*market(seed=2, events=300))
    tables = chunks(iter([held.lines]), 20)
    return spooled(tables, SCHEMA.empty_table(), Translation(catalogue(), held), ("order_id",), tmp_path / "spool")


@pytest.mark.parametrize(
    ("lines", "most", "parts"), [(0, 10, 1), (5, 10, 1), (6, 10, 2), (100, 10, 32), (10**9, 1, MOST_PARTS)]
)
def test_parts_of_average_size_are_at_most_half_of_what_fits(lines: int, most: int, parts: int) -> None:
    """A power of two of them."""
    assert parts_for(lines, most) == parts


def test_equal_keys_are_in_one_part_and_missing_ones_nowhere() -> None:
    """Whatever else the key has."""
    first, second = np.array([1, 2, 1, NULL, 3]), np.array([5, 5, 5, 5, NULL])
    found = part_of([first, second], 8)
    assert found[0] == found[2] < 8
    assert found[3] == found[4] == NOWHERE
    assert np.unique(part_of([np.arange(1000)], 8)).size == 8


def test_every_line_is_dealt_once(spool: Spool, tmp_path: Path) -> None:
    """In the order of time within its part, and each chunk's lines stand where they are looked for."""
    deal = dealt(spool, [SKU], 4, tmp_path / "parts")
    places = [spot for part in range(4) for start, _, which in deal.stretches(part, 0, spool.chunks)
              for spot in which + spool.starts[start]]  # fmt: skip
    assert sorted(places) == list(range(spool.starts[-1]))
    assert deal.counts.sum() == spool.starts[-1]
    parts, starts = deal.among(0, spool.chunks), spool.starts
    for chunk, part in np.ndindex(deal.counts.shape):
        place, count = deal.places[chunk, part], deal.counts[chunk, part]
        mine = np.array(places[place : place + count], np.int64)
        assert ((mine >= starts[chunk]) & (mine < starts[chunk + 1]) & (parts[mine] == part)).all()


def test_what_was_dealt_is_taken_as_it_is(spool: Spool, tmp_path: Path) -> None:
    """Nothing is dealt again, where a run goes on."""
    first = dealt(spool, [SKU], 4, tmp_path / "parts")
    written = first.file.stat().st_mtime_ns
    assert np.array_equal(dealt(spool, [SKU], 4, tmp_path / "parts").counts, first.counts)
    assert first.file.stat().st_mtime_ns == written
