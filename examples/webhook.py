"""Hook an order-management system up: an order is created, it is scored, and one that must wait is put on hold.

The order system posts ``{"event": "order.created", "order": {...}}``, signed with HMAC-SHA256 of a shared secret, as
most shop systems do. Run it with any ASGI server, ``uvicorn --factory examples.webhook:app``, after setting
HOOK_SECRET, ORDERS_URL (of the order system), DIVERSION_URL (http://127.0.0.1:3000) and DIVERSION_KEY_FILE.

Delivered twice, an order is decided once. Where the service cannot answer, sensitive goods are held: better a late
order than a diverted one.
"""

import hashlib
import hmac
import json
import os
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from serving.client import Advice, AsyncClient, LineRequest, OrderRequest, StatusRequest
from serving.keys import given

HARMLESS = ("consumables/",)
"""Categories that go on when the service is away; everything else waits."""


def translated(order: dict[str, Any]) -> OrderRequest:
    """The order in this service's words; here is where the names of your system go."""
    lines = [
        {
            "line_id": str(line["number"]),
            "sku": line["sku"],
            "quantity": str(line["pieces"]),
            "amount": line["total"],
            "currency": order["currency"],
            "category": line.get("category"),
        }
        for line in order["lines"]
    ]
    return OrderRequest.model_validate(
        {
            "order_id": order["id"],
            "revision": order.get("version", 1),
            "reseller_id": order["customer"],
            "end_user_id": order.get("end_user"),
            "ship_to": {"country": order.get("ship_country"), "city": order.get("ship_city")},
            "lines": lines,
        }
    )


def is_sensitive(line: LineRequest) -> bool:
    """Whether a line waits when nobody can say."""
    return not (line.category or "").startswith(HARMLESS)


class Hook:
    """Takes the events of an order system. `orders` is the way back to it, `secret` what it signs with."""

    def __init__(self, diversion: AsyncClient, orders: httpx.AsyncClient, secret: bytes) -> None:
        self._diversion, self._orders, self._secret = diversion, orders, secret

    async def __call__(self, request: Request) -> JSONResponse:
        """Score a created order and tell the order system to hold it where it must wait."""
        body = await request.body()
        signed = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signed, request.headers.get("x-signature", "")):
            return JSONResponse({"error": "the signature is wrong"}, 401)
        event = json.loads(body)
        if event["event"] != "order.created":
            return JSONResponse({"passed": event["event"]}, 202)
        order = translated(event["order"])
        advice = await self._diversion.advise(order, is_sensitive)
        if advice.action != "proceed":
            await self._hold(order, advice)
        decision_id = advice.answer.decision_id if advice.answer else None
        return JSONResponse({"action": advice.action, "decision_id": decision_id})

    async def _hold(self, order: OrderRequest, advice: Advice) -> None:
        """Hold in the order system first, with words that are safe to pass on; then say so, if anybody listens."""
        asked = sorted({rule.neutral for rule in advice.answer.rules}) if advice.answer else []
        held = await self._orders.post(f"/orders/{order.order_id}/hold", json={"reasons": asked or ["in review"]})
        held.raise_for_status()
        if advice.answer is not None:
            await self._diversion.tell_status(order.order_id, StatusRequest.model_validate({"status": "held"}))


def hooked(diversion: AsyncClient, orders: httpx.AsyncClient, secret: bytes) -> Starlette:
    """The app that takes events at ``/hooks/orders``."""
    return Starlette(routes=[Route("/hooks/orders", Hook(diversion, orders, secret).__call__, methods=["POST"])])


def app() -> Starlette:
    """The app as the environment says."""
    diversion = AsyncClient(os.environ["DIVERSION_URL"], given(os.environ), timeout_s=3.0, attempts=3)
    orders = httpx.AsyncClient(base_url=os.environ["ORDERS_URL"])
    return hooked(diversion, orders, os.environ["HOOK_SECRET"].encode())
