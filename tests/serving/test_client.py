"""Tests of the client against the real service, and against none."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from examples.webhook import hooked
from serving.client import (
    AsyncClient,
    CannotAnswer,
    Client,
    ConfirmationRequest,
    FindingRequest,
    LineRequest,
    OrderRequest,
    ServiceProblem,
    StatusRequest,
)
from serving.client.exchange import MOST_S, Attempts
from tests.serving.made import Server, body, free_port


def order(order_id: str, **more: Any) -> OrderRequest:
    """An order as of now."""
    return OrderRequest.model_validate(body(order_id, ordered_at=None, **more))


def test_the_client_asks_everything_that_can_be_asked(guarded: Server) -> None:
    """Each answer in its type, under ids of any kind."""
    with Client(guarded.url, guarded.keys["orders"]) as orders, Client(guarded.url, guarded.keys["analyst"]) as people:
        answer = orders.score(order("k/1 ?"))
        assert orders.score(order("k/1 ?")) == answer == people.decision(answer.decision_id)
        assert orders.advise(order("k/1 ?")).answer == answer
        assert people.explanation(answer.decision_id).probability == answer.probability
        assert people.inputs(answer.decision_id).order.order_id == "k/1 ?"
        told = (
            orders.tell_status("k2", StatusRequest.model_validate({"status": "held"}))
            if orders.score(order("k2"))
            else None
        )
        assert told is not None
        assert told.status == "held"
        found = people.order("k2")
        assert found is not None
        assert [each.status for each in found.statuses] == ["held"]
        assert people.order("k-nothing") is None
        said = {"finding_id": "k", "outcome": "cleared", "happened_at": "2025-11-09", "order_id": "k2"}
        assert people.tell_finding(FindingRequest.model_validate(said)).claimed == "cleared"
        with Client(guarded.url, guarded.keys[guarded.another("analyst", "lea:legal")]) as lawyer:
            agreed = ConfirmationRequest.model_validate({"finding_id": "k", "outcome": "cleared", "grade": "A"})
            assert lawyer.confirm_finding(agreed).outcome == "cleared"
        assert people.reseller("r1").orders > 0
        assert people.versions().model == answer.versions.model


def test_many_orders_go_in_batches(guarded: Server) -> None:
    """Rows keep their places over all requests; the asynchronous client tells the same."""
    asked = [order(f"kb{number}") for number in range(7)]
    with Client(guarded.url, guarded.keys["orders"], batch=3) as client:
        rows = client.score_many(asked)

    async def again() -> Any:
        async with AsyncClient(guarded.url, guarded.keys["orders"], batch=5) as twin:
            return await twin.score_many(asked), await twin.advise(asked[0])

    others, advice = asyncio.run(again())
    assert [(row.index, row.answer and row.answer.order_id) for row in rows] == [(n, f"kb{n}") for n in range(7)]
    assert others == rows
    assert advice.answer == rows[0].answer


def test_problems_are_told_with_their_fields(guarded: Server) -> None:
    """Not tried again: the same request would be refused again."""
    with Client(guarded.url, guarded.keys["orders"]) as client:
        client.score(order("k3"))
        with pytest.raises(ServiceProblem, match="/reseller_id") as caught:
            client.score(order("k3", reseller_id="r2"))
        assert (caught.value.status, caught.value.kind) == (422, "order-differs")
        with pytest.raises(ServiceProblem, match="403 not-allowed"):
            client.reseller("r1")


def test_without_an_answer_sensitive_goods_are_held() -> None:
    """All are sensitive unless told otherwise; nothing is raised."""
    with Client(f"http://127.0.0.1:{free_port()}", attempts=2, timeout_s=1) as client:
        assert client.advise(order("k4")).action == "hold"
        harmless: Callable[[LineRequest], bool] = lambda line: line.sku != "kit-2"  # noqa: E731
        assert client.advise(order("k4"), lambda _: False).action == "proceed"
        assert client.advise(order("k4"), harmless).action == "proceed"
        with pytest.raises(CannotAnswer):
            client.score(order("k4"))


def flaky(*statuses: int) -> Any:
    """A service that answers with these statuses first, and its own words then."""
    left = list(statuses)

    async def answer(_: Request) -> JSONResponse:
        return JSONResponse({"finding_id": "x"}, left.pop(0), {"Retry-After": "0"}) if left else JSONResponse({}, 200)

    return Starlette(routes=[Route("/v1/score", answer, methods=["POST"])]), left


def test_what_may_be_sent_again_is_sent_again() -> None:
    """429 and 503 are; what is no answer of this service is none, whatever its status."""

    async def ask(app: Any) -> None:
        client = AsyncClient("http://service", attempts=3)
        client._http = httpx.AsyncClient(base_url="http://service", transport=httpx.ASGITransport(app))
        async with client:
            await client.score(order("k5"))

    app, left = flaky(503, 429, 500)
    with pytest.raises(CannotAnswer, match="status 500, and no answer of this service"):
        asyncio.run(ask(app))
    assert left == []
    app, _ = flaky(503, 503, 503, 503)
    with pytest.raises(CannotAnswer, match="status 503"):
        asyncio.run(ask(app))


def test_waits_grow_and_follow_the_service() -> None:
    """Between half and the whole of a doubling time, and what the service asks for, up to a bound."""
    attempts = Attempts(20, Random(1))  # noqa: S311 - nothing secret
    waits = [attempts.failed(httpx.ConnectError("x")) for _ in range(10)]
    assert all(0.05 * 2**n <= wait <= 0.1 * 2**n for n, wait in enumerate(waits[:5]))
    assert max(waits) <= MOST_S
    attempts = Attempts(20)
    assert attempts.answered(httpx.Response(503, headers={"Retry-After": "3"})) == 3.0
    assert attempts.answered(httpx.Response(429, headers={"Retry-After": "999"})) == MOST_S
    assert attempts.answered(httpx.Response(422)) is None


class Orders:
    """An order system that remembers what it was told to hold."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.app = Starlette(routes=[Route("/orders/{order_id}/hold", self._hold, methods=["POST"])])

    async def _hold(self, request: Request) -> JSONResponse:
        self.held[request.path_params["order_id"]] = (await request.json())["reasons"]
        return JSONResponse({})


def deliver(url: str, key: str | None, events: list[Any], secret: bytes = b"s") -> tuple[list[httpx.Response], Orders]:
    """Deliver events to the webhook of the examples."""
    system = Orders()

    async def all_of_them() -> list[httpx.Response]:
        orders = httpx.AsyncClient(base_url="http://orders", transport=httpx.ASGITransport(system.app))
        async with AsyncClient(url, key, timeout_s=10, attempts=1) as diversion, orders:
            hook = httpx.ASGITransport(hooked(diversion, orders, b"s"))
            async with httpx.AsyncClient(base_url="http://hook", transport=hook) as sender:
                return [await sender.post("/hooks/orders", **_signed(event, secret)) for event in events]

    return asyncio.run(all_of_them()), system


def _signed(event: Any, secret: bytes) -> dict[str, Any]:
    raw = json.dumps(event).encode()
    return {"content": raw, "headers": {"X-Signature": hmac.new(secret, raw, hashlib.sha256).hexdigest()}}


def created(order_id: str, sku: str, category: str) -> dict[str, Any]:
    """An event of an order system."""
    line = {"number": 1, "sku": sku, "pieces": 2, "total": "9.10", "category": category}
    placed = {"id": order_id, "customer": "r9", "end_user": "e1", "currency": "USD", "lines": [line]}
    return {"event": "order.created", "order": placed}


def test_the_webhook_holds_what_must_wait(guarded: Server) -> None:
    """With neutral words; delivered twice it is decided once; other events pass; a wrong signature does not."""
    risky = created("hook-1", "kit-3", "sequencing/instrument")
    del risky["order"]["end_user"]
    key = f"{guarded.keys['orders']}"
    answers, system = deliver(guarded.url, key, [risky, risky, {"event": "order.paid"}])
    assert [answer.status_code for answer in answers] == [200, 200, 202]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["action"] == "review"
    assert system.held == {"hook-1": ["please name the end user of these goods"]}
    with Client(guarded.url, guarded.keys["analyst"]) as client:
        found = client.order("hook-1")
    assert found is not None
    assert [status.status for status in found.statuses] == ["held"]
    refused, _ = deliver(guarded.url, key, [risky], secret=b"wrong")
    assert refused[0].status_code == 401


def test_the_webhook_holds_sensitive_goods_while_nobody_answers() -> None:
    """And lets harmless ones go."""
    events = [created("hook-2", "kit-3", "sequencing/instrument"), created("hook-3", "tips", "consumables/tips")]
    answers, system = deliver(f"http://127.0.0.1:{free_port()}", None, events)
    assert [answer.json()["action"] for answer in answers] == ["hold", "proceed"]
    assert system.held == {"hook-2": ["in review"]}
