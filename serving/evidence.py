"""Which open orders a new piece of evidence would change: each asked again as of now, without it and with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from features.evidence import Linking, Notice
from features.facts.book import Book
from features.measures import DAY
from features.record import Entry, Record
from features.trade import Order, Status
from features.vector import Vectorizer
from models.action import Action
from models.decision import OrderDecision, decide
from models.model import Model
from models.rules import declared
from serving.batch import vectors

OPEN_DAYS = 90
"""Orders of the last so many days are open until the record says what became of them (our choice)."""

NAMED = 10
"""Notices that are named behind one reason, the newest."""

_ENDED = {Status.SHIPPED, Status.CANCELLED, Status.WITHHELD}


@dataclass(frozen=True, slots=True)
class Change:
    """An open order whose action the evidence changes, and the highest probability of its lines before and after."""

    order_id: str
    reseller_id: str
    before: Action
    after: Action
    probability_before: float
    probability_after: float


def changes(
    record: Record, model: Model, new: Sequence[tuple[Notice, Linking]], before: int, open_days: int = OPEN_DAYS
) -> tuple[int, list[Change]]:
    """How many open orders the new notices touch, and those of them whose action changes.

    `before` is the record's position before the notices were appended. Touched are orders of the resellers that they
    name, and orders of the goods that they speak of. All are asked at one moment, just after what is known, so that
    nothing but the evidence differs.
    """
    whole = Book.of(record)
    plain = replace(whole, evidence=[entry for entry in whole.evidence if entry.position <= before])
    held = [record.order(name) for name in _open(whole, new, open_days)]
    orders = [entry.event for entry in held if entry is not None]
    if not orders:
        return 0, []
    t = 1 + max(record.clock() or 0, *(linking.known_at for _, linking in new))
    again = [replace(order, revision=order.revision + 1, known_at=t) for order in orders]
    first, second = (_verdicts(book, model, again, t) for book in (plain, whole))
    found = [
        Change(order.order_id, order.reseller_id, old.action, now.action, old.probability, now.probability)
        for order, old, now in zip(again, first, second, strict=True)
        if old.action != now.action
    ]
    return len(orders), found


def _verdicts(book: Book, model: Model, orders: Sequence[Order], t: int) -> list[OrderDecision]:
    return [
        decide(model, values, [declared(order, line) for line in order.lines], t)
        for order, values in vectors(book, model, (), orders)
    ]


def _open(book: Book, new: Sequence[tuple[Notice, Linking]], days: int) -> list[str]:
    """The open orders that the notices touch."""
    lines = book.lines
    if not len(lines):
        return []
    ended = {entry.event.order_id for entry in book.statuses if entry.event.status in _ENDED}
    recent = pc.greater(lines["t"], pc.max(lines["t"]).as_py() - days * DAY)
    near = lines.filter(pc.and_(recent, pc.or_(*_touched(book, new))))
    return sorted(set(near["order_id"].to_pylist()) - ended)


def _touched(book: Book, new: Sequence[tuple[Notice, Linking]]) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Which lines are of a reseller that the notices name, and which of goods that they speak of."""
    named = {line.reseller_id for _, linking in new for line in linking.lines if line.reseller_id}
    goods = {line.category for notice, _ in new for line in notice.lines if line.category}
    skus = {entry.event.sku for entry in book.products if entry.event.category in goods}
    of_goods = pc.or_(_in(book.lines["sku"], skus), _in(book.lines["category"], goods))
    return _in(book.lines["reseller_id"], named), of_goods


def _in(column: pa.ChunkedArray, wanted: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column, pa.array(sorted(wanted), pa.string()))


def notices_behind(
    engine: Vectorizer, order: Order, verdict: OrderDecision, t: int, earlier: Sequence[Entry[Order]]
) -> dict[tuple[str, str], Sequence[str]]:
    """The notices behind the reasons of an order's lines, by line and feature; only features of awards have any."""
    found: dict[tuple[str, str], Sequence[str]] = {}
    for number, line in enumerate(verdict.lines):
        for reason in line.reasons or ():
            if reason.family == "awards" and reason.value:
                named = engine.behind(order, t, number, reason.feature, earlier)
                found[line.line_id, reason.feature] = named[:NAMED]
    return found
