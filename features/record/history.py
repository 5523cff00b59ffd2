"""What the record holds of one reseller or one order: asked for by people, one party at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from features.record.decisions import DECISIONS
from features.record.findings import FINDING, FINDINGS
from features.record.ledger import LEDGER, Entry, among
from features.record.orders import ORDER_LINES, ORDERS
from features.record.resellers import RESELLER, RESELLERS
from features.record.sell_through import REPORT, SELL_THROUGH
from features.record.statuses import STATUS
from features.sell_through import SellThrough
from features.trade import Finding, Reseller, Status, StatusChange


@dataclass(frozen=True, slots=True)
class Placed:
    """One revision of an order, with what was answered to it, None where nothing was. `t` is its moment."""

    order_id: str
    revision: int
    position: int
    t: int
    decision_id: str | None
    action: str | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class LineSum:
    """One order line in figures; `value` in minor units of the record's currency, `milli` thousandths of its unit."""

    order_id: str
    t: int
    sku: str
    category: str | None
    country: str | None
    end_user_id: str | None
    unit: str | None
    milli: int | None
    value: int | None


def reseller(connection: Connection, reseller_id: str) -> Entry[Reseller] | None:
    """The newest version of a reseller, None where the register does not hold it."""
    c = RESELLERS.c
    named = select(c.position).where(c.reseller_id == reseller_id).order_by(c.known_at.desc(), c.position.desc())
    position = connection.execute(named.limit(1)).scalar()
    return None if position is None else next(RESELLER.read(connection, among([position])))


def orders_of(connection: Connection, reseller_id: str) -> list[Placed]:
    """The newest revision of each order of a reseller, oldest moment first.

    An order that a later revision gave to another reseller is left to that one.
    """
    newest: dict[str, Placed] = {}
    for each in _placed(connection, ORDERS.c.reseller_id == reseller_id):
        if each.order_id not in newest or newest[each.order_id].revision < each.revision:
            newest[each.order_id] = each
    return sorted(newest.values(), key=lambda each: (each.t, each.position))


def revisions_of(connection: Connection, order_id: str) -> list[Placed]:
    """All revisions of an order, oldest first."""
    named = (LEDGER.c.kind == "order") & (LEDGER.c.subject == order_id)
    positions = connection.execute(select(LEDGER.c.position).where(named)).scalars().all()
    rows = _placed(connection, ORDERS.c.position.in_(positions)) if positions else ()
    return sorted(rows, key=lambda each: each.revision)


def lines_of(connection: Connection, reseller_id: str, orders: Iterable[Placed], since: int) -> list[LineSum]:
    """The lines of these orders of a reseller whose moment is not before `since`."""
    c, o = ORDER_LINES.c, ORDERS.c
    about = (c.sku, c.category, c.ship_country, c.end_user_id, c.unit, c.quantity_milli, c.value)
    wanted = {order.position for order in orders}
    query = (
        select(o.position, o.order_id, o.t, *about)
        .join(ORDER_LINES, c.position == o.position)
        .where(o.reseller_id == reseller_id, o.t >= since)
        .order_by(o.position, c.line_no)
    )
    return [LineSum(*tuple(row)[1:]) for row in connection.execute(query) if row.position in wanted]


def statuses_of(connection: Connection, order_ids: Iterable[str]) -> list[Entry[StatusChange]]:
    """What became of some orders, in the order in which it was told."""
    subjects = [f"{status.value} {order_id}" for order_id in order_ids for status in Status]
    named = (LEDGER.c.kind == STATUS.name) & LEDGER.c.subject.in_(subjects)
    return _read_statuses(connection, connection.execute(select(LEDGER.c.position).where(named)).scalars().all())


def findings_on(connection: Connection, order_id: str) -> list[Entry[Finding]]:
    """All revisions of the findings on an order or a line of it."""
    return _findings(connection, FINDINGS.c.order_id == order_id)


def findings_about(connection: Connection, reseller_id: str) -> list[Entry[Finding]]:
    """All revisions of the findings on a reseller and on its orders."""
    orders = select(ORDERS.c.order_id).where(ORDERS.c.reseller_id == reseller_id)
    return _findings(connection, (FINDINGS.c.reseller_id == reseller_id) | FINDINGS.c.order_id.in_(orders))


def reports_of(connection: Connection, reseller_id: str, upto: int) -> list[SellThrough]:
    """All sell-through reports of a reseller up to a position, in the order in which they were known."""
    named = (SELL_THROUGH.c.reseller_id == reseller_id) & (SELL_THROUGH.c.position <= upto)
    found = REPORT.read(connection, lambda _: named)
    return [entry.event for entry in sorted(found, key=lambda entry: (entry.known_at, entry.position))]


def _findings(connection: Connection, named: ColumnElement[bool]) -> list[Entry[Finding]]:
    positions = connection.execute(select(FINDINGS.c.position).where(named)).scalars().all()
    return list(FINDING.read(connection, among(positions))) if positions else []


def _read_statuses(connection: Connection, positions: Iterable[int]) -> list[Entry[StatusChange]]:
    found = list(positions)
    return list(STATUS.read(connection, among(found))) if found else []


def _placed(connection: Connection, named: ColumnElement[bool]) -> Iterator[Placed]:
    o, d = ORDERS.c, DECISIONS.c
    answered = (d.order_id == o.order_id) & (d.revision == o.revision)
    about = (o.order_id, o.revision, o.position, o.t, d.decision_id, d.action, d.probability)
    for row in connection.execute(select(*about).outerjoin_from(ORDERS, DECISIONS, answered).where(named)):
        yield Placed(*tuple(row))
