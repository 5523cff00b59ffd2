"""Some lines of a large past: the bits of the batch, in the order of the book."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog.all import catalogue
from features.facts.book import Book
from features.stream.some import some_vectors
from features.vector import feature_table
from tests.factory import T0, line, order
from tests.features.facts.made import market
from tests.features.test_vector import bits
from tests.features.windows.worlds import SHORT, histories
from tests.features.windows.worlds import book as book_of
from tests.features.worlds import book

WHOLE = catalogue(("port",))


def whole_orders(held: Book, share: float, seed: int) -> np.ndarray:
    """A mask of lines that draws positions, never a part of one."""
    position = held.lines["position"].to_numpy()
    drawn = np.random.default_rng(seed).random(int(position.max(initial=0)) + 1) < share
    mask: np.ndarray = drawn[position]
    return mask


@pytest.mark.parametrize("seed", range(2))
def test_some_vectors_are_those_of_the_batch(tmp_path: Path, seed: int) -> None:
    """Every feature of the catalogue; lines and values in the order of the book."""
    held = book(*market(seed, events=300))
    wanted = whole_orders(held, 0.3, seed)
    some, batch = some_vectors(held, WHOLE, wanted, tmp_path), feature_table(held, WHOLE, wanted=wanted)
    assert some.lines.equals(batch.lines)
    assert bits(some.values) == bits(batch.values)
    assert not [*tmp_path.iterdir()]


@settings(max_examples=15)
@given(histories(), st.floats(0.0, 1.0), st.integers(0, 9))
def test_any_history_gives_the_bits_of_the_batch(history, share, seed) -> None:  # type: ignore[no-untyped-def]
    """Late events, ties and revisions among them."""
    held = book_of(history)
    wanted = whole_orders(held, share, seed)
    with TemporaryDirectory() as folder:
        some = some_vectors(held, SHORT, wanted, Path(folder))
    assert bits(some.values) == bits(feature_table(held, SHORT, wanted=wanted).values)


def test_a_part_of_an_order_is_refused(tmp_path: Path) -> None:
    """Its lines have one moment; nobody needs half of them."""
    held = book(order("a", at=T0, lines=(line("1"), line("2"))))
    with pytest.raises(ValueError, match="some lines of an order"):
        some_vectors(held, WHOLE, pa.array([True, False]).to_numpy(zero_copy_only=False), tmp_path)
