"""Orders that are still open: placed or revised of late, and ended by no status."""

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select

from features.record.columns import lines
from features.record.orders import ORDERS
from features.record.statuses import STATUSES
from features.trade import Status

ENDED = (Status.SHIPPED, Status.CANCELLED, Status.WITHHELD)
"""What ends an order: from then on no action on it changes anything."""


def open_lines(connection: Connection, span: int) -> pa.Table:
    """The lines of open orders as they stand in their newest revision, with the columns of `Record.lines`.

    Open is an order that was placed or revised within `span` microseconds before the newest of all, and that no status
    has ended.
    """
    newest = connection.execute(select(func.max(ORDERS.c.t))).scalar()
    recent = select(ORDERS.c.position, ORDERS.c.order_id).where(ORDERS.c.t > (newest or 0) - span)
    stands = {order_id: position for position, order_id in connection.execute(recent.order_by(ORDERS.c.position))}
    named = select(recent.subquery().c.order_id)
    ended = select(STATUSES.c.order_id).where(STATUSES.c.status.in_(ENDED), STATUSES.c.order_id.in_(named)).distinct()
    for order_id in connection.execute(ended).scalars():
        del stands[order_id]
    positions = pa.array(sorted(stands.values()), pa.int64())
    first, last = (positions[0].as_py(), positions[-1].as_py()) if stands else (1, 0)
    read = lines(connection, last, first)
    return read.filter(pc.is_in(read["position"], positions))
