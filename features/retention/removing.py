"""Which orders have been kept for their time, and how they go: a batch a transaction, each with its redaction.

An order goes as a whole: all its revisions with their lines, and the answers to them with their vectors. What stays is
its rows in the ledger (id, times, digests), its statuses, the findings on it and its recalls. It is kept while a legal
hold covers it, while a finding ``diverted`` on it stands (which holds its reseller, and would be forgotten with it),
and where no rule speaks of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from features.measures import Refused, iso
from features.record import LegalHold, Record, Redaction, history
from features.record.decisions import DECISIONS
from features.record.findings import FINDING, FINDINGS
from features.record.ledger import Entry, among
from features.record.notices import LINK_VERDICTS
from features.record.orders import ORDERS
from features.record.reading import Reader
from features.record.recalls import RECALLS
from features.record.reports import PEOPLE_NEEDED, people
from features.retention.policy import RetentionRule, longest, years_after, years_of
from features.trade import Finding, Order, Outcome, Product

BATCH = 500
"""Revisions of orders looked at, and redacted, together."""

LEGAL, DIVERTED, NO_RULE, TIME = "legal hold", "diverted", "no rule", "not yet"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an order: `kept` says why it stays, None where its time is over. `until` is when that is."""

    order_id: str
    kept: str | None
    regime: str | None = None
    until: int | None = None
    positions: tuple[int, ...] = ()


@dataclass
class Tally:
    """Orders by why they stay, and by the regime under which they go; and how many redactions were written."""

    kept: Counter[str] = field(default_factory=Counter)
    over: Counter[str] = field(default_factory=Counter)
    redactions: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count an order."""
        if verdict.kept is None:
            self.over[str(verdict.regime)] += 1
        else:
            self.kept[verdict.kept] += 1


@dataclass(frozen=True)
class Removal:
    """An order to remove: the people behind it, and why, for who reads of it in years."""

    who: tuple[str, ...]
    reason: str

    def __post_init__(self) -> None:
        if len(people(self.who)) < PEOPLE_NEEDED:
            raise Refused(
                "--who", list(self.who), f"are not {PEOPLE_NEEDED} different people", "name two: it is for good"
            )


def retain(
    record: Record,
    rules: tuple[RetentionRule, ...],
    now: int,
    removal: Removal | None = None,
    progress: Callable[[float], object] = lambda _: None,
) -> Tally:
    """Look at all orders of a record at `now`, microseconds UTC; with a `removal` those whose time is over go.

    Each batch is judged again, and removed, in a transaction of its own: interrupted, what went is gone and told, and
    the same call goes on. Without a `removal` nothing is written.
    """
    products = {entry.event.sku: entry.event for entry in record.entries((Product,))}
    tally, last = Tally(), max(record.position(), 1)
    for page, upto in _pages(record, now, years_of(rules)):
        if removal is None:
            with record.reading() as connection:
                verdicts = judged(connection, page, rules, products, now)
        else:
            with record.writer() as writer:
                verdicts = judged(writer.connection, page, rules, products, now)
                positions = sorted(position for each in verdicts for position in each.positions)
                if positions:
                    redaction = _redaction(removal, verdicts, positions, now)
                    writer.redact(redaction, source="retention")
                    tally.redactions += 1
        for verdict in verdicts:
            tally.add(verdict)
        progress(upto / last)
    return tally


def judged(
    connection: Connection,
    order_ids: Collection[str],
    rules: tuple[RetentionRule, ...],
    products: dict[str, Product],
    now: int,
) -> list[Verdict]:
    """What becomes of some orders at `now`, in the order of their ids."""
    orders: dict[str, list[Entry[Order]]] = defaultdict(list)
    for entry in Reader(connection).orders_of(order_ids):
        orders[entry.event.order_id].append(entry)
    held_orders, held_resellers = _held(connection)
    latest, decided, diverted = _events(connection, orders)
    found = []
    for order_id, revisions in sorted(orders.items()):
        rule = longest(rules, (entry.event for entry in revisions), products)
        if rule is None:
            found.append(Verdict(order_id, NO_RULE))
            continue
        known = max([latest[order_id], *(max(e.known_at, e.event.ordered_at or e.known_at) for e in revisions)])
        until, kept = years_after(known, rule.years), None
        if until > now:
            kept = TIME
        elif order_id in held_orders or any(entry.event.reseller_id in held_resellers for entry in revisions):
            kept = LEGAL
        elif order_id in diverted:
            kept = DIVERTED
        positions = () if kept else (*(entry.position for entry in revisions), *decided[order_id])
        found.append(Verdict(order_id, kept, f"{rule.regime} ({rule.years} years)", until, positions))
    return found


def _pages(record: Record, now: int, years: int) -> Iterator[tuple[list[str], int]]:
    """Ids of orders some of whose revisions are older than so many years, a page at a time, up to which position."""
    after = 0
    while True:
        with record.reading() as connection:
            c = ORDERS.c
            following = (
                select(c.position, c.order_id, c.t.label("moment")).where(c.position > after).order_by(c.position)
            )
            rows = connection.execute(following.limit(BATCH)).all()
        if not rows:
            return
        after = rows[-1].position
        yield sorted({row.order_id for row in rows if years_after(row.moment, years) <= now}), after


def _redaction(removal: Removal, verdicts: Sequence[Verdict], positions: list[int], now: int) -> Redaction:
    regimes = ", ".join(sorted({str(each.regime) for each in verdicts if each.positions}))
    redaction_id = f"retention {iso(now)} {positions[0]}"
    return Redaction(
        redaction_id, f"{removal.reason}; kept for its time: {regimes}", removal.who, now, tuple(positions)
    )


def _held(connection: Connection) -> tuple[set[str], set[str]]:
    """Orders and resellers under a legal hold that was not lifted."""
    newest: dict[str, LegalHold] = {}
    for entry in Reader(connection).entries((LegalHold,)):
        newest[entry.event.hold_id] = entry.event
    standing = [hold for hold in newest.values() if not hold.lifted]
    orders = {hold.order_id for hold in standing if hold.order_id is not None}
    return orders, {hold.reseller_id for hold in standing if hold.reseller_id is not None}


def _events(
    connection: Connection, order_ids: Collection[str]
) -> tuple[dict[str, int], dict[str, list[int]], set[str]]:
    """By order: the latest event beside its revisions, where its decisions stand; and those found diverted."""
    latest: dict[str, int] = defaultdict(lambda: -(2**62))
    decided: dict[str, list[int]] = defaultdict(list)

    def seen(order_id: str, *moments: int) -> None:
        latest[order_id] = max(latest[order_id], *moments)

    d = DECISIONS.c
    for position, order_id, known_at in connection.execute(
        select(d.position, d.order_id, d.known_at).where(d.order_id.in_(order_ids))
    ):
        decided[order_id].append(position)
        seen(order_id, known_at)
    for table in (RECALLS, LINK_VERDICTS):
        query = select(table.c.order_id, table.c.known_at).where(table.c.order_id.in_(order_ids))
        for order_id, known_at in connection.execute(query):
            seen(order_id, known_at)
    for status in history.statuses_of(connection, order_ids):
        seen(status.event.order_id, status.event.known_at, status.event.happened_at)
    newest: dict[str, Finding] = {}
    named = connection.execute(select(FINDINGS.c.position).where(FINDINGS.c.order_id.in_(order_ids))).scalars().all()
    for finding in FINDING.read(connection, among(named)) if named else ():
        newest[finding.event.finding_id] = finding.event
        seen(str(finding.event.order_id), finding.event.known_at, finding.event.happened_at)
    return latest, decided, {str(each.order_id) for each in newest.values() if each.outcome is Outcome.DIVERTED}
