"""Which open orders a confirmed diversion calls back, and which are let go to a person when it falls.

An order is *open* while it was neither shipped, cancelled nor withheld: one that proceeded has left no house yet, and
whoever let it proceed did not know. An order is called back by each standing ``diverted`` of its reseller that its
decision did not see. Once none of those that called it back stands any more, it is released to a person's review, never
to `proceed`. Both are the same question, `due`, asked of the record as it stands: asking again adds nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from features.record import history
from features.record.decisions import DECISIONS
from features.record.findings import FINDINGS
from features.record.ledger import LEDGER, Entry, among
from features.record.orders import ORDERS
from features.record.recalls import HOLD, RECALL, RECALLS, REVIEW, Recall
from features.record.store import Record
from features.record.writing import Writer
from features.trade import Finding, Outcome, Status

OVER = frozenset({Status.SHIPPED, Status.CANCELLED, Status.WITHHELD})
"""Newest statuses of an order that cannot be, or need not be, held any more."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Answered:
    """The newest revision of an order, and what its decision saw."""

    order_id: str
    revision: int
    decision_id: str
    t: int
    position_seen: int

    def saw(self, entry: Entry[Finding]) -> bool:
        """Whether a finding was in the record, and known strictly before the order's moment."""
        return entry.position <= self.position_seen and entry.known_at < self.t


def due(connection: Connection, reseller_id: str, known_at: int) -> list[Recall]:
    """The recalls that the record lacks for one reseller's open orders, known at a moment, microseconds UTC."""
    findings = _by_id(history.findings_about(connection, reseller_id))
    if not any(entry.event.outcome is Outcome.DIVERTED for each in findings.values() for entry in each):
        return []
    orders = _open(connection, _answered(connection, reseller_id))
    before = recalls_of(connection, [order.order_id for order in orders])
    return [
        Recall(order.order_id, number, order.revision, order.decision_id, action, *named, known_at)
        for order in orders
        for number, (action, named) in enumerate(
            _words(order, findings, before[order.order_id]), start=len(before[order.order_id]) + 1
        )
    ]


def recall(writer: Writer, reseller_ids: Iterable[str], *, recorded_at: int, source: str) -> int:
    """Append what is due for these resellers in the caller's turn; returns how many recalls that were."""
    count = 0
    for reseller_id in reseller_ids:
        for each in due(writer.connection, reseller_id, recorded_at):
            writer.append(each, source=source, recorded_at=recorded_at)
            count += 1
    return count


def concerned(connection: Connection, finding: Finding) -> list[str]:
    """The reseller that a finding judges, or those that its order ever named."""
    if finding.reseller_id is not None:
        return [finding.reseller_id]
    return sorted(_resellers_of(connection, [str(finding.order_id)]))


def found_after(connection: Connection, position: int) -> tuple[int, list[str]]:
    """The last finding's position, and the resellers that findings after a position may concern.

    From position 0 on only those of which a diversion was ever said: nothing else calls orders back.
    """
    c = FINDINGS.c
    query = select(c.reseller_id, c.order_id).where(c.position > position)
    rows = connection.execute(query if position else query.where(c.outcome == Outcome.DIVERTED.value)).all()
    found = {row.reseller_id for row in rows if row.reseller_id is not None}
    for some in _chunks([row.order_id for row in rows if row.order_id is not None]):
        found |= _resellers_of(connection, some)
    newest = connection.execute(select(func.max(c.position))).scalar()
    return newest or 0, sorted(found)


def recalls_of(connection: Connection, order_ids: Collection[str]) -> dict[str, list[Entry[Recall]]]:
    """The recalls of some orders, oldest first."""
    found: dict[str, list[Entry[Recall]]] = defaultdict(list)
    for some in _chunks(list(order_ids)):
        positions = connection.execute(select(RECALLS.c.position).where(RECALLS.c.order_id.in_(some))).scalars().all()
        for entry in RECALL.read(connection, among(positions)) if positions else ():
            found[entry.event.order_id].append(entry)
    return found


def recalled(connection: Connection, order_id: str, revision: int) -> str | None:
    """What stands for a revision of an order in place of its answer's action; None where nothing was said since."""
    said = [entry.event for entry in recalls_of(connection, [order_id])[order_id] if entry.event.revision == revision]
    return said[-1].action if said else None


def recalls_after(record: Record, position: int, most: int) -> list[Entry[Recall]]:
    """The next recalls after a position of the record, oldest first."""
    with record.reading() as connection:
        query = select(RECALLS.c.position).where(RECALLS.c.position > position).order_by(RECALLS.c.position)
        positions = connection.execute(query.limit(most)).scalars().all()
        return list(RECALL.read(connection, among(positions))) if positions else []


def _words(
    order: _Answered, findings: dict[str, list[Entry[Finding]]], before: Sequence[Entry[Recall]]
) -> Iterator[tuple[str, tuple[str, int]]]:
    """What is to be said of an order: action, and the finding (id, revision) behind it."""
    held: dict[str, None] = {}
    for entry in before:
        if entry.event.revision == order.revision:
            held = held | {entry.event.finding_id: None} if entry.event.action == HOLD else {}
    standing = {name: since for name, each in findings.items() if (since := _standing_since(each)) is not None}
    fresh = [name for name, since in standing.items() if name not in held and not order.saw(since)]
    for name in fresh:
        yield HOLD, (name, findings[name][-1].event.revision)
    if held and not fresh and not held.keys() & standing.keys():
        last = list(held)[-1]
        yield REVIEW, (last, findings[last][-1].event.revision if last in findings else 1)


def _standing_since(revisions: Iterable[Entry[Finding]]) -> Entry[Finding] | None:
    """The revision from which on a finding says diverted, without a break until now; None where it does not."""
    since = None
    for entry in revisions:
        since = (since or entry) if entry.event.outcome is Outcome.DIVERTED else None
    return since


def _by_id(entries: Iterable[Entry[Finding]]) -> dict[str, list[Entry[Finding]]]:
    found: dict[str, list[Entry[Finding]]] = {}
    for entry in sorted(entries, key=lambda each: each.position):
        found.setdefault(entry.event.finding_id, []).append(entry)
    return found


def _answered(connection: Connection, reseller_id: str) -> list[_Answered]:
    """The orders whose newest revision names the reseller and was answered, in order of their decisions."""
    o, d, later = ORDERS.c, DECISIONS.c, LEDGER.alias("later")
    revised = select(later.c.position).where(
        later.c.kind == "order", later.c.subject == o.order_id, later.c.version > o.revision
    )
    query = (
        select(o.order_id, o.revision, d.decision_id, d.t, d.position_seen)
        .join_from(ORDERS, DECISIONS, (d.order_id == o.order_id) & (d.revision == o.revision))
        .where(o.reseller_id == reseller_id, ~revised.exists())
        .order_by(d.position)
    )
    return [_Answered(*tuple(row)) for row in connection.execute(query)]


def _open(connection: Connection, orders: Sequence[_Answered]) -> list[_Answered]:
    newest: dict[str, Status] = {}
    for some in _chunks([order.order_id for order in orders]):
        for entry in history.statuses_of(connection, some):
            newest[entry.event.order_id] = entry.event.status
    return [order for order in orders if newest.get(order.order_id) not in OVER]


def _resellers_of(connection: Connection, order_ids: Sequence[str]) -> set[str]:
    """Those that any revision of these orders names."""
    placed = select(LEDGER.c.position).where(LEDGER.c.kind == "order", LEDGER.c.subject.in_(order_ids))
    return set(connection.execute(select(ORDERS.c.reseller_id).where(ORDERS.c.position.in_(placed))).scalars())


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))
