"""One kernel behind all vectors: in a batch, one order at a time, from a record or from a book."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import DAY
from features.record import Record
from features.record.ledger import Entry
from features.trade import Order
from features.vector import Behind, FeatureTable, Vectorizer, feature_table
from features.windows.view import Count, Distinct, FindingRate
from tests.factory import T0, finding, order, product, reseller, status
from tests.features.facts.made import market
from tests.features.worlds import book, entries, of

WHOLE = catalogue(("port",))
SMALL = of(Count(windows=(9, None)), Count("diverted"), FindingRate())
SEEDS = st.integers(0, 10**6)


def bits(values: NDArray[np.float64]) -> bytes:
    """Bytes with every NaN alike: which NaN it is says nothing."""
    return np.where(np.isnan(values), math.nan, values).tobytes()


def served(record: Record, events: list[Any]) -> NDArray[np.float64]:
    """Vectors as a service computes them: catch up with the record, read, append."""
    vectorizer = Vectorizer(WHOLE, record.currency)
    vectors = []
    for event in events:
        vectorizer.follow(record.tail(vectorizer.position), record.revisions)
        if isinstance(event, Order):
            vectors.append(vectorizer.vectors(event, event.known_at or 0, record.revisions(event.order_id)))
        record.append([event], source="test", recorded_at=event.known_at or 0)
    return np.vstack(vectors)


def keep(record: Record, *events: Any) -> None:
    record.append(events, source="test", recorded_at=T0)


def rows(table: FeatureTable, upto: int) -> bytes:
    """The vectors of the lines that stand up to a position."""
    return bits(table.values[table.lines["position"].to_numpy() <= upto])


def test_a_batch_equals_a_service_that_follows_the_record(record: Record) -> None:
    """Every feature of the catalogue, bit for bit, on both databases."""
    online = served(record, market(seed=4))
    table = feature_table(record, WHOLE)
    assert bits(table.values) == bits(online)
    assert not np.isnan(table.values).all(axis=0).any()  # the history speaks to every feature


def test_a_service_that_loaded_a_record_goes_on_as_one_that_saw_it_all(record: Record) -> None:
    """State comes back by replay, and follows from there."""
    events = market(seed=2)
    keep(record, *events[:90])
    vectorizer = Vectorizer(WHOLE, record.currency)
    vectorizer.load(Book.of(record))
    keep(record, *events[90:])
    vectorizer.follow(record.tail(vectorizer.position), record.revisions)
    last = order("last", at=vectorizer.clock + DAY)
    expected = feature_table(Book.of(record).with_orders([last]), WHOLE).values[-1:]
    assert bits(vectorizer.vectors(last, vectorizer.clock + DAY)) == bits(expected)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_service_equals_a_batch_on_any_market(seed: int) -> None:
    """Whatever happened, in whatever order, with however many ties."""
    made = entries(*market(seed, events=60))
    orders = [entry for entry in made if isinstance(entry.event, Order)]
    vectorizer, vectors = Vectorizer(WHOLE, "USD"), []
    for entry in made:
        if isinstance(entry.event, Order):
            earlier = [e for e in orders if e.event.order_id == entry.event.order_id and e.position < entry.position]
            vectors.append(vectorizer.vectors(entry.event, entry.known_at, earlier))
        vectorizer.follow([entry], lambda order_id: [e for e in orders if e.event.order_id == order_id])
    assert bits(np.vstack(vectors)) == bits(feature_table(Book.empty("USD").extended(made), WHOLE).values)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1, 59))
def test_what_is_learned_later_changes_no_earlier_vector(seed: int, cut: int) -> None:
    """Events with ``known_at >= t``: findings, corrections, cancellations, versions of resellers and products."""
    events = market(seed, events=60)
    before, after = feature_table(book(*events[:cut]), WHOLE), feature_table(book(*events), WHOLE)
    assert rows(before, cut) == rows(after, cut)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1, 59))
def test_a_backfill_changes_only_vectors_after_what_it_tells(seed: int, cut: int) -> None:
    """Orders that are recorded late, but were known from the cut on."""
    events = market(seed, events=60)
    t = events[cut].known_at or 0
    orders = [event for event in market(seed + 1, events=40, start=t) if isinstance(event, Order)]
    late = [replace(event, order_id=f"late-{number}", revision=1) for number, event in enumerate(orders)]
    before, after = feature_table(book(*events), WHOLE), feature_table(book(*events, *late), WHOLE)
    early = np.flatnonzero(before.lines["t"].to_numpy() <= t)
    assert bits(before.values[early]) == bits(after.values[early])


def test_a_position_closes_the_record_behind_it(record: Record) -> None:
    """From (t, p) a vector comes out again, whatever was appended since, even with an earlier `known_at`."""
    keep(record, order("a"), order("b", at=T0 + 9))
    then = feature_table(record, WHOLE)
    keep(record, reseller(at=T0 - 9), product(at=T0 - 9, sensitivity=3), finding(order_id="a", at=T0 + 1))
    assert bits(feature_table(record, WHOLE, upto=2).values) == bits(then.values)
    assert bits(feature_table(record, WHOLE).values) != bits(then.values)


@pytest.mark.parametrize("one_of", [3, 40, 10_000])
def test_wanted_lines_have_the_vectors_that_all_would_give_them(one_of: int) -> None:
    """The others are history only; where few are wanted, most entities are passed over."""
    held = book(*market(seed=3))
    wanted = np.arange(held.lines.num_rows)[::-1] % one_of == 0
    some, every = feature_table(held, WHOLE, wanted=wanted), feature_table(held, WHOLE)
    assert bits(some.values) == bits(every.values[wanted])
    assert some.lines["line_id"].to_pylist() == np.array(every.lines["line_id"])[wanted].tolist()


def test_orders_beside_a_record_have_the_vectors_that_appending_gives(record: Record) -> None:
    """Scoring a file leaves no trace in the record."""
    past, new = market(seed=4), [order("x", at=T0 + 9_999 * DAY), order("y", at=T0 + 9_999 * DAY + 1)]
    keep(record, *past)
    beside = feature_table(Book.of(record).with_orders(new), WHOLE).values
    keep(record, *new)
    assert bits(beside) == bits(feature_table(record, WHOLE).values)


def test_a_record_without_orders_gives_an_empty_table(record: Record) -> None:
    """As wide as the catalogue."""
    keep(record, reseller(), product())
    assert feature_table(record, WHOLE).values.shape == (0, len(WHOLE.names))


def test_a_table_tells_moment_and_position_of_each_line() -> None:
    """The (t, p) that a vector is made again from."""
    table = feature_table(book(order("a"), order("b", at=T0 + 9)), SMALL)
    assert table.lines.select(["t", "position"]).to_pydict() == {"t": [T0, T0 + 9], "position": [1, 2]}


def test_progress_is_told_up_to_the_end() -> None:
    """What is under way, and which share of it is done."""
    told: list[tuple[str, float]] = []
    feature_table(book(order("a"), order("b")), SMALL, progress=lambda what, share: told.append((what, share)))
    assert told[-1] == ("computing features", 1.0)


BACKDATED = [
    reseller(at=T0 - 1),
    product(at=T0 - 1),
    order("late", at=T0 - 1),
    finding(order_id="a", at=T0 - 1),
    status("a", "cancelled", at=T0 - 1),
]


@pytest.mark.parametrize("event", BACKDATED, ids=lambda event: type(event).__name__)
def test_what_was_known_before_the_clock_asks_for_a_new_state(event: Any) -> None:
    """A state that has moved on cannot take it in: it says so, and stays where it was."""
    first = Entry(1, T0, order("a"))
    vectorizer = Vectorizer(WHOLE, "USD")
    vectorizer.follow([first], lambda _: [first])
    with pytest.raises(Behind, match="position 2 was known before what the state has seen"):
        vectorizer.follow([Entry(2, event.known_at, event)], lambda _: [first])
    assert vectorizer.position == 1


def test_what_is_no_history_may_come_late() -> None:
    """A shipment of last week told today moves nobody's features."""
    first = Entry(1, T0, order("a"))
    vectorizer = Vectorizer(SMALL, "USD")
    vectorizer.follow([first, Entry(2, T0 - 9, status("a", "shipped", at=T0 - 9))], lambda _: [first])
    assert (vectorizer.position, vectorizer.clock) == (2, T0)


def test_an_event_of_the_clock_s_own_instant_is_taken_in() -> None:
    """Nobody at that instant may see it, and nobody after it has asked yet."""
    first = Entry(1, T0, order("a"))
    vectorizer = Vectorizer(SMALL, "USD")
    vectorizer.follow([first, Entry(2, T0, finding(order_id="a", at=T0))], lambda _: [first])
    later = vectorizer.vectors(order("b", at=T0 + 1), T0 + 1)[0]
    assert dict(zip(SMALL.names, later, strict=True))["reseller_diverted_count_all"] == 1


def test_a_state_tells_its_size_and_its_clock() -> None:
    """Memory is bounded by live events and reported."""
    vectorizer = Vectorizer(SMALL, "USD")
    assert vectorizer.clock == 0
    vectorizer.load(book(order("a")))
    assert vectorizer.clock == T0
    assert vectorizer.bytes_held > 0


def test_an_event_as_old_as_the_widest_window_is_still_held() -> None:
    """What comes at t frees nothing that a line at t may still see, also where the ring is full."""
    world = entries(order("old", at=T0 - 365 * DAY), *(order(f"o{n}", at=T0) for n in range(1_024)))
    vectorizer = Vectorizer(of(Count(windows=(365,))), "USD")
    for entry in world:
        vectorizer.follow([entry], lambda _: [])
    counted = [vectorizer.vectors(order("last", at=t), t).item() for t in (T0, T0 + 1)]
    assert counted == [1, 1_024]


def test_a_long_silence_before_the_first_question_is_remembered_whole() -> None:
    """Thousands of different values wait unseen, and there is room for all of them."""
    features = of(Distinct("end_user", windows=(365,)))
    world = entries(*(order(f"o{n}", at=T0 + n, end_user_id=f"u{n}") for n in range(3_000)))
    vectorizer = Vectorizer(features, "USD")
    for entry in world:
        vectorizer.follow([entry], lambda _: [])
    assert vectorizer.vectors(order("last", at=T0 + DAY), T0 + DAY).tolist() == [[3_000.0]]


def test_reading_a_vector_leaves_no_trace() -> None:
    """A question is not an order: asked twice, it has the same answer."""
    vectorizer = Vectorizer(SMALL, "USD")
    vectorizer.load(book(order("a")))
    asked = [bits(vectorizer.vectors(order("b", at=T0 + 1), T0 + 1)) for _ in range(2)]
    assert asked[0] == asked[1]
    assert vectorizer.position == 1


def test_an_order_is_taken_in_with_what_was_learned_since_it_was_asked_about() -> None:
    """A reseller's move that became known in between stands in the history that the order leaves."""
    asked, moved = order("a", at=T0 + 9), reseller(at=T0 + 5, address_id="new")
    world: list[Entry[Any]] = [Entry(1, T0, order("first")), Entry(2, T0 + 5, moved), Entry(3, T0 + 9, asked)]
    vectorizer = Vectorizer(WHOLE, "USD")
    vectorizer.follow(world[:1], lambda _: [])
    vectorizer.vectors(asked, T0 + 9)
    vectorizer.follow(world[1:], lambda _: [])
    last = order("last", at=T0 + DAY)
    expected = feature_table(Book.empty("USD").extended([*world, Entry(4, T0 + DAY, last)]), WHOLE).values[-1:]
    assert bits(vectorizer.vectors(last, T0 + DAY)) == bits(expected)
