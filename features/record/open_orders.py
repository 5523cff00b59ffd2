"""Orders that are still open: placed or revised of late, and ended by no status."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from features.record.orders import ORDER_LINES, ORDERS
from features.record.statuses import STATUSES
from features.trade import Status

ENDED = (Status.SHIPPED, Status.CANCELLED, Status.WITHHELD)
"""What ends an order: from then on no action on it changes anything."""


def open_orders(connection: Connection, span: int) -> dict[str, int]:
    """The open orders, and the position of each one's newest revision.

    Open is an order that was placed or revised within `span` microseconds before the newest of all, and that no status
    has ended.
    """
    newest = connection.execute(select(func.max(ORDERS.c.t))).scalar()
    recent = select(ORDERS.c.position, ORDERS.c.order_id).where(ORDERS.c.t > (newest or 0) - span)
    stand = {order_id: position for position, order_id in connection.execute(recent.order_by(ORDERS.c.position))}
    named = select(recent.subquery().c.order_id)
    ended = select(STATUSES.c.order_id).where(STATUSES.c.status.in_(ENDED), STATUSES.c.order_id.in_(named)).distinct()
    for order_id in connection.execute(ended).scalars():
        del stand[order_id]
    return stand


def of_parties_or_goods(
    connection: Connection,
    orders: Mapping[str, int],
    resellers: Collection[str | None],
    categories: Collection[str | None],
    skus: Collection[str],
) -> list[str]:
    """Those of some orders that are of these resellers, or have a line of such goods, in the order of their ids."""
    if not orders:
        return []
    first, last = min(orders.values()), max(orders.values())
    by_reseller = select(ORDERS.c.position).where(
        ORDERS.c.position.between(first, last), ORDERS.c.reseller_id.in_(resellers)
    )
    by_goods = select(ORDER_LINES.c.position).where(
        ORDER_LINES.c.position.between(first, last),
        ORDER_LINES.c.category.in_(categories) | ORDER_LINES.c.sku.in_(skus),
    )
    found = {at for query in (by_reseller, by_goods) for at in connection.execute(query).scalars()}
    return sorted(order_id for order_id, position in orders.items() if position in found)
