"""What the record tells of one order or one reseller, as people read it: history, norms, findings."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from features.measures import DAY, iso, minor_digits
from features.record import Entry, Recall, Record
from features.record import history as held
from features.record.history import LineSum, Placed
from features.record.recalling import recalls_of
from features.record.reports import needs, people
from features.trade import Finding, Reseller, StatusChange
from serving.problems import Problem, shown
from serving.removed import missing

DAYS = (30, 90, 365)
NEWEST = 20
MOST = 10
"""Categories and countries that are told."""


def order(record: Record, order_id: str) -> dict[str, Any]:
    """All that is known of an order, see `serving.inquiry_contract.OrderAnswer`; raises `Problem` for none."""
    with record.reading() as connection:
        revisions = held.revisions_of(connection, order_id)
        if not revisions:
            raise missing(record, "order", order_id)
        statuses, findings = held.statuses_of(connection, [order_id]), held.findings_on(connection, order_id)
        recalls = recalls_of(connection, [order_id])[order_id]
    return {
        "order_id": order_id,
        "stands": _stands(revisions[-1], recalls),
        "revisions": [_placed(each) for each in revisions],
        "statuses": [status(each) for each in statuses],
        "findings": [finding(each) for each in findings],
        "recalls": [recall(each) for each in recalls],
    }


def profile(record: Record, reseller_id: str, now: int) -> dict[str, Any]:
    """A reseller as of now (microseconds UTC), see `serving.inquiry_contract.Profile`; raises `Problem` for none."""
    with record.reading() as connection:
        entry, orders = held.reseller(connection, reseller_id), held.orders_of(connection, reseller_id)
        if entry is None and not orders:
            raise Problem("no-reseller", f"neither the register nor an order names {shown(reseller_id)!r}")
        lines = held.lines_of(connection, reseller_id, orders, now - DAYS[-1] * DAY)
        findings = held.findings_about(connection, reseller_id)
    return {
        "reseller_id": reseller_id,
        **_registered(None if entry is None else entry.event),
        "position": record.position(),
        "currency": record.currency,
        "orders": len(orders),
        "first_order": iso(orders[0].t) if orders else None,
        "last_order": iso(orders[-1].t) if orders else None,
        "decisions": dict(Counter(each.action for each in orders if each.action is not None)),
        "windows": [_window(days, lines, now, record.currency) for days in DAYS],
        "norms": _norms(lines, record.currency),
        "findings": [finding(each) for each in findings],
        "newest": [_placed(each) for each in reversed(orders[-NEWEST:])],
    }


def status(entry: Entry[StatusChange]) -> dict[str, Any]:
    """A status as JSON types."""
    event = entry.event
    times = {"happened_at": iso(event.happened_at), "known_at": iso(event.known_at)}
    return {"order_id": event.order_id, "status": event.status.value, **times, "position": entry.position}


def recall(entry: Entry[Recall]) -> dict[str, Any]:
    """A recall as JSON types."""
    event = entry.event
    return {
        "order_id": event.order_id,
        "revision": event.revision,
        "decision_id": event.decision_id,
        "number": event.number,
        "action": event.action,
        "finding_id": event.finding_id,
        "finding_revision": event.finding_revision,
        "known_at": iso(event.known_at),
        "position": entry.position,
    }


def _stands(newest: Placed, recalls: Sequence[Entry[Recall]]) -> str | None:
    """The newest word on the newest revision: its last recall, else its answer."""
    said = [entry.event.action for entry in recalls if entry.event.revision == newest.revision]
    return said[-1] if said else newest.action


def finding(entry: Entry[Finding]) -> dict[str, Any]:
    """A finding as JSON types."""
    event = entry.event
    return {
        "finding_id": event.finding_id,
        "revision": event.revision,
        "outcome": event.outcome.value,
        "happened_at": iso(event.happened_at),
        "known_at": iso(event.known_at),
        "order_id": event.order_id,
        "line_id": event.line_id,
        "reseller_id": event.reseller_id,
        "source": event.source,
        "confidence": event.confidence,
        "grade": event.grade,
        "note": event.note,
        "claimed": event.claimed.value if event.claimed else None,
        "people": len(people(event.who)),
        "needs": needs(event),
        "position": entry.position,
    }


def _placed(each: Placed) -> dict[str, Any]:
    return {
        "order_id": each.order_id,
        "revision": each.revision,
        "t": iso(each.t),
        "decision_id": each.decision_id,
        "action": each.action,
        "probability": each.probability,
    }


def _registered(reseller: Reseller | None) -> dict[str, Any]:
    if reseller is None:
        empty = {"name": None, "authorised_from": None, "authorised_to": None}
        return {"registered": False, **empty, "territory": [], "sites": []}
    return {
        "registered": True,
        "name": reseller.name,
        "authorised_from": _time(reseller.authorised_from),
        "authorised_to": _time(reseller.authorised_to),
        "territory": list(reseller.territory),
        "sites": [
            {"kind": site.kind, "country": site.place.country, "region": site.place.region, "city": site.place.city}
            for site in reseller.sites
        ],
    }


def _window(days: int, lines: Sequence[LineSum], now: int, currency: str) -> dict[str, Any]:
    among = [line for line in lines if now - days * DAY <= line.t < now]
    return {
        "days": days,
        "orders": len({line.order_id for line in among}),
        "lines": len(among),
        "end_users": len({line.end_user_id for line in among} - {None}),
        "value": _major(sum(line.value or 0 for line in among), currency),
        "pieces": _pieces(sum(_milli(line) for line in among)),
    }


def _norms(lines: Sequence[LineSum], currency: str) -> dict[str, Any]:
    """Means over what the lines hold; None where there is nothing to take a mean of."""
    moments = sorted({(line.t, line.order_id) for line in lines})
    orders, days = len(moments), (moments[-1][0] - moments[0][0]) / DAY if moments else 0.0
    value = sum(line.value or 0 for line in lines)
    return {
        "value_an_order": _major(round(value / orders), currency) if orders else None,
        "lines_an_order": len(lines) / orders if orders else None,
        "pieces_a_line": sum(map(_milli, lines)) / 1000 / len(lines) if lines else None,
        "days_between_orders": days / (orders - 1) if orders > 1 else None,
        "categories": dict(Counter(line.category for line in lines if line.category).most_common(MOST)),
        "countries": dict(Counter(line.country for line in lines if line.country).most_common(MOST)),
    }


def _milli(line: LineSum) -> int:
    return line.milli or 0 if line.unit == "each" else 0


def _major(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-minor_digits(currency)))


def _pieces(milli: int) -> str:
    return str(Decimal(milli) / 1000)


def _time(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)
