"""The sales that a few notices can speak of, out of a record too large to read as a whole for them.

What is left out can be no candidate of these notices (see `features.awards.linking`): the links are those that the
whole record gives.
"""

import json
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, select

from features.awards.fit import AFTER, BEFORE
from features.awards.sales import NEVER_SHIPPED
from features.awards.suppliers import Suppliers
from features.evidence import AwardLine, Notice
from features.facts.book import Book
from features.record import Record
from features.record.orders import ORDER_LINES, ORDERS
from features.trade import Order, Product, Reseller, StatusChange

FEW = 20
"""Notices up to which only their own sales are read; for more, one reading of everything is quicker."""


def book_of(record: Record, notices: Sequence[Notice]) -> Book:
    """The book that these notices are linked with: everything, or for a few of them all that they can speak of."""
    if len(notices) > FEW:
        return Book.of(record)
    position = record.position()
    registers = record.entries((Reseller, Product), position)
    suppliers = Suppliers(entry for entry in registers if isinstance(entry.event, Reseller))
    products = [entry.event for entry in registers if isinstance(entry.event, Product)]
    asked = [condition for notice in notices for condition in _conditions(notice, suppliers, products)]
    names = _orders(record, asked)
    ends = [f"{status.value} {name}" for name in names for status in NEVER_SHIPPED]
    entries = [*registers, *record.about((Order,), names), *record.about((StatusChange,), ends)]
    upto = (entry for entry in entries if entry.position <= position)
    return Book.empty(record.currency).extended(sorted(upto, key=lambda entry: entry.position))


def _conditions(notice: Notice, suppliers: Suppliers, products: Collection[Product]) -> Iterator[ColumnElement[bool]]:
    """Which order lines each line of a notice may speak of."""
    for line in notice.lines:
        if line.serial is not None:
            yield ORDER_LINES.c.attributes.contains(json.dumps(line.serial, ensure_ascii=False), autoescape=True)
        if line.category is None:
            continue
        supplier = suppliers.named(line, notice.known_at)
        skus = sorted({product.sku for product in products if product.category == line.category})
        goods = (ORDER_LINES.c.category == line.category) | ORDER_LINES.c.sku.in_(skus)
        if supplier is not None:
            yield goods & (ORDERS.c.reseller_id == supplier.reseller_id)
        elif line.quantity is not None and line.value is not None:
            yield goods & _same_count(line, notice.dated)


def _same_count(line: AwardLine, awarded: int) -> ColumnElement[bool]:
    """Without a known supplier, only sales in the very quantity around the award count."""
    milli = None if line.quantity is None else line.quantity.milli
    return (ORDER_LINES.c.quantity_milli == milli) & ORDERS.c.t.between(awarded - BEFORE, awarded + AFTER)


def _orders(record: Record, conditions: Sequence[ColumnElement[bool]]) -> list[str]:
    """Ids of the orders that have a line under any of the conditions."""
    joined = select(ORDERS.c.order_id).join(ORDER_LINES, ORDERS.c.position == ORDER_LINES.c.position).distinct()
    names: set[str] = set()
    with record.reading() as connection:
        for condition in conditions:
            names.update(connection.execute(joined.where(condition)).scalars())
    return sorted(names)
