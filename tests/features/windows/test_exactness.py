"""Exact integers inside, one fixed formula at the end."""

import math
import random
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.measures import DAY, MAX_VALUE
from features.vector import Vectorizer, feature_table
from features.windows import tables, wide
from features.windows.view import ALL, Count, Distinct, Mean, Ratio, Std, Sum, ZScore
from tests.factory import T0, order
from tests.features.worlds import book, entries, of, vector

positive = st.integers(0, 2**63 - 1)


@settings(deadline=None)  # the first call compiles
@given(positive, positive)
def test_a_product_of_two_words_is_exact(a: int, b: int) -> None:
    """High and low word together are the product."""
    high, low = wide.multiply(a, b)
    assert (int(high) << 64) + int(low) == a * b


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(0, MAX_VALUE), min_size=2, max_size=60))
def test_the_numerator_of_the_variance_is_exact(values: list[int]) -> None:
    """Also where the values are large and close together, and floats would cancel."""
    square = sum(value * value for value in values)
    pair = np.uint64(square >> 64), np.uint64(square & (2**64 - 1))
    expected = len(values) * square - sum(values) ** 2
    assert wide.spread(len(values), sum(values), *pair) == float(Fraction(expected)) or math.isclose(
        wide.spread(len(values), sum(values), *pair), expected, rel_tol=4e-16
    )


def test_ten_lines_at_the_bound_overflow_nothing() -> None:
    """Squares of large amounts need more than 64 bits."""
    past = [order(f"o{n}", at=T0 - 20 + n, value=MAX_VALUE - n) for n in range(10)]
    seen = vector(
        of(Sum("value"), Mean("value"), Std("value"), ZScore("value"), Ratio("value")), *past, order("last", value=0)
    )
    assert seen["reseller_value_total_all"] == (10 * MAX_VALUE - 45) / 100
    assert math.isclose(seen["reseller_value_std_all"], 0.030276503540974917, rel_tol=1e-12)
    assert seen["reseller_value_to_mean_all"] == 0.0


def test_a_missing_amount_counts_as_a_line_but_not_in_a_mean() -> None:
    """Missing is not zero."""
    past = (order("a", at=T0 - 2, value=None, amount=None), order("b", at=T0 - 1, value=400))
    assert vector(of(Count(), Mean("value")), *past, order("last")) == {
        "reseller_lines_count_all": 2.0,
        "reseller_value_mean_all": 4.0,
    }


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.booleans()), max_size=120))
def test_a_table_is_a_dictionary(calls: list[tuple[int, int, bool]]) -> None:
    """Putting and removing in any order leaves what a dictionary would hold."""
    table = np.full((64, 3), tables.EMPTY, np.int64)
    expected: dict[tuple[int, int], int] = {}
    for number, (first, second, into) in enumerate(calls):
        wanted = np.array([first, second])
        slot = tables.slot_of(table, wanted)
        if into:
            tables.put(table, slot, wanted, number)
            expected[first, second] = number
        elif tables.value_at(table, slot) != tables.EMPTY:
            tables.remove(table, slot)
            del expected[first, second]
    found = {(int(a), int(b)): int(value) for a, b, value in table if value != tables.EMPTY}
    assert found == expected


def test_a_long_history_outgrows_its_memory_and_stays_equal() -> None:
    """Rings and tables move to larger arrays, old events are freed, and every bit stays the same."""
    dice = random.Random(7)  # noqa: S311 - a made-up history
    features = of(Count(windows=(2, ALL)), Std("value", windows=(30,)), Distinct("sku", windows=(9, 30)))
    made = [
        order(
            f"o{n}",
            reseller=f"r{dice.randrange(300)}",
            at=T0 + n * DAY // 9,
            value=dice.randrange(10**9),
            sku=f"s{dice.randrange(40)}",
        )
        for n in range(6_000)
    ]
    batch = feature_table(book(*made), features).values
    vectorizer = Vectorizer(features, "USD")
    for number, entry in enumerate(entries(*made)):
        assert vectorizer.vectors(entry.event, entry.known_at).tobytes() == batch[number : number + 1].tobytes()
        vectorizer.follow([entry], lambda _: [])
    assert len(vectorizer.state.ring) == 4096  # a year is 3,285 orders; 6,000 would need 8,192 slots
