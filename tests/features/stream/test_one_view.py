"""One view, its entities all at once or in parts, by entity or in the order of time: the same bits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.stream.one_view import OneView
from features.stream.source import Source, chunks
from features.stream.spool import Spool, spooled
from features.translation import Translation, ids_spoken_of
from features.vector import feature_table
from tests.features.facts.made import market
from tests.features.stream.test_driver import in_time
from tests.features.test_vector import bits
from tests.features.worlds import book

WHOLE = catalogue()
NUMBERS = {view.entity: number for number, view in enumerate(WHOLE.views)}


@pytest.fixture(scope="module")
def trade() -> Book:
    """Lines, findings, revisions and cancellations."""
    return book(*market(seed=8, events=400))


@pytest.fixture(scope="module")
def spool(trade: Book, tmp_path_factory: pytest.TempPathFactory) -> Spool:
    """The trade in chunks of some six lines, more of them than are looked at together."""
    folder: Path = tmp_path_factory.mktemp("spooled")
    source = Source([], trade.lines, folder, 256)
    translation = Translation(WHOLE, replace(trade, lines=SCHEMA.empty_table()))
    spoken_of = source.spoken_of(ids_spoken_of(trade))
    made = spooled(chunks(source.in_time(), 6), spoken_of, translation, ("order_id",), folder / "spool")
    assert made.chunks > 16
    return made


def computed(spool: Spool, number: int, folder: Path, budget: int) -> tuple[OneView, NDArray[np.float64]]:
    """A view, and its values for all lines in the order of time, in the columns of all views."""
    view = OneView(spool, WHOLE, number, folder, budget)
    view.compute()
    out = np.zeros((spool.starts[-1], len(WHOLE.names) - len(WHOLE.lines)))
    for chunk in range(spool.chunks):
        reading, lines = view.reading(chunk), out[spool.starts[chunk] : spool.starts[chunk + 1]]
        reading.put(lines[:2])
        reading.put(lines[2:])
    return view, out


@pytest.mark.parametrize("entity", ["reseller_category", "end_user", "category"])
@pytest.mark.parametrize("budget", [1 << 30, 40_000, 3_000, 0])
def test_any_budget_gives_the_bits_of_a_batch(
    trade: Book, spool: Spool, tmp_path: Path, entity: str, budget: int
) -> None:
    """All entities at once; parts that fit; entities that alone are too large; and nothing that fits."""
    number = NUMBERS[entity]
    names = [name for name, feature in zip(WHOLE.names, WHOLE.features, strict=True) if feature in
             WHOLE.views[number].expand()]  # fmt: skip
    view, out = computed(spool, number, tmp_path / "view", budget)
    columns = [WHOLE.column[name] for name in names]
    expected = in_time(feature_table(trade, WHOLE))[:, columns]
    assert bits(out[:, np.array(columns) - len(WHOLE.lines)]) == bits(expected)
    assert (view.parts > 1) == (budget < 1 << 30)


def test_a_part_that_is_whole_is_not_computed_again(spool: Spool, tmp_path: Path) -> None:
    """And one that is not there is."""
    view, before = computed(spool, NUMBERS["category"], tmp_path / "view", 0)
    marks = sorted((tmp_path / "view").glob("part-*"))
    written = [mark.stat().st_mtime_ns for mark in marks]
    marks[0].unlink()
    _, after = computed(spool, NUMBERS["category"], tmp_path / "view", 0)
    assert bits(after) == bits(before)
    assert [mark.stat().st_mtime_ns for mark in marks[1:]] == written[1:]
    assert marks[0].exists()
    assert len(marks) == view.parts
