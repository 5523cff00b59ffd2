"""Opening, appending, and reading back in order."""

import doctest
from decimal import Decimal

import pytest

from features.evidence import Linking, Notice
from features.measures import Money, Quantity
from features.record import Entry, Event, LegalHold, Record, WrongCurrency, moments, store
from features.trade import Order, OrderLine, Place, Site, attributes
from tests import factory as a
from tests.features.awards.made import award_line, link, linking, notice, verdict

EVERYTHING: list[Event] = [
    a.reseller(name="Harbour \t Labs\n\\N", sites=(Site(Place("CN", "CN-XJ", "Ürümqi", 43.8, -87.6), "office", 1, 2),)),
    a.reseller("r2", sites=(), phone_id="p1", owner_id="o1", territory=("CN-GD", "KZ")),
    a.product(hs_code="9027.89", eccn="3A999", sensitivity=3, list_price=Money(99, "EUR")),
    a.rate(value="1.0800"),
    a.order(ship_to=Place("TR"), attributes=attributes({"port": "Mersin", "purpose": 'a "b", c'}), for_stock=False),
    Order("o2", "r1", (OrderLine("1", "kit"), OrderLine("2", "kit", Quantity(0, "ml"), category="")), known_at=a.T0),
    a.status(),
    a.finding(line_id="1", confidence=0.7, propensity=0.05, source="notice", note="two\nlines"),
    a.finding(revision=2, outcome="withdrawn"),
    a.decision(vectors=bytes(range(24)), late=True),
    a.promotion(),
    notice("n1", award_line(amount=Money(5, "CNY"), sku="kit", serial="9"), award_line(None, None)),
    linking(link(terms=(("lag", '60 "days"'),)), link(None, "D")),
    verdict(link(), at=a.T0),
    a.sold_on(),
    a.sold_on(sku="kit", category="sequencing/kit", end_user_id="u1", at=a.T0),
    a.recall(),
    LegalHold("h1", 'subpoena "24"', ("ana", "bén"), a.T0, reseller_id="r1"),
]


def test_every_event_reads_back_as_it_was(record: Record) -> None:
    """Whatever its kind, an event comes out of the tail equal to what went in."""
    receipt = record.append(EVERYTHING, source="test", recorded_at=a.T0)
    assert [entry.event for entry in record.tail(0)] == EVERYTHING
    assert receipt.complete, str(receipt)
    assert len(EVERYTHING) == receipt.appended == receipt.position == record.position()


def test_positions_follow_the_order_of_arrival(record: Record) -> None:
    """The first event stands at 1, and each batch goes on where the last one ended."""
    record.append([a.order("b"), a.order("a")], source="test", recorded_at=a.T0)
    record.append([a.order("c")], source="test", recorded_at=a.T0)
    found = [(entry.position, entry.event.order_id) for entry in record.tail(0) if isinstance(entry.event, Order)]
    assert found == [(1, "b"), (2, "a"), (3, "c")]


def test_the_tail_can_begin_and_end_anywhere(record: Record) -> None:
    """`after` is left out, `upto` is let in, and beyond the end there is nothing."""
    record.append([a.order(f"o{number}") for number in range(5)], source="test", recorded_at=a.T0)
    assert [entry.position for entry in record.tail(2, upto=4)] == [3, 4]
    assert [entry.position for entry in record.tail(4, upto=99)] == [5]
    assert list(record.tail(5)) == []


def test_entries_about_some_subjects_are_found(record: Record) -> None:
    """Of the kinds that are asked for, in order of position, however many subjects there are."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    subjects = ["o1", "n1", *(f"nobody {number}" for number in range(5_000))]
    found = [(type(entry.event).__name__, entry.position) for entry in record.about((Order, Notice, Linking), subjects)]
    assert found == [("Order", 5), ("Notice", 12), ("Linking", 13)]
    assert record.about((Order,), []) == []


def test_an_empty_record_has_no_clock(record: Record) -> None:
    """Nothing known yet: position 0, no clock, no champion, no order."""
    assert (record.position(), record.clock(), record.champion(), record.order("o1")) == (0, None, None, None)
    assert {0} == set(record.counts().values())


def test_the_clock_follows_orders_statuses_and_findings(record: Record) -> None:
    """Resellers, products and rates may be known ahead without moving it."""
    record.append([a.order(at=a.T0), a.reseller(at=a.T0 + 9), a.rate(at=a.T0 + 9)], source="test", recorded_at=a.T0)
    assert record.clock() == a.T0
    record.append([a.status(at=a.T0 + 3), a.finding(at=a.T0 + 2)], source="test", recorded_at=a.T0)
    assert record.clock() == a.T0 + 3


def test_an_order_is_found_by_id_and_revision(record: Record) -> None:
    """The newest revision answers unless one is named."""
    first, second = a.order(), a.order(revision=2, units=9)
    record.append([first, second], source="test", recorded_at=a.T0, late=lambda order: order.revision == 2)
    assert Entry(2, a.T0, second, late=True) == record.order("o1")
    assert Entry(1, a.T0, first) == record.order("o1", 1)
    assert record.order("o1", 3) is None


def test_counts_name_what_is_there(record: Record) -> None:
    """Orders and their lines are counted apart."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    counts = record.counts()
    assert (counts["orders"], counts["lines"], counts["resellers"], counts["findings"]) == (2, 3, 2, 2)


def test_a_record_opens_again_with_all_it_held(record_url: str) -> None:
    """Closing and opening changes nothing."""
    with Record.open(record_url) as record:
        record.append(EVERYTHING, source="test", recorded_at=a.T0)
    with Record.open(record_url) as record:
        assert [entry.event for entry in record.tail(0)] == EVERYTHING


def test_the_currency_is_fixed_at_creation(record_url: str) -> None:
    """Another currency later is refused by name; none asked for takes the record's own."""
    Record.open(record_url, currency="EUR").close()
    with pytest.raises(WrongCurrency, match="'USD' was asked for, but this record was created in 'EUR'"):
        Record.open(record_url, currency="USD")
    with Record.open(record_url) as record:
        assert record.currency == "EUR"


def test_rates_keep_each_digit(record: Record) -> None:
    """A rate is decimal text, never a float."""
    record.append([a.rate(value="0.1000000000000000000000001")], source="test", recorded_at=a.T0)
    (entry,) = record.tail(0)
    assert Decimal("0.1000000000000000000000001") == getattr(entry.event, "rate", None)


def test_progress_is_told_while_events_arrive(record: Record) -> None:
    """Each batch reports how many events were seen so far."""
    told: list[int] = []
    events = (a.order(f"o{number}") for number in range(2_500))
    record.append(events, source="test", recorded_at=a.T0, progress=told.append)
    assert told == [1_000, 2_000, 2_500]


def test_a_ship_to_that_says_nothing_is_none(record: Record) -> None:
    """An empty place and no place are one content."""
    receipt = record.append([a.order(ship_to=Place()), a.order()], source="test", recorded_at=a.T0)
    assert (receipt.appended, receipt.same) == (1, 1)


def test_the_examples_in_the_docstrings_hold() -> None:
    """What the docstrings show is what happens."""
    for module in (store, moments):
        results = doctest.testmod(module)
        assert results.attempted > 0
        assert results.failed == 0
