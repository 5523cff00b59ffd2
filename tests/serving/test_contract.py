"""Tests of the contract: what is read, digit by digit, and how it becomes an order and comes back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.exchange import Exchange
from features.measures import Money, Quantity
from features.trade import Order, OrderLine, Place
from serving.contract import OrderRequest, ShipTo, read
from serving.problems import Problem
from serving.translation import order_of, priced, request_of
from tests import factory as a
from tests.serving.made import body

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1)
TEXTS = st.none() | WORDS.filter(lambda word: bool(word.strip()))
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Cc", "Zs"]), min_size=1)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
PLACES = st.builds(
    lambda city, degrees: Place("CN", "CN-XJ", city, *(degrees or (None, None))), TEXTS, st.none() | DEGREES
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any order that can be asked about, before its values are set."""
    ids = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    lines = tuple(
        OrderLine(
            line_id,
            draw(IDS),
            draw(st.none() | st.builds(Quantity, st.integers(0, 10**11), st.sampled_from(["each", "g", "ml"]))),
            draw(st.none() | st.builds(Money, st.integers(0, 10**11), CURRENCIES)),
            end_user_id=draw(st.none() | IDS),
            declared_use=draw(TEXTS),
            ship_to=draw(st.none() | PLACES),
            for_stock=draw(st.none() | st.booleans()),
            attributes=draw(st.sampled_from([(), (("port", "Aden"),), (("port", "Ä"), ("purpose", "T"))])),
        )
        for line_id in ids
    )
    at = draw(st.none() | st.integers(0, 2 * a.T0))
    return Order(draw(IDS), draw(IDS), lines, at, draw(st.integers(1, 1000)))


@given(orders())
def test_an_order_survives_the_way_to_its_request_and_back_exactly(order: Order) -> None:
    """As objects and as JSON: nothing is rounded, nothing is lost."""
    request = request_of(order)
    assert order_of(request, "USD") == order
    assert order_of(read(request.model_dump_json().encode()), "USD") == order


@given(st.integers(0, 10**11), st.booleans())
def test_an_amount_is_read_digit_by_digit(cents: int, quoted: bool) -> None:
    """As a JSON number or as a text, 12.10 is 1210 cents."""
    amount = f"{cents // 100}.{cents % 100:02d}"
    text = f'"{amount}"' if quoted else amount
    asked = read(f'{{"order_id":"o","reseller_id":"r","lines":[{{"line_id":"1","sku":"k","amount":{text}}}]}}'.encode())
    assert asked.lines[0].amount == Decimal(amount)
    assert order_of(asked, "USD").lines[0].amount == Money(cents, "USD")


def test_a_number_finer_than_money_is_refused_and_never_rounded() -> None:
    """A float would have made 12.10 of it."""
    line = b'{"line_id":"1","sku":"k","amount":12.10000000000000001}'
    asked = read(b'{"order_id":"o","reseller_id":"r","lines":[' + line + b"]}")
    assert asked.lines[0].amount == Decimal("12.10000000000000001")
    with pytest.raises(Problem) as caught:
        order_of(asked, "USD")
    assert caught.value.faults[0].pointer == "/lines/0/amount"


NOT_JSON = [b"", b"{", b'{"a":NaN}', b"\xff", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}"]
NO_ORDERS = [{"zz": 1}, {"revision": 0}, {"revision": "1"}, {"lines": []}, {"order_id": 3}, {"reseller_id": "\ud800"}]


@pytest.mark.parametrize("text", NOT_JSON)
def test_what_is_not_json_is_told_as_such(text: bytes) -> None:
    """Neither a parser's depth nor Python's limits on numbers show."""
    with pytest.raises(Problem, match="not-json") as caught:
        read(text)
    assert caught.value.status == 400


def test_a_line_takes_from_the_order_what_it_does_not_name() -> None:
    """End user, class and ship-to; null and empty name nothing."""
    own = {"line_id": "2", "sku": "k", "end_user_id": "own", "ship_to": {"country": "FR"}}
    bare: dict[str, Any] = {"line_id": "1", "sku": "k", "end_user_id": "", "ship_to": {}, "end_user_class": None}
    asked = body(end_user_id="whole", end_user_class="university", ship_to={"country": "CH"}, lines=[bare, own])
    first, second = order_of(OrderRequest.model_validate(asked), "USD").lines
    assert (first.end_user_id, first.end_user_class, first.ship_to) == ("whole", "university", Place("CH"))
    assert (second.end_user_id, second.end_user_class, second.ship_to) == ("own", "university", Place("FR"))


def _pointers(asked: dict[str, Any]) -> list[str]:
    with pytest.raises(Problem) as caught:
        order_of(OrderRequest.model_validate(asked), "USD")
    return [fault.pointer for fault in caught.value.faults]


def test_each_fault_is_pointed_at_where_it_stands_in_the_body() -> None:
    """On the line, or on the order where the line took it from there; one fault a line."""
    line = {"line_id": "1", "sku": "k"}
    assert _pointers(body(ship_to={"country": "Congo"}, lines=[line])) == ["/ship_to/country"]
    bad = [{**line, "ship_to": {"latitude": 91.0}}, {**line, "line_id": "2", "attributes": {"Birth": "x"}}]
    assert _pointers(body(lines=bad)) == ["/lines/0/ship_to/latitude", "/lines/1/attributes"]
    assert _pointers(body(lines=[line, line])) == ["/lines"]
    assert _pointers(body(ordered_at="2026-03-01T09:30:00")) == ["/ordered_at"]
    assert _pointers(body(ordered_at="9999-12-31")) == ["/ordered_at"]


@pytest.mark.parametrize("more", NO_ORDERS)
def test_a_body_with_anything_else_in_it_is_no_order(more: dict[str, Any]) -> None:
    """Unknown fields, and types that are only nearly right."""
    with pytest.raises(ValidationError):
        OrderRequest.model_validate(body(**more))


def test_money_is_converted_at_the_rate_of_its_day() -> None:
    """Values are in the record's currency; the amount stays as it was said."""
    exchange = Exchange("USD", [a.rate("EUR", "1.25")])
    order = priced(a.order(lines=(OrderLine("1", "k", amount=Money(1210, "EUR")),)), exchange, a.T0, a.T0 + 1)
    assert (order.lines[0].value, order.lines[0].amount) == (1512, Money(1210, "EUR"))
    assert order.known_at == a.T0 + 1
    with pytest.raises(Problem) as caught:
        priced(order, exchange, a.T0 - 1, a.T0 + 1)
    assert caught.value.faults[0].pointer == "/lines/0/currency"


def test_a_ship_to_that_says_nothing_is_none() -> None:
    """So that it does not count as another order."""
    line = {"line_id": "1", "sku": "k", "ship_to": ShipTo().model_dump()}
    assert order_of(OrderRequest.model_validate(body(lines=[line])), "USD").lines[0].ship_to is None
