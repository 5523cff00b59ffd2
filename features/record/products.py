"""Products as rows: each version whole."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Integer, Table, Text

from features.measures import Money
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Product

PRODUCTS = Table(
    "products",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("sku", Text, nullable=False),
    Column("category", Text),
    Column("name", Text),
    Column("hs_code", Text),
    Column("eccn", Text),
    Column("sensitivity", Integer),
    Column("list_price_minor", INT64),
    Column("list_price_currency", Text),
)


def _identity(event: Product) -> tuple[str, int]:
    return event.sku, event.known_at


def _times(event: Product) -> tuple[int | None, int | None]:
    return None, event.known_at


def _rows(entry: Entry[Product]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    price = event.list_price
    codes = (event.category, event.name, event.hs_code, event.eccn, event.sensitivity)
    money = (price.minor, price.currency) if price else (None, None)
    yield PRODUCTS, (entry.position, entry.known_at, event.sku, *codes, *money)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Product]]:
    for position, known_at, *about, minor, currency in at(connection, PRODUCTS, within):
        sku, category, name, hs_code, eccn, sensitivity = about
        price = None if minor is None else Money(minor, currency)
        event = Product(sku, known_at, category, name, hs_code, eccn, sensitivity, price)
        yield Entry(position, known_at, event)


PRODUCT: Kind[Product] = Kind(
    "product",
    Product,
    (PRODUCTS,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Products, by SKU and the time from which this version is known."""
