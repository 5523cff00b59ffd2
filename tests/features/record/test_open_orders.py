"""Open orders, on both databases."""

from features.measures import DAY
from features.record import Record
from features.record.open_orders import of_parties_or_goods, open_orders
from tests import factory as a


def opened(record: Record, *events: object, days: int = 10) -> dict[str, int]:
    """The open orders of a record that holds these events."""
    record.append(events, source="test", recorded_at=a.T0)  # type: ignore[arg-type]
    with record.reading() as connection:
        return open_orders(connection, days * DAY, record.position())


def test_an_order_is_open_until_a_status_ends_it(record: Record) -> None:
    """Held or proceeded it still is."""
    orders = [a.order(f"o{n}", at=a.T0 + n * DAY) for n in range(5)]
    ends = ["shipped", "cancelled", "withheld", "held"]
    said = [a.status(f"o{n}", became=end, at=a.T0 + 6 * DAY) for n, end in enumerate(ends)]
    assert opened(record, *orders, *said) == {"o3": 4, "o4": 5}


def test_an_old_order_is_not_open_but_one_that_was_revised_is(record: Record) -> None:
    """The newest revision is told by its position."""
    old = [a.order(f"o{n}", at=a.T0) for n in (1, 2)]
    assert opened(record, *old, a.order("o1", at=a.T0 + 30 * DAY, revision=2)) == {"o1": 3}


def test_an_empty_record_has_none(record: Record) -> None:
    """And nothing is asked of it."""
    assert opened(record) == {}


def test_orders_are_found_by_party_or_goods(record: Record) -> None:
    """By the product, or by the category that the line itself names; others, and orders not given, are left out."""
    goods = [("kit", None), ("other", "forensics/hid-kit"), ("other", None), ("kit", None)]
    orders = [a.order(f"o{n}", reseller="r2", sku=sku, category=category) for n, (sku, category) in enumerate(goods)]
    stand = opened(record, *orders, a.order("o9", reseller="r1", at=a.T0, sku="other"))
    del stand["o3"]
    with record.reading() as connection:
        found = of_parties_or_goods(connection, stand, {"r1"}, {"forensics/hid-kit"}, {"kit"})
    assert found == ["o0", "o1", "o9"]
