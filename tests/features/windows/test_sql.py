"""DuckDB's SQL as an oracle that knows nothing of the kernel: the reseller's view as joins over a window of time.

A line of another order is history of a line at `t` where ``t - W <= known_at < t``; cents and thousandths are summed as
integers, so that counts, sums and distinct values are exact.
"""

import math
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from features.facts.book import Book
from features.measures import DAY, Quantity
from features.record.ledger import Entry
from features.trade import OrderLine, Place
from features.vector import FeatureTable, feature_table
from features.windows.view import Count, Distinct, Mean, Share, Statistic, Std, Sum, Variety
from tests import factory as a
from tests.features.worlds import of

WINDOWS = (1, 7, 30)
STATISTICS: tuple[Statistic, ...] = (
    Count("lines", windows=WINDOWS),
    Count("orders", windows=WINDOWS),
    Count("stock", windows=WINDOWS),
    Sum("value", windows=WINDOWS),
    Sum("units", windows=WINDOWS),
    Distinct("end_user", windows=WINDOWS),
    Distinct("ship_city", windows=WINDOWS),
    Distinct("order", windows=WINDOWS),
    Mean("value", windows=WINDOWS),
    Std("value", windows=WINDOWS),
    Std("units", windows=WINDOWS),
    Share("undeclared", windows=WINDOWS),
    Share("stock", windows=WINDOWS),
    Variety("end_user", windows=WINDOWS),
)
FEATURES = of(*STATISTICS)
EXACT = 8 * len(WINDOWS)
"""The first columns are integers over a power of ten; the rest are floats."""

AGGREGATES = (
    "count(h.position)",
    "count(h.position) FILTER (h.line_no = 0)",
    "count(h.position) FILTER (h.for_stock)",
    "coalesce(sum(h.value), 0)::DOUBLE / 100",
    "coalesce(sum(h.quantity_milli) FILTER (h.unit = 'each'), 0)::DOUBLE / 1000",
    "count(DISTINCT h.end_user_id)",
    "count(DISTINCT h.ship_city)",
    "count(DISTINCT h.order_id)",
    "avg(h.value) / 100",
    "stddev_samp(h.value) / 100",
    "stddev_samp(h.quantity_milli) FILTER (h.unit = 'each') / 1000",
    "count(h.position) FILTER (h.end_user_id IS NULL) / nullif(count(h.position), 0)",
    "count(h.position) FILTER (h.for_stock) / nullif(count(h.position), 0)",
    "count(DISTINCT h.end_user_id) / nullif(count(h.end_user_id), 0)",
)
"""One for each statistic, over the history `h` of a line."""


def history(seed: int, orders: int = 300) -> Book:
    """Orders of few resellers on few instants, hours that lie exactly on window edges, and lines much alike."""
    dice = np.random.default_rng(seed)
    instants = np.sort(dice.integers(0, 90, orders)) * (DAY // 2)
    entries = []
    for number, at in enumerate(instants.tolist()):
        reseller = f"r{min(dice.geometric(0.5), 4)}"
        lines = tuple(_line(str(n), dice) for n in range(dice.integers(1, 4)))
        entries.append(
            Entry(number + 1, a.T0 + at, a.order(f"o{number}", reseller=reseller, at=a.T0 + at, lines=lines))
        )
    return Book.empty("USD").extended(entries)


def _line(line_id: str, dice: np.random.Generator) -> OrderLine:
    """Values of cents and of thousand millions, twice the same as often as not; gaps everywhere."""
    picked: dict[str, Any] = {
        "value": [None, 0, 1, 1, 1_999, 10**9, 10**11][dice.integers(7)],
        "quantity": [None, Quantity(1_500, "each"), Quantity(7_000, "each"), Quantity(9, "g")][dice.integers(4)],
        "end_user_id": [None, "u1", "u2", "u3"][dice.integers(4)],
        "ship_to": [None, Place(city="Bern"), Place(city="Basel"), Place()][dice.integers(4)],
        "for_stock": [None, True, False][dice.integers(3)],
    }
    return OrderLine(line_id, "kit", **picked)


def by_sql(lines: pa.Table) -> NDArray[np.float64]:
    """The view's features of every line, of shape (n_lines, n_features), in the order of its definition."""
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        columns = []
        for aggregate in AGGREGATES:
            for days in WINDOWS:
                found = connection.execute(
                    f"SELECT {aggregate} FROM lines l LEFT JOIN lines h ON h.reseller_id = l.reseller_id "  # noqa: S608
                    f"AND h.order_id <> l.order_id AND h.t < l.t AND h.t >= l.t - {days * DAY} "
                    "GROUP BY l.position, l.line_no ORDER BY l.position, l.line_no"
                ).fetchall()
                columns.append([math.nan if value is None else float(value) for (value,) in found])
    return np.array(columns).T


@pytest.fixture(scope="module", params=range(3))
def computed(request: pytest.FixtureRequest) -> tuple[FeatureTable, NDArray[np.float64]]:
    """The engine's table and DuckDB's, of one history."""
    table = feature_table(history(request.param), FEATURES)
    return table, by_sql(table.lines)


def test_integers_equal_those_of_sql_exactly(computed: tuple[FeatureTable, NDArray[np.float64]]) -> None:
    """Counts, sums and distinct values, over ties, repeats and gaps."""
    table, expected = computed
    np.testing.assert_array_equal(table.values[:, :EXACT], expected[:, :EXACT])


def test_floats_equal_those_of_sql(computed: tuple[FeatureTable, NDArray[np.float64]]) -> None:
    """Means, deviations and shares to 1e-12 of their size; a deviation of values that are all alike is 0."""
    table, expected = computed
    np.testing.assert_allclose(table.values[:, EXACT:], expected[:, EXACT:], rtol=1e-12, atol=1e-12)


def test_the_history_is_full_of_ties_and_edges(computed: tuple[FeatureTable, NDArray[np.float64]]) -> None:
    """Else the oracle would say little: several orders an instant, and orders exactly a window ago."""
    lines = computed[0].lines
    instants = set(zip(lines["reseller_id"].to_pylist(), lines["t"].to_pylist(), strict=True))
    assert len(instants) < 0.5 * len(lines)
    assert all(any((reseller, t - days * DAY) in instants for reseller, t in instants) for days in WINDOWS)
    assert not np.isnan(computed[1]).all(axis=0).any()
