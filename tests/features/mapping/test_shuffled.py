"""The order of rows in a file is nobody's business where lines have numbers."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from features.mapping import Rejected
from features.trade import Order
from tests.features.mapping.written import ORDERS, only, read

HEAD = "order,reseller,at,sku,n\n"
KEYS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 12)), min_size=1, max_size=30, unique=True)


@settings(max_examples=40, deadline=None)
@given(KEYS.flatmap(lambda keys: st.tuples(st.just(keys), st.permutations(keys))), st.integers(0, 5))
def test_shuffled_rows_give_the_same_orders(
    keys: tuple[list[tuple[int, int]], list[tuple[int, int]]], bad: int
) -> None:
    """Also where one of the orders is refused."""
    row = "o{0},r{0},2024-01-0{0}T10:00Z,{2},{1}\n"
    said = []
    for numbers in keys:
        rows = [row.format(order, line, "" if order == bad else f"s{line}") for order, line in numbers]
        with tempfile.TemporaryDirectory() as folder:
            events = read(Path(folder), ORDERS + 'line_id = "n"\n', orders=HEAD + "".join(rows))
        refused = sorted(row.raw["n"] for row in only(Rejected, events))
        said.append((sorted(only(Order, events), key=lambda order: order.order_id), refused))
    assert said[0] == said[1]
