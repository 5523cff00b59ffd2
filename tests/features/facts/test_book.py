"""A book holds what features are made of: from a record, from files, or from both."""

import re
from dataclasses import replace

import pytest

from features.facts.book import Book
from features.record import Record
from tests.factory import T0, finding, order, product, rate, reseller, status
from tests.features.worlds import book


def test_an_empty_record_is_an_empty_book(record: Record) -> None:
    """With the columns of lines, and no rows."""
    assert Book.of(record) == book()
    assert Book.of(record).lines.num_rows == 0


def test_a_book_holds_each_kind_of_the_record(record: Record) -> None:
    """In order of position; what is no history (a rate) stays out, and still moves the position."""
    events = (reseller(), product(), order(), finding(), status(), rate())
    record.append(events, source="test", recorded_at=T0)
    held = Book.of(record)
    kept = (held.resellers, held.products, held.findings, held.statuses)
    assert [entry.event for entries_ in kept for entry in entries_] == [events[0], events[1], events[3], events[4]]
    assert (held.lines["order_id"].to_pylist(), held.position) == (["o1"], 6)


def test_a_book_up_to_a_position_holds_nothing_behind_it(record: Record) -> None:
    """Nor does it claim positions that the record has not reached."""
    record.append([order("a"), order("b"), finding()], source="test", recorded_at=T0)
    assert (Book.of(record, 1).lines.num_rows, Book.of(record, 1).findings) == (1, [])
    assert Book.of(record, 99) == Book.of(record)


def test_a_record_and_its_entries_make_the_same_book(record: Record) -> None:
    """Files that were never recorded give the lines that a record gives."""
    events = (reseller(), order("a", for_stock=True), order("b", at=T0 + 5, category="kit"), finding(order_id="a"))
    record.append(events, source="test", recorded_at=T0)
    assert book(*events) == Book.of(record)


def test_a_book_knows_the_attributes_of_its_lines() -> None:
    """Sorted, each once."""
    ported = [order("a", attributes=(("port", "x"), ("purpose", "y"))), order("b", attributes=(("carrier", "z"),))]
    assert book(*ported, order("c")).attributes() == ("carrier", "port", "purpose")


def test_further_orders_stand_behind_the_book() -> None:
    """As if they had been appended to it."""
    first, second, third = order("a"), order("b", at=T0 + 5), order("c", at=T0 + 9)
    assert book(first).with_orders([second, third]) == book(first, second, third)


def test_a_further_order_without_a_moment_is_refused() -> None:
    """The error names the order and the mend."""
    with pytest.raises(ValueError, match=re.escape("order 'b' has no moment; set known_at")):
        book().with_orders([replace(order("b"), known_at=None)])


def test_what_is_no_history_is_left_out_of_a_book() -> None:
    """A rate is not a fact about an order line: its value was set when it was converted."""
    assert book(rate()) == replace(book(), position=1)
