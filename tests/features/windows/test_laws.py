"""The laws of a feature, by hypothesis: batch, online and a naive oracle must agree on any history."""

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from numpy.typing import NDArray

from features.record.ledger import Entry
from features.trade import Order
from features.vector import Vectorizer, feature_table
from features.windows.feature_set import FeatureSet
from tests.features.windows import oracle as laws
from tests.features.windows.worlds import LONG, SHORT, book, histories

Floats = NDArray[np.float64]


def batch(entries: list[Entry[Any]], features: FeatureSet) -> Floats:
    return feature_table(book(entries), features).values


def online(entries: list[Entry[Any]], features: FeatureSet) -> Floats:
    """Order by order: first read, then take the order in, as a service does."""
    vectorizer = Vectorizer(features, "USD")
    vectors = []
    for number, entry in enumerate(entries):
        so_far = entries[: number + 1]

        def revisions(order_id: str, so_far: list[Entry[Any]] = so_far) -> list[Entry[Order]]:
            return [e for e in so_far if isinstance(e.event, Order) and e.event.order_id == order_id]

        if isinstance(entry.event, Order):
            vectors.append(vectorizer.vectors(entry.event, entry.known_at, revisions(entry.event.order_id)[:-1]))
        vectorizer.follow([entry], revisions)
    return np.vstack(vectors)


def naive(entries: list[Entry[Any]]) -> Floats:
    rows = []
    for number, entry in enumerate(entries):
        if not isinstance(entry.event, Order):
            continue
        oracle = laws.Oracle(e for e in entries if e.position <= entry.position or e.known_at < entry.known_at)
        for line in entry.event.lines:
            row = []
            for view in LONG.views:
                key = laws.key_of(view.key, entry.event, line)
                firsts = [
                    e.known_at
                    for e in entries[:number]
                    if isinstance(e.event, Order)
                    and e.known_at < entry.known_at
                    and e.event.order_id != entry.event.order_id
                    for other in e.event.lines
                    if laws.key_of(view.key, e.event, other) == key
                ]
                row += laws.features(view, oracle, entry.event, line, entry.known_at, min(firsts, default=None))
            named = dict(zip(LONG.names, row, strict=False))
            row += [_over(named[each.of], named[each.to]) for each in LONG.quotients]
            rows.append(row)
    return np.array(rows, float)


def _over(of: float, to: float) -> float:
    return of / to if to else math.nan  # where `to` is NaN, so is the quotient


def bits(values: Floats) -> bytes:
    """Bytes with every NaN alike: which NaN it is says nothing."""
    return np.where(np.isnan(values), math.nan, values).tobytes()


@settings(max_examples=400, deadline=None)
@given(histories())
def test_batch_equals_the_laws_in_plain_python(entries: list[Entry[Any]]) -> None:
    """Counts are exact and floats agree to 1e-12, on histories full of ties, revisions and corrections."""
    np.testing.assert_allclose(batch(entries, LONG), naive(entries), rtol=1e-12, atol=1e-12, equal_nan=True)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_batch_equals_single_requests_bit_for_bit(entries: list[Entry[Any]]) -> None:
    """A table of vectors is many single requests."""
    assert bits(batch(entries, SHORT)) == bits(online(entries, SHORT))
