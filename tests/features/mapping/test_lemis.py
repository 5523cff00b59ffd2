"""The example mapping on the real data that it is for."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from features.exchange import Exchange
from features.mapping import Mapping, Rejected
from features.measures import instant
from features.trade import Finding, Order
from tests.features.mapping.written import NOW, only

ROOT = Path(__file__).parents[3]
DATA = ROOT / ".." / "shared" / "data" / "lemis" / "lines-to-2019.csv"


@pytest.fixture(scope="module")
def said() -> list[Any]:
    """All that the file says."""
    if not DATA.exists():
        pytest.skip("the wildlife imports are not beside the repository (../shared/data/lemis)")
    return list(Mapping.load(ROOT / "examples" / "lemis.toml").read([DATA], exchange=Exchange(), now=NOW))


def test_every_line_is_read_and_none_refused(said: list[Any]) -> None:
    """11,865 lines of 6,344 shipments."""
    orders = only(Order, said)
    assert (len(orders), sum(len(order.lines) for order in orders)) == (6_344, 11_865)
    assert not only(Rejected, said)


def test_refused_shipments_are_the_findings(said: list[Any]) -> None:
    """318 of them, none known before its shipment."""
    findings = only(Finding, said)
    assert Counter(str(found.outcome) for found in findings) == {"diverted": 318, "cleared": 11_547}
    shipped = {order.order_id: order.ordered_at or 0 for order in only(Order, said)}
    assert all(found.known_at >= shipped[found.order_id or ""] for found in findings)


def test_lines_that_repeat_each_other_are_kept(said: list[Any]) -> None:
    """Two lines of the same 375 frogs stay two, with ids of their own."""
    [order] = [order for order in only(Order, said) if order.order_id == "2016802676"]
    alike = Counter((line.sku, line.quantity, line.attributes) for order in only(Order, said) for line in order.lines)
    assert max(alike.values()) > 1
    assert len({line.line_id for line in order.lines}) == len(order.lines)


def test_namibia_is_a_country_and_a_day_ends(said: list[Any]) -> None:
    """NA is missing elsewhere; a shipment of 3 January counts from its end."""
    countries = Counter(
        dict(line.attributes).get("country_origin") for order in only(Order, said) for line in order.lines
    )
    assert countries["NA"] > 0
    assert None not in countries
    [first] = [order for order in only(Order, said) if order.order_id == "2015786810"]
    assert first.ordered_at == instant("2016-01-03T23:59:59.999999Z")


def test_the_example_loads_without_the_data() -> None:
    """And says what it is, for reports."""
    mapping = Mapping.load(ROOT / "examples" / "lemis.toml")
    assert mapping.meaning["diverted"] == "shipment refused"
    assert {"genus", "port", "purpose", "rerouted"} <= set(mapping.attributes)
