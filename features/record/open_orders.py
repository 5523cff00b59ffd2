"""Orders that are still open: placed or revised of late, and ended by no status."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from features.record.orders import ORDER_LINES, ORDERS
from features.record.statuses import STATUSES
from features.trade import Status

ENDED = (Status.SHIPPED, Status.CANCELLED, Status.WITHHELD)
"""What ends an order: from then on no action on it changes anything."""

_AT_ONCE = 2_000
"""Names in one query; databases take some thousands."""


def open_orders(connection: Connection, span: int, upto: int) -> dict[str, int]:
    """The orders that are open at a position of the record, and the position of each one's newest revision by then.

    Open is an order that was placed or revised within `span` microseconds before the newest of all, and that no status
    has ended.
    """
    newest = connection.execute(select(func.max(ORDERS.c.t)).where(ORDERS.c.position <= upto)).scalar()
    late = (ORDERS.c.t > (newest or 0) - span) & (ORDERS.c.position <= upto)
    recent = select(ORDERS.c.position, ORDERS.c.order_id).where(late)
    stand = {order_id: position for position, order_id in connection.execute(recent.order_by(ORDERS.c.position))}
    named = select(recent.subquery().c.order_id)
    ended = select(STATUSES.c.order_id).where(STATUSES.c.status.in_(ENDED), STATUSES.c.order_id.in_(named))
    ended = ended.where(STATUSES.c.position <= upto).distinct()
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
    within = min(orders.values()), max(orders.values())
    named = ((ORDERS.c.reseller_id, resellers), (ORDER_LINES.c.category, categories), (ORDER_LINES.c.sku, skus))
    found: set[int] = set()
    for column, names in named:
        position, told = column.table.c.position, list(names)
        for start in range(0, len(told), _AT_ONCE):
            wanted = column.in_(told[start : start + _AT_ONCE])
            found.update(connection.execute(select(position).where(position.between(*within), wanted)).scalars())
    return sorted(order_id for order_id, position in orders.items() if position in found)
