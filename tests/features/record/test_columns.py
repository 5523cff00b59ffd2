"""The record as arrow tables."""

import pyarrow as pa

from features.measures import Money, Quantity
from features.record import Record
from features.record.columns import LINE_COLUMNS
from features.trade import Order, OrderLine, Place, Site, attributes
from tests import factory as a
from tests.features.record.test_store import EVERYTHING


def test_lines_hold_one_row_an_order_line(record: Record) -> None:
    """Rows are sorted by position and line number, with the order's columns repeated on each."""
    orders = [a.order("b", lines=(a.line("x"), a.line("w", sku="s2"))), a.order("a", reseller="r2")]
    record.append([orders[0], a.status(), orders[1]], source="test", recorded_at=a.T0)
    rows = record.lines().select(["position", "line_no", "order_id", "line_id", "sku", "reseller_id"]).to_pylist()
    expected = [(1, 0, "b", "x", "kit", "r1"), (1, 1, "b", "w", "s2", "r1"), (3, 0, "a", "1", "kit", "r2")]
    assert [tuple(row.values()) for row in rows] == expected


def test_a_line_keeps_each_of_its_fields(record: Record) -> None:
    """Text with quotes, breaks and umlauts, empty text and missing text stay apart."""
    place = Place("CN", "CN-XJ", "Ürümqi\n新疆", 43.8, -0.1)
    port = attributes({"port": 'a "b", c\\'})
    told = OrderLine("1", "k,1", Quantity(1, "g"), Money(2, "EUR"), 3, "", "e", "c", "u", place, True, port)
    record.append([Order("o", "r", (told, OrderLine("2", "k")), 7, known_at=8)], source="test", recorded_at=a.T0)
    first, second = record.lines().to_pylist()
    assert tuple(first) == LINE_COLUMNS
    assert list(first.values())[:9] == [1, 8, False, "o", 1, 7, "r", "1", 0]
    assert list(first.values())[9:18] == ["k,1", 1, "g", 2, "EUR", 3, "", "e", "c"]
    assert list(first.values())[18:27] == ["u", "CN", "CN-XJ", "Ürümqi\n新疆", 43.8, -0.1, None, None, True]
    assert first["attributes"] == '{"port": "a \\"b\\", c\\\\"}'
    assert set(list(second.values())[10:]) == {None}


def test_tables_end_at_a_position(record: Record) -> None:
    """`upto` is let in; what came later is not there, and beyond the end is the end."""
    record.append([a.order("o1"), a.order("o2"), a.finding()], source="test", recorded_at=a.T0)
    assert [record.lines(upto).num_rows for upto in (0, 1, 2, 99, None)] == [0, 1, 2, 2, 2]
    assert [record.findings(upto).num_rows for upto in (2, 3)] == [0, 1]


def test_an_empty_record_has_the_same_columns(record: Record) -> None:
    """Types do not depend on what is there."""
    empty = [record.lines().schema, record.findings().schema, record.sites().schema]
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    assert [record.lines().schema, record.findings().schema, record.sites().schema] == empty
    assert record.lines().schema.field("late").type == pa.bool_()


def test_each_kind_has_its_table(record: Record) -> None:
    """Rows begin with the position and hold what was said."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    assert record.resellers()["reseller_id"].to_pylist() == ["r1", "r2"]
    assert record.products()["list_price_minor"].to_pylist() == [99]
    assert record.rates()["rate"].to_pylist() == ["1.0800"]
    assert record.statuses()["status"].to_pylist() == ["shipped"]
    assert record.findings().select(["revision", "outcome"]).to_pylist() == [
        {"revision": 1, "outcome": "diverted"},
        {"revision": 2, "outcome": "withdrawn"},
    ]


def test_sites_name_their_reseller(record: Record) -> None:
    """Each site of each version stands in a row of its own."""
    sites = (Site(Place("US"), valid_to=5), Site(Place("TR"), "warehouse"))
    record.append([a.reseller(sites=sites)], source="test", recorded_at=a.T0)
    columns = ["position", "site_no", "reseller_id", "kind", "valid_to", "country"]
    rows = [tuple(row.values()) for row in record.sites().select(columns).to_pylist()]
    assert rows == [(1, 0, "r1", "registered", 5, "US"), (1, 1, "r1", "warehouse", None, "TR")]
