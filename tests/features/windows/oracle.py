"""The laws in plain Python, slow and obvious: what a line may see, and each statistic over it."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from features.measures import DAY
from features.record.ledger import Entry
from features.trade import Finding, Order, OrderLine, Outcome, Status, StatusChange
from features.windows.view import Statistic, View

NAN = math.nan


@dataclass(frozen=True)
class Seen:
    """An event that a line sees: an order line, or a finding about one."""

    time: int
    key: tuple[Any, ...] | None
    line: OrderLine | None = None
    order: Order | None = None
    outcome: Outcome | None = None


class Oracle:
    """Everything that happened, and what a line of an order sees of it at t."""

    def __init__(self, entries: Iterable[Entry[Any]]) -> None:
        self.entries = list(entries)

    def of(self, kind: type) -> list[Entry[Any]]:
        return [entry for entry in self.entries if isinstance(entry.event, kind)]

    def revision(self, order_id: str, before: int) -> Entry[Order] | None:
        """The newest revision that stands before a position."""
        found = [e for e in self.of(Order) if e.event.order_id == order_id and e.position < before]
        return max(found, key=lambda e: e.position, default=None)

    def gone(self, entry: Entry[Order], t: int) -> bool:
        """Whether a revision was superseded or cancelled, and that was known before t."""
        later = [e for e in self.of(Order) if e.event.order_id == entry.event.order_id and e.position > entry.position]
        upto = min((e.position for e in later), default=math.inf)
        ends = [e for e in later if e.position == upto] + [
            e
            for e in self.of(StatusChange)
            if e.event.order_id == entry.event.order_id
            and e.event.status is Status.CANCELLED
            and entry.position < e.position < upto
        ]
        return any(e.known_at < t for e in ends)

    def seen(self, key: tuple[str, ...], own: str, t: int) -> list[Seen]:
        """Events of other orders with known_at < t that still stand."""
        lines = [
            Seen(e.known_at, key_of(key, e.event, line), line, e.event)
            for e in self.of(Order)
            if e.known_at < t and e.event.order_id != own and not self.gone(e, t)
            for line in e.event.lines
        ]
        return lines + [seen for seen in self.findings(key, t) if seen is not None and seen_order(seen) != own]

    def findings(self, key: tuple[str, ...], t: int) -> list[Seen]:
        newest: dict[str, Entry[Finding]] = {}
        for entry in self.of(Finding):
            if entry.known_at < t:
                newest[entry.event.finding_id] = entry
        return [s for entry in newest.values() if (s := self.finding(entry, key)) is not None]

    def finding(self, entry: Entry[Finding], key: tuple[str, ...]) -> Seen | None:
        finding = entry.event
        if finding.outcome is Outcome.WITHDRAWN:
            return None
        judged = self.revision(str(finding.order_id), entry.position)
        if judged is None:
            return None
        lines = [line for line in judged.event.lines if line.line_id == finding.line_id] or judged.event.lines
        keys = {key_of(key, judged.event, line) for line in lines}
        return Seen(entry.known_at, keys.pop() if len(keys) == 1 else None, None, judged.event, finding.outcome)


def seen_order(seen: Seen) -> str | None:
    return seen.order.order_id if seen.order else None


def field(name: str, order: Order, line: OrderLine) -> Any:
    place = line.ship_to
    return {
        "order": order.order_id,
        "reseller": order.reseller_id,
        "end_user": line.end_user_id,
        "ship_city": place.city if place else None,
        "category": line.category,
        "sku": line.sku,
        "value": line.value,
        "units": line.quantity.milli if line.quantity else None,
    }[name]


def key_of(key: tuple[str, ...], order: Order, line: OrderLine) -> tuple[Any, ...] | None:
    parts = tuple(field(name, order, line) for name in key)
    return None if None in parts else parts


def passes(seen: Seen, where: str) -> bool:
    if seen.outcome is not None:
        return seen.outcome.value == where
    assert seen.order is not None
    assert seen.line is not None
    return {
        "lines": True,
        "orders": seen.line is seen.order.lines[0],
        "undeclared": seen.line.end_user_id is None,
        "stock": seen.line.for_stock is True,
        "declared": seen.line.end_user_id is not None,
        "use_undeclared": seen.line.declared_use is None,
    }.get(where, False)


def features(view: View, oracle: Oracle, order: Order, line: OrderLine, t: int, first: int | None) -> list[float]:
    """The view's features of a line at t, in the order of `View.expand`."""
    key = key_of(view.key, order, line)
    pairs = list(view.rows())
    if key is None:
        return [NAN] * len(pairs)
    events = [seen for seen in oracle.seen(view.key, order.order_id, t) if seen.key == key]
    return [one(statistic, days, events, order, line, t, first) for statistic, days in pairs]


def one(
    s: Any, days: int | None, events: Sequence[Seen], order: Order, line: OrderLine, t: int, first: int | None
) -> float:
    inside = [e for e in events if days is None or e.time >= t - days * DAY]
    kind: str = s.kind
    passing = [e for e in inside if passes(e, getattr(s, "where", "lines"))]
    if kind == "count":
        judged = s.where in {"diverted", "cleared", "inconclusive"}
        return float(len({seen_order(e) for e in passing} if judged else passing))
    if kind == "share":
        among = sum(passes(e, s.among) for e in inside)
        return len(passing) / among if among else NAN
    if kind == "variety":
        named = {seen_field(s.column, e) for e in passing} - {None}
        return len(named) / len(passing) if passing else NAN
    if kind == "burst":
        usual = sum(passes(e, s.where) for e in events if e.time >= t - s.usual * DAY)
        return (len(passing) / (days or 1)) / (usual / s.usual) if usual else NAN
    if kind in {"since_last", "gap"}:
        since = min(((t - e.time) / DAY for e in passing), default=NAN)
        return since * len(passing) / (days or 1) if kind == "gap" else since
    if kind == "since_first":
        return NAN if first is None else (t - first) / DAY
    if kind == "finding_rate":
        diverted = {seen_order(e) for e in inside if passes(e, "diverted")}
        decided = diverted | {seen_order(e) for e in inside if passes(e, "cleared")}
        return float((len(diverted) + s.prior * s.weight) / (len(decided) + s.weight))
    values = [seen_field(s.column, e) for e in passing]
    return float(of_values(s, [v for v in values if v is not None], field(s.column, order, line)))


def seen_field(name: str, seen: Seen) -> Any:
    """A column of what is seen; of a finding only the order that it judges."""
    assert seen.order is not None
    if seen.line is None:
        assert name == "order"
        return seen.order.order_id
    return field(name, seen.order, seen.line)


def of_values(s: Statistic, values: list[Any], own: Any) -> Any:
    scale = {"value": 100.0, "units": 1000.0}.get(getattr(s, "column", ""), 1.0)
    if s.kind == "distinct":
        return float(len(set(values)))
    if s.kind in {"min", "max"}:
        return (min if s.kind == "min" else max)(values) / scale if values else NAN
    if s.kind == "sum":
        return sum(values) / scale
    if s.kind == "mean":
        return sum(values) / len(values) / scale if values else NAN
    if s.kind == "ratio":
        return own / (sum(values) / len(values)) if values and sum(values) and own is not None else NAN
    if len(values) < 2:
        return NAN
    deviation = statistics.stdev(values)
    if s.kind == "std":
        return deviation / scale
    return (own - sum(values) / len(values)) / deviation if deviation and own is not None else NAN
