"""Orders and their lines as rows: an order's `known_at` is its moment, kept as `t`."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Double, ForeignKey, Integer, Table, Text
from sqlalchemy import Index as TableIndex

from features.measures import Money, Quantity
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Order, OrderLine, Place

ORDERS = Table(
    "orders",
    METADATA,
    position_column(),
    Column("t", INT64, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("ordered_at", INT64),
    Column("reseller_id", Text, nullable=False),
    TableIndex(None, "reseller_id"),
)

ORDER_LINES = Table(
    "order_lines",
    METADATA,
    Column("position", INT64, ForeignKey(ORDERS.c.position), primary_key=True, autoincrement=False),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("line_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("quantity_milli", INT64),
    Column("unit", Text),
    Column("amount_minor", INT64),
    Column("currency", Text),
    Column("value", INT64),
    Column("category", Text),
    Column("end_user_id", Text),
    Column("end_user_class", Text),
    Column("declared_use", Text),
    Column("ship_country", Text),
    Column("ship_region", Text),
    Column("ship_city", Text),
    Column("ship_latitude", Double),
    Column("ship_longitude", Double),
    Column("for_stock", Boolean),
    Column("attributes", Text),
    Column("ship_x_km", Double),
    Column("ship_y_km", Double),
    sqlite_with_rowid=False,  # lines lie in order of position, so that reading them all is one walk
)
"""One row an order line; `line_no` counts from 0, the index into `Order.lines`."""

_NOWHERE = Place()


def _line_row(line: OrderLine) -> Row:
    quantity, amount, place = line.quantity, line.amount, line.ship_to or _NOWHERE
    return (
        line.line_id,
        line.sku,
        quantity.milli if quantity else None,
        quantity.unit if quantity else None,
        amount.minor if amount else None,
        amount.currency if amount else None,
        line.value,
        line.category,
        line.end_user_id,
        line.end_user_class,
        line.declared_use,
        *(place.country, place.region, place.city, place.latitude, place.longitude),
        line.for_stock,
        json.dumps(dict(line.attributes), ensure_ascii=False) if line.attributes else None,
        *(place.x_km, place.y_km),
    )


def _line(*row: Any) -> OrderLine:
    line_id, sku, milli, unit, minor, currency, value, category, end_user, user_class, use, *rest = row
    *place, for_stock, attributes, x_km, y_km = rest
    place += [x_km, y_km]
    return OrderLine(
        line_id,
        sku,
        None if milli is None else Quantity(milli, unit),
        None if minor is None else Money(minor, currency),
        value,
        category,
        end_user,
        user_class,
        use,
        None if place == [None] * 7 else Place(*place),
        for_stock,
        tuple(json.loads(attributes).items()) if attributes else (),
    )


def _identity(event: Order) -> tuple[str, int]:
    return event.order_id, event.revision


def _times(event: Order) -> tuple[int | None, int | None]:
    return event.ordered_at, event.known_at


def _canonical(event: Order) -> Order:
    """A ship-to that says nothing is no ship-to."""
    if not any(line.ship_to == _NOWHERE for line in event.lines):
        return event
    lines = (replace(line, ship_to=None) if line.ship_to == _NOWHERE else line for line in event.lines)
    return replace(event, lines=tuple(lines))


def _rows(entry: Entry[Order]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    head = (entry.known_at, entry.late, event.order_id, event.revision, event.ordered_at, event.reseller_id)
    yield ORDERS, (entry.position, *head)
    for number, line in enumerate(event.lines):
        yield ORDER_LINES, (entry.position, number, *_line_row(line))


def _read(connection: Connection, within: Within) -> Iterator[Entry[Order]]:
    lines: dict[int, list[OrderLine]] = {}
    for position, _, *row in at(connection, ORDER_LINES, within):
        lines.setdefault(position, []).append(_line(*row))
    for position, t, late, order_id, revision, ordered_at, reseller_id in at(connection, ORDERS, within):
        order = Order(order_id, reseller_id, tuple(lines[position]), ordered_at, revision, t)
        yield Entry(position, t, order, late)


ORDER: Kind[Order] = Kind(
    "order",
    Order,
    (ORDERS, ORDER_LINES),
    identity=_identity,
    times=_times,
    canonical=_canonical,
    rows=_rows,
    read=_read,
    revised=True,
)
"""Orders, by id and revision."""
