"""Tests of decisions by columns: the same as order by order."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts.lines import SCHEMA, tabulate
from features.record import Entry
from features.trade import Order, Place
from models.decision import EXPLAINED, decide
from models.decision_table import ACTIONS, decide_lines
from models.reasons import explain
from models.rules import declared
from tests import factory as a
from tests.models.made import T, made, model

MODEL = model()
DAY_US = 86_400_000_000

lines = st.builds(
    lambda user, class_, country, listed, stock, amount: {
        "end_user_id": user, "end_user_class": class_, "ship_to": Place(country) if country else None,
        "attributes": listed, "for_stock": stock, "amount": amount,
    },
    st.sampled_from([None, "e1"]),
    st.sampled_from([None, "security", "university"]),
    st.sampled_from([None, "CN", "DE"]),
    st.sampled_from([(), (("listed_owner_percent", "60"),), (("listed_owner_percent", "half"),), (("port", "Aden"),)]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, 100, 10**7]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    past=st.lists(st.tuples(st.lists(lines, min_size=1, max_size=4), st.integers(-900, 900)), max_size=8),
    seed=st.integers(0, 99),
)
def test_many_orders_are_decided_as_each_alone(past: list[tuple[list[dict[str, object]], int]], seed: int) -> None:
    """Probability, actions, rank, rules and whose reasons are told: of all lines, at any time, drawn or not."""
    orders = [_order(number, held, days) for number, (held, days) in enumerate(past)]
    table = _table(orders)
    values = made(600, seed)[0][: table.num_rows]
    drawn = np.array([_drawn(order_id, seed) for order_id in table["order_id"].to_pylist()], bool)
    decided = decide_lines(MODEL, values, table, drawn=drawn)
    waiting = decided.waiting()
    reasons = dict(zip(waiting.tolist(), explain(MODEL, values[waiting]), strict=True))
    start, rules = 0, decided.rules()
    for order in orders:
        rows = slice(start, start + len(order.lines))
        fields, drawn_too = [declared(order, line) for line in order.lines], _drawn(order.order_id, seed)
        alone = decide(MODEL, values[rows], fields, order.known_at or 0, drawn=drawn_too)
        for row, line in enumerate(alone.lines, start):
            assert decided.probability[row] == line.probability
            assert (decided.order_probability[row], decided.rank[row]) == (alone.probability, alone.rank)
            assert ACTIONS[decided.line_action[row]] == line.action
            assert ACTIONS[decided.action[row]] == alone.action
            assert rules[row] == "; ".join(rule.rule_id for rule in line.rules)
            assert reasons.get(row) == line.reasons
        start = rows.stop


def test_of_a_long_order_only_the_riskiest_lines_are_told() -> None:
    """As many as the service tells."""
    held: list[dict[str, object]] = [{"end_user_class": "security"}] * (EXPLAINED + 15)
    order = _order(0, held, 0)
    values = made(len(held), 3)[0]
    waiting = decide_lines(MODEL, values, _table([order])).waiting()
    alone = decide(MODEL, values, [declared(order, line) for line in order.lines], T)
    assert len(waiting) == EXPLAINED
    assert [row for row, line in enumerate(alone.lines) if line.reasons is not None] == waiting.tolist()


def test_rules_may_be_those_of_another_moment() -> None:
    """The affiliates rule is in force in October 2025, and not a year before."""
    order = _order(0, [{"attributes": (("listed_owner_percent", "60"),)}], -400)
    then, later = (decide_lines(MODEL, made(1)[0], _table([order]), at).rules() for at in (None, T))
    assert then != later


def _drawn(order_id: str, seed: int) -> bool:
    return (int(order_id[1:]) + seed) % 3 == 0


def _order(number: int, held: list[dict[str, object]], days: int) -> Order:
    made_lines = tuple(a.line(str(n), **each) for n, each in enumerate(held))  # type: ignore[arg-type]
    return replace(a.order(f"o{number}", at=T + days * DAY_US), lines=made_lines)


def _table(orders: list[Order]) -> pa.Table:
    entries = [Entry(number, order.known_at or 0, order) for number, order in enumerate(orders, start=1)]
    return pa.Table.from_pydict(tabulate(entries), schema=SCHEMA)
