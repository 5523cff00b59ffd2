"""Sell-through reports as rows: each version whole."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Table, Text
from sqlalchemy import Index as TableIndex

from features.measures import Quantity
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.sell_through import SellThrough

SELL_THROUGH = Table(
    "sell_through_reports",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("reseller_id", Text, nullable=False),
    Column("sku", Text),
    Column("category", Text),
    Column("period_from", INT64, nullable=False),
    Column("period_to", INT64, nullable=False),
    Column("quantity_milli", INT64, nullable=False),
    Column("unit", Text, nullable=False),
    Column("end_user_id", Text),
    TableIndex(None, "reseller_id"),
)


def _identity(event: SellThrough) -> tuple[str, int]:
    return event.report_id, event.known_at


def _times(event: SellThrough) -> tuple[int | None, int | None]:
    return event.period_to, event.known_at


def _rows(entry: Entry[SellThrough]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    goods, period = (event.sku, event.category), (event.period_from, event.period_to)
    sold = (event.quantity.milli, event.quantity.unit)
    yield SELL_THROUGH, (entry.position, entry.known_at, event.reseller_id, *goods, *period, *sold, event.end_user_id)


def _read(connection: Connection, within: Within) -> Iterator[Entry[SellThrough]]:
    for position, known_at, reseller_id, sku, category, begins, ends, milli, unit, end_user in at(
        connection, SELL_THROUGH, within
    ):
        goods = sku, category, end_user
        event = SellThrough(reseller_id, begins, ends, Quantity(milli, unit), known_at, *goods)
        yield Entry(position, known_at, event)


REPORT: Kind[SellThrough] = Kind(
    "sell_through",
    SellThrough,
    (SELL_THROUGH,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Sell-through reports, by what they report on and the time from which this version is known."""
