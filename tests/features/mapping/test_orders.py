"""Rows become orders, and what is wrong with one row is wrong with its order."""

from pathlib import Path

import pytest

from features.mapping import Rejected
from features.measures import Money, Quantity, instant
from features.trade import Order, Place
from tests.features.mapping.written import ORDERS, only, read

HEAD = "order,reseller,at,sku\n"


def test_rows_of_one_order_need_not_stand_together(tmp_path: Path) -> None:
    """Rows are grouped over the whole file."""
    rows = "o1,r,2024-01-01T10:00Z,a\no2,r,2024-01-01T11:00Z,b\no1,r,2024-01-01T10:00Z,c\n"
    orders = only(Order, read(tmp_path, ORDERS, orders=HEAD + rows))
    skus = {order.order_id: [line.sku for line in order.lines] for order in orders}
    assert skus == {"o1": ["a", "c"], "o2": ["b"]}


def test_lines_that_repeat_each_other_stay_two(tmp_path: Path) -> None:
    """Numbered in order of appearance, so that a second import gives the same ids."""
    row = "o1,r,2024-01-01T10:00Z,a\n"
    [order] = read(tmp_path, ORDERS, orders=HEAD + row + row)
    assert [line.line_id for line in order.lines] == ["1", "2"]


def test_a_bad_row_takes_its_order_along(tmp_path: Path) -> None:
    """Half an order must not be scored as if it were complete."""
    rows = "o1,r,2024-01-01T10:00Z,a\no1,r,2024-01-01T10:00Z,\no2,r,2024-01-01T10:00Z,b\n"
    said = read(tmp_path, ORDERS, orders=HEAD + rows)
    assert [order.order_id for order in only(Order, said)] == ["o2"]
    assert [(row.row, row.column, row.why) for row in only(Rejected, said)] == [
        (2, "order", "its order was refused because of row 3"),
        (3, "sku", "is missing"),
    ]


def test_an_order_has_one_reseller(tmp_path: Path) -> None:
    """Both rows and both values are named."""
    rows = "o1,r1,2024-01-01T10:00Z,a\no1,r2,2024-01-01T10:00Z,b\n"
    said = read(tmp_path, ORDERS, orders=HEAD + rows)
    assert not only(Order, said)
    assert (said[1].row, said[1].column, said[1].value) == (3, "reseller", "r2")
    assert said[1].why == "differs from 'r1' in row 2 of the same order"


def test_a_line_id_stands_once_in_an_order(tmp_path: Path) -> None:
    """The second row is refused and names the first."""
    mapping = ORDERS + 'line_id = "n"\n'
    rows = "o1,r,2024-01-01T10:00Z,a,1\no1,r,2024-01-01T10:00Z,b,1\n"
    said = read(tmp_path, mapping, orders="order,reseller,at,sku,n\n" + rows)
    assert (said[1].column, said[1].value, said[1].why) == ("n", "1", "stands in row 2 of the same order too")


@pytest.mark.parametrize("column", ["order", "reseller", "at", "sku"])
def test_what_an_order_cannot_do_without(tmp_path: Path, column: str) -> None:
    """A missing order id, reseller, time or sku is a refused row."""
    row = {"order": "o1", "reseller": "r", "at": "2024-01-01T10:00Z", "sku": "a"} | {column: ""}
    [refused] = read(tmp_path, ORDERS, orders=HEAD + ",".join(row.values()) + "\n")
    assert (refused.row, refused.column, refused.why) == (2, column, "is missing")


def test_an_order_of_tomorrow_is_refused(tmp_path: Path) -> None:
    """More than five minutes ahead of now is a mistake in the date or its zone."""
    rows = "o1,r,2025-01-01T00:04:00Z,a\no2,r,2025-01-01T00:06:00Z,b\n"
    order, refused = read(tmp_path, ORDERS, orders=HEAD + rows)
    assert order.order_id == "o1"
    assert (refused.column, refused.why) == ("at", "is in the future (2025-01-01T00:06:00Z)")


def test_an_order_is_known_a_lag_after_it_was_placed(tmp_path: Path) -> None:
    """Where no column says when it was known."""
    mapping = ORDERS.replace("[line]", 'known_at = { column = "known", lag = "2 days" }\n[line]')
    rows = "o1,r,2024-01-01T10:00Z,a,\no2,r,2024-01-01T10:00Z,a,2024-02-01T00:00Z\n"
    late, told = only(Order, read(tmp_path, mapping, orders="order,reseller,at,sku,known\n" + rows))
    assert late.known_at == instant("2024-01-03T10:00Z")
    assert told.known_at == instant("2024-02-01T00:00Z")


def test_units_and_currencies_are_the_files_own(tmp_path: Path) -> None:
    """Units through [units], currencies through the exchange."""
    mapping = ORDERS + 'quantity = "q"\nunit = "u"\namount = "a"\ncurrency = "c"\n[units]\nStk = "each"\n'
    head = "order,reseller,at,sku,q,u,a,c\n"
    [order] = read(tmp_path, mapping, orders=head + "o1,r,2024-01-01T10:00Z,a,3,Stk,12.50,usd\n")
    assert order.lines[0].quantity == Quantity(3000, "each")
    assert (order.lines[0].amount, order.lines[0].value) == (Money(1250, "USD"), 1250)


def test_a_currency_without_a_rate_is_told(tmp_path: Path) -> None:
    """With the currency and the day."""
    mapping = ORDERS + 'amount = "a"\ncurrency = "c"\n'
    [refused] = read(tmp_path, mapping, orders=HEAD.strip() + ",a,c\no1,r,2024-01-01T10:00Z,a,1,EUR\n")
    assert (refused.column, refused.value) == ("c", "EUR")
    assert refused.why == "has no rate to USD on 2024-01-01"


def test_minor_units_and_unit_prices_are_amounts_too(tmp_path: Path) -> None:
    """Cents as they are; a unit price times the quantity, halves to even."""
    mapping = ORDERS + 'quantity = "q"\nunit_price = "p"\ncurrency = { const = "USD" }\n'
    head = "order,reseller,at,sku,q,p\n"
    said = read(tmp_path, mapping, orders=head + "o1,r,2024-01-01T10:00Z,a,3,0.125\n")
    assert said[0].lines[0].amount == Money(38, "USD")
    mapping = ORDERS + 'amount = { column = "p", minor = true }\ncurrency = { const = "USD" }\n'
    said = read(tmp_path, mapping, orders=head + "o1,r,2024-01-01T10:00Z,a,3,125\n")
    assert said[0].lines[0].amount == Money(125, "USD")


def test_what_an_order_can_do_without_stays_unknown(tmp_path: Path) -> None:
    """Price, place and end user may be missing: missing is a value."""
    mapping = ORDERS + (
        'quantity = "q"\namount = "q"\ncurrency = "q"\nend_user_id = "q"\nend_user_class = "q"\nfor_stock = "q"\n'
        'ship_to = { country = "q", latitude = "q", longitude = "q" }\n[attributes]\nport = "q"\n'
    )
    [order] = read(tmp_path, mapping, orders=HEAD.strip() + ",q\no1,r,2024-01-01T10:00Z,a,\n")
    line = order.lines[0]
    assert (line.quantity, line.amount, line.value, line.end_user_id, line.ship_to) == (None,) * 5
    assert (line.for_stock, line.attributes) == (None, ())


def test_a_country_is_two_letters_or_a_name_that_stands_for_them(tmp_path: Path) -> None:
    """Small ones are raised, XX passes, a name of no one country is refused in the column's own name."""
    mapping = ORDERS + 'ship_to = { country = "land" }\n'
    rows = "".join(f"{name},r,2024-01-01T10:00Z,a,{name}\n" for name in ("cn", "XX", "Türkiye", "中国", "Congo"))
    *taken, refused = read(tmp_path, mapping, orders=HEAD.strip() + ",land\n" + rows)
    assert [order.lines[0].ship_to for order in taken] == [Place("CN"), Place("XX"), Place("TR"), Place("CN")]
    assert (refused.column, refused.value, refused.why) == ("land", "Congo", "is not an ISO 3166-1 code")


def test_an_order_of_two_thousand_and_one_lines_is_refused(tmp_path: Path) -> None:
    """What the trade refuses of the whole order is told of its first row."""
    said = read(tmp_path, ORDERS, orders=HEAD + "o1,r,2024-01-01T10:00Z,a\n" * 2001)
    assert len(said) == 2001
    assert said[0].why == "is not in 1..2000"
    assert said[1].why == "its order was refused because of row 2"
