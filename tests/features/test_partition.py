"""Parts of the entities, computed apart and put together again, give what one machine gives."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog.all import catalogue
from features.facts.book import Book
from features.partition import line_events, partition, partitioned, split
from features.record import Record
from features.translation import first_positions
from features.vector import feature_table
from tests.factory import T0, finding, order
from tests.features.facts.made import market
from tests.features.test_vector import bits
from tests.features.windows.worlds import LONG, SHORT, histories
from tests.features.windows.worlds import book as book_of
from tests.features.worlds import book, of

WHOLE = catalogue(("port",))


@pytest.mark.parametrize("into", [1, 2, 7])
def test_any_number_of_parts_gives_the_same_bits(into: int) -> None:
    """Every feature of the catalogue, from one, two or seven parts of each view's entities."""
    held = book(*market(seed=1, events=300))
    assert bits(partitioned(held, WHOLE, into).values) == bits(feature_table(held, WHOLE).values)


@settings(max_examples=30, deadline=None)
@given(histories(), st.sampled_from([1, 2, 7]), st.integers(1, 4), st.sampled_from([SHORT, LONG]))
def test_any_history_in_any_blocks_gives_the_same_bits(history, into, blocks, features) -> None:  # type: ignore[no-untyped-def]
    """Every statistic, with ties, revisions, cancellations and corrected findings across blocks."""
    held = book_of(history)
    expected = feature_table(held, features).values
    assert bits(partitioned(held, features, into, blocks).values) == bits(expected)


def test_a_record_is_split_as_a_book_is(record: Record) -> None:
    """From the database, on both of them."""
    record.append(market(seed=2), source="test", recorded_at=T0)
    assert bits(partitioned(record, WHOLE, 2).values) == bits(feature_table(record, WHOLE).values)


def test_events_may_come_in_any_order() -> None:
    """A shuffle keeps no order."""
    features = of(*WHOLE.views[0].features)
    lines = book(*market(seed=3)).lines
    events = line_events(lines, features, Book.empty("USD"), first_positions(lines))
    shuffled = events.take(pa.array(np.random.default_rng(0).permutation(events.num_rows)))
    first, second = (partition(each, features).select(features.names).to_pandas() for each in (events, shuffled))
    assert bits(first.to_numpy()) == bits(second.to_numpy())


def test_a_part_holds_all_events_of_its_entities() -> None:
    """By the text of the key, whatever its code was where it came from; without an entity a line is in none."""
    features = of(*WHOLE.views[0].features, key=("end_user",))
    ids = [f"u{number}" for number in range(50)]
    held = [order(f"o{number}", end_user_id=ids[number % 50]) for number in range(200)] + [order("none")]
    lines = book(*held).lines
    halves = (lines.slice(0, 77), lines.slice(77))
    first = first_positions(lines)
    made = [split(line_events(half, features, Book.empty("USD"), first), ("end_user",), 3) for half in halves]
    found = [
        {*before["end_user"].to_pylist(), *after["end_user"].to_pylist()} for before, after in zip(*made, strict=True)
    ]
    assert all(found)
    assert sorted(name for part in found for name in part) == sorted(ids)


def test_nothing_gives_nothing() -> None:
    """A table as wide as the features."""
    held = book(finding(reseller_id="r1"))
    assert partitioned(held, WHOLE, 2, blocks=3).values.shape == (0, len(WHOLE.names))
