"""Makers of trade objects in one line, for tests: `order(reseller="r1", units=3)`."""

from decimal import Decimal
from typing import Any

from features.measures import DAY, SECOND, Money, Quantity
from features.record import Decision, Promotion, Recall
from features.sell_through import SellThrough
from features.trade import (
    Finding,
    Order,
    OrderLine,
    Outcome,
    Place,
    Product,
    Rate,
    Reseller,
    Site,
    Status,
    StatusChange,
)

T0 = 20_000 * DAY
"""A moment in October 2024, where the tests' world begins."""


def line(line_id: str = "1", *, sku: str = "kit", units: int = 1, amount: int | None = 1_000, **more: Any) -> OrderLine:
    """An order line of so many units, `amount` in cents."""
    money = None if amount is None else Money(amount, "USD")
    fields: dict[str, Any] = {"quantity": Quantity.of(units), "amount": money, "value": amount, **more}
    return OrderLine(line_id, sku, **fields)


def order(
    order_id: str = "o1",
    *,
    reseller: str = "r1",
    at: int = T0,
    revision: int = 1,
    lines: tuple[OrderLine, ...] | None = None,
    **of_line: Any,
) -> Order:
    """An order, ordered and known at the same moment; what else is named goes to its one line."""
    return Order(order_id, reseller, lines or (line(**of_line),), ordered_at=at, revision=revision, known_at=at)


def finding(
    finding_id: str = "f1", outcome: str = "diverted", *, order_id: str | None = "o1", at: int = T0 + DAY, **more: Any
) -> Finding:
    """A finding on an order, known when it happened; give `reseller_id` and no order to judge a reseller."""
    judged = None if "reseller_id" in more else order_id
    fields: dict[str, Any] = {"happened_at": at, "known_at": at, "order_id": judged, **more}
    return Finding(finding_id, Outcome(outcome), **fields)


def reseller(reseller_id: str = "r1", *, at: int = T0, country: str | None = "US", **more: Any) -> Reseller:
    """A reseller with one site."""
    fields: dict[str, Any] = {"sites": (Site(Place(country)),), **more}
    return Reseller(reseller_id, at, **fields)


def product(sku: str = "kit", *, at: int = T0, category: str | None = "sequencing/kit", **more: Any) -> Product:
    """A product."""
    return Product(sku, at, category, **more)


def status(order_id: str = "o1", became: str = "shipped", *, at: int = T0 + DAY) -> StatusChange:
    """A change of status, known when it happened."""
    return StatusChange(order_id, Status(became), at, at)


def sold_on(reseller_id: str = "r1", units: int = 5, *, at: int = T0 + 30 * DAY, **more: Any) -> SellThrough:
    """A report of what was sold on in the quarter before it was made."""
    goods = {} if "sku" in more else {"category": "forensics/hid-kit"}
    fields: dict[str, Any] = {"period_from": at - 90 * DAY, "period_to": at, **goods, **more}
    return SellThrough(reseller_id, quantity=Quantity.of(units), known_at=at, **fields)


def rate(currency: str = "EUR", value: str = "1.08", *, at: int = T0) -> Rate:
    """An exchange rate, known when it begins to hold."""
    return Rate(currency, at, Decimal(value), at)


def decision(decision_id: str = "d1", *, order_id: str = "o1", at: int = T0, **more: Any) -> Decision:
    """An answer to an order of one line with three features."""
    answer = {"action": "review", "probability": 0.25, "late": False, "response": b'{"action":"review"}'}
    prints = {"model": "m1", "policy": "p1", "features": "c1", "request_digest": "q1", "vectors": bytes(24)}
    times = {"t": at, "position_seen": 0, "known_at": at + SECOND}
    fields: dict[str, Any] = {"revision": 1, **answer, **prints, **times, **more}
    return Decision(decision_id, order_id, **fields)


def recall(order_id: str = "o1", number: int = 1, action: str = "hold", *, at: int = T0) -> Recall:
    """A later word on the order of `decision`."""
    return Recall(order_id, number, 1, "d1", action, "f1", 1, at)


def promotion(promotion_id: str = "p1", *, model: str = "m1", at: int = T0, **more: Any) -> Promotion:
    """A promotion that two people agreed to."""
    fields: dict[str, Any] = {"artefact": f"models/{model}", "run_id": "run-1", "reason": "finds more", **more}
    return Promotion(promotion_id, model, who=("Ada", "Grace"), known_at=at, **fields)
