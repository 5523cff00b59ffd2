"""Little worlds for tests: entries from trade objects in order of position, and their vectors by name."""

from typing import Any

import numpy as np

from features.facts.book import Book
from features.record.ledger import Entry
from features.trade import Order
from features.vector import feature_table
from features.windows.feature_set import FeatureSet
from features.windows.view import Statistic, View


def entries(*events: Any) -> list[Entry[Any]]:
    """Events as the record would hold them, the first at position 1."""
    return [Entry(position, event.known_at, event) for position, event in enumerate(events, start=1)]


def book(*events: Any) -> Book:
    """Events as a book."""
    return Book.empty("USD").extended(entries(*events))


def of(*statistics: Statistic, key: tuple[str, ...] = ("reseller",), entity: str = "reseller") -> FeatureSet:
    """A feature set of one view."""
    return FeatureSet((), (View(entity, key, "reseller", "this one", statistics),))


def vector(features: FeatureSet, *events: Any) -> dict[str, float]:
    """The last line's features by name; the last event must be an order."""
    assert isinstance(events[-1], Order)
    values = feature_table(book(*events), features).values[-1]
    return dict(zip(features.names, (float(value) for value in values), strict=True))


def same(first: dict[str, float], second: dict[str, float]) -> bool:
    """Whether two vectors are equal, NaN to NaN."""
    return first.keys() == second.keys() and bool(np.array_equal([*first.values()], [*second.values()], equal_nan=True))
