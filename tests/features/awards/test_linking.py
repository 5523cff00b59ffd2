"""From a notice to the sales that it may speak of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.awards.linking import Linker
from features.evidence import Linking, Notice
from features.measures import DAY
from features.trade import Order, attributes
from tests import factory as a
from tests.features.awards.made import AWARDED, KNOWN, KORLA, award_line, notice
from tests.features.worlds import book

KIT = a.product("kit", category="forensics/hid-kit", at=a.T0 - DAY)
FIRM = a.reseller("r1", name="Tian Shan Trading Ltd", at=a.T0 - DAY)


def sale(order_id: str = "o1", **more: Any) -> Order:
    """Four kits to r1 at the beginning of the tests' world."""
    return a.order(order_id, **{"units": 4, **more})


def linked(told: Notice, *events: Any) -> Linking:
    """The links of a notice among these events."""
    return Linker(book(KIT, FIRM, *events)).link(told)


def grades(found: Linking) -> list[tuple[str | None, str]]:
    """Orders and grades."""
    return [(link.order_id, link.grade.value) for link in found.links]


def test_the_supplier_goods_quantity_and_date_make_a_b() -> None:
    """Each term in words."""
    found = linked(notice(), sale())
    assert grades(found) == [("o1", "B")]
    terms = dict(found.links[0].terms)
    assert terms["lag"] == "ordered 60 days before the award"
    assert terms["supplier"] == "r1 is named by its identifier"
    assert found.lines[0].explained


def test_a_model_named_by_its_supplier_makes_an_a() -> None:
    """Only by an identifier: a name may be another firm's."""
    assert grades(linked(notice("n", award_line(sku="kit")), sale())) == [("o1", "A")]
    by_name = award_line(supplier_id=None, supplier_name="Tianshan Trading Limited", sku="kit")
    assert grades(linked(notice("n", by_name), sale())) == [("o1", "B")]


def test_a_serial_number_needs_no_supplier() -> None:
    """Where a column of one's own holds it."""
    unnamed = award_line(supplier_id=None, serial="SN-9", units=None, value=None)
    assert grades(linked(notice("n", unnamed), sale(attributes=attributes({"serial": "SN-9"})))) == [("o1", "A")]


def test_without_a_supplier_goods_value_and_date_make_a_c() -> None:
    """Which explains nothing."""
    found = linked(notice("n", award_line(supplier_id="nobody of ours")), sale())
    assert grades(found) == [("o1", "C")]
    assert not found.lines[0].explained


def test_the_same_supplier_with_other_goods_makes_a_d() -> None:
    """It names no order."""
    other = award_line(category="sequencing/instrument")
    assert grades(linked(notice("n", other), sale())) == [(None, "D")]


def test_sales_that_fit_alike_share_the_weight_and_lose_the_grade() -> None:
    """Nothing tells them apart."""
    found = linked(notice(), sale("o1"), sale("o2"))
    assert grades(found) == [("o1", "C"), ("o2", "C")]
    assert [link.weight for link in found.links] == [0.5, 0.5]


def test_the_buyers_city_tells_sales_apart() -> None:
    """By more than four to one."""
    found = linked(notice(), sale("o1", ship_to=KORLA), sale("o2"))
    assert [(link.order_id, link.grade.value) for link in found.links if link.weight > 0.8] == [("o1", "B")]


def test_a_price_that_no_dealer_asks_is_no_b() -> None:
    """Ten times ours."""
    assert grades(linked(notice("n", award_line(value=10_000)), sale())) == [("o1", "C")]


@pytest.mark.parametrize("at", [AWARDED - 541 * DAY, AWARDED + 31 * DAY, KNOWN])
def test_a_sale_out_of_time_is_no_candidate(at: int) -> None:
    """Too old, too young, or not before the notice was known."""
    assert grades(linked(notice(), sale(at=at))) == [(None, "D")]


def test_only_the_revision_of_then_is_seen() -> None:
    """And nothing of an order that never shipped."""
    again = sale(at=a.T0 + DAY, revision=2, units=9)
    found = linked(notice(), sale(units=9), a.order("o1", at=a.T0 + DAY, revision=2, units=4))
    assert dict(found.links[0].terms)["quantity"] == "4 in both"
    assert "ordered" in dict(linked(notice(), sale(), again).links[0].terms)["quantity"]
    assert grades(linked(notice(), sale(), a.status(became="cancelled"))) == [(None, "D")]


def test_more_than_we_sold_is_noticed() -> None:
    """In pieces."""
    assert [linked(notice("n", award_line(units=units)), sale()).lines[0].exceeds for units in (4, 5)] == [False, True]


@given(st.lists(st.tuples(st.integers(0, 73), st.integers(1, 6)), min_size=1, max_size=12))
def test_weights_of_a_line_sum_to_one_and_no_sale_is_younger_than_the_notice(sold: list[tuple[int, int]]) -> None:
    """Whatever was sold."""
    orders = [sale(f"o{n}", at=a.T0 + day * DAY, units=units) for n, (day, units) in enumerate(sorted(sold))]
    later = sale("later", at=KNOWN)
    found = linked(notice(), *orders, later)
    assert sum(link.weight for link in found.links) == pytest.approx(1.0)
    assert "later" not in [link.order_id for link in found.links]
