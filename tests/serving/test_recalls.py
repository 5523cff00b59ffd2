"""Orders that were answered are called back when a diversion is confirmed: over HTTP, and after any kill."""

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any

import httpx

from features.record import Record
from serving.client import AsyncClient, Client, OrderRequest
from serving.inquiry_contract import OrderAnswer, RecallsAnswer
from serving.settings import Settings
from tests import factory as a
from tests.serving.made import NOW, ROOT, Server, body, served, until

HARMLESS: list[dict[str, Any]] = [{"line_id": "1", "sku": "kit-0", "quantity": 1, "amount": 1, "end_user_id": "lab"}]


def scored(server: Server, order_id: str, reseller: str) -> httpx.Response:
    """The answer to an order of now."""
    asked = body(order_id, ordered_at=None, reseller_id=reseller, lines=HARMLESS)
    answer = server.ask("POST", "/v1/score", "orders", asked)
    assert answer.status_code == 200, answer.text
    return answer


def said(server: Server, who: str, finding_id: str, path: str = "", **more: Any) -> None:
    """What a person says of a finding."""
    answer = server.ask("POST", f"/v1/findings{path}", who, {"finding_id": finding_id, **more})
    assert answer.status_code == 201, answer.text


def test_two_people_hold_the_open_orders_of_a_reseller_and_two_release_them(guarded: Server) -> None:
    """The order tells what stands, the decision and its repetition say so, and the order system polls it."""
    ana, ben = guarded.another("analyst", "Ana"), guarded.another("analyst", "Ben")
    first = scored(guarded, "rc1", "r-recalled")
    scored(guarded, "rc2", "r-recalled")
    shipped = guarded.ask("POST", "/v1/orders/rc2/statuses", "orders", {"status": "shipped"})
    assert shipped.status_code == 201
    case: dict[str, Any] = {"outcome": "diverted", "happened_at": "2025-11-09T00:00:00Z", "order_id": "rc2"}
    said(guarded, ana, "rc", **case)
    before = stood(guarded, "rc1")
    said(guarded, ben, "rc", "/confirmations", outcome="diverted")
    assert (before.recalls, stood(guarded, "rc1").stands, stood(guarded, "rc2").recalls) == ([], "hold", [])
    again = scored(guarded, "rc1", "r-recalled")
    read = guarded.ask("GET", f"/v1/decisions/{first.json()['decision_id']}", "orders")
    for answer in (again, read):
        assert (answer.content, answer.headers["recalled"]) == (first.content, "hold")
    assert "recalled" not in first.headers
    with Client(guarded.url, guarded.keys["orders"]) as client:
        asked = OrderRequest.model_validate(body("rc1", ordered_at=None, reseller_id="r-recalled", lines=HARMLESS))
        assert client.advise(asked).action == "hold"
        told = client.recalls()
        mine = [each for each in told.recalls if each.order_id == "rc1"]
        assert [(each.action, each.finding_id, each.finding_revision) for each in mine] == [("hold", "rc", 2)]
        assert client.recalls(told.position) == RecallsAnswer(recalls=[], position=told.position)
        said(guarded, ana, "rc", **case | {"revision": 3, "outcome": "withdrawn", "note": "wrong serial"})
        assert stood(guarded, "rc1").stands == "hold"
        said(guarded, ben, "rc", "/confirmations", outcome="withdrawn")
        assert [each.action for each in client.recalls(told.position).recalls] == ["review"]
    assert stood(guarded, "rc1").stands == "review"


def stood(server: Server, order_id: str) -> OrderAnswer:
    """All that is known of an order."""
    return OrderAnswer.model_validate_json(server.ask("GET", f"/v1/orders/{order_id}", "analyst").content)


def test_a_position_that_is_no_number_is_refused_with_a_pointer(guarded: Server) -> None:
    """Never an error of the server's own."""
    for wrong in ("x", "-1", "1e3", "9" * 40, ""):
        answer = guarded.ask("GET", f"/v1/recalls?after={wrong}", "orders")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after"), wrong


def test_the_asynchronous_client_asks_the_same(guarded: Server) -> None:
    """Recalls, and advice on an order that was recalled."""

    async def told() -> int:
        async with AsyncClient(guarded.url, guarded.keys["orders"]) as client:
            return (await client.recalls(10**12)).position

    assert asyncio.run(told()) == 10**12


REPORT = """
import os, signal, sys
from features.record import Record, recalling
from features.record.reports import report
from tests import factory as a

def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

recalling.due = killed  # the finding is written by now, and not committed
said = a.finding("f1", reseller_id="r-killed", at=int(sys.argv[2]), who=("ana", "ben"))
with Record.open(sys.argv[1]) as record:
    report(record, said, recorded_at=int(sys.argv[2]))
"""


def test_a_kill_between_the_finding_and_its_recalls_loses_neither(settings: Settings) -> None:
    """They are one transaction; a finding that comes by a file while nobody serves is caught up with at the start."""
    with served(settings) as server:
        assert server.post(body("k1", reseller_id="r-killed", lines=HARMLESS)).json()["action"] != "hold"
        asked = [sys.executable, "-c", REPORT, settings.record_url, str(NOW + 10**9)]
        died = subprocess.run(asked, cwd=ROOT, env=os.environ, check=False, timeout=120)
        assert died.returncode == -signal.SIGKILL
        with Record.open(settings.record_url) as record:
            assert record.finding("f1") is None
            until(lambda: record.append([], source="test", recorded_at=NOW).position > 0)  # its lock is gone
        server.process.kill()
        server.process.wait(20)
    with Record.open(settings.record_url) as record:
        record.append([a.finding("f1", reseller_id="r-killed", at=NOW + 10**9)], source="file", recorded_at=NOW)
    with served(settings) as server:
        until(lambda: httpx.get(server.url + "/v1/orders/k1").json()["stands"] == "hold")
        assert len(httpx.get(server.url + "/v1/recalls").json()["recalls"]) == 1
        assert httpx.get(server.url + "/v1/orders/k1").json()["revisions"][0]["action"] != "hold"
