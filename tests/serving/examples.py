"""One conversation with a service that uses every address, and the examples of the contract that it leaves.

``python -m tests.serving.examples`` holds it with a service on a made-up world and writes what was said into
``serving/data/examples.json``, from where it goes into the OpenAPI document; see `serving.examples`.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from serving.examples import FILE
from tests.serving.made import Server, served, world

ORDER: dict[str, Any] = {
    "order_id": "PO-2025-0417",
    "reseller_id": "r1",
    "ordered_at": "2025-11-09T00:01:00Z",
    "ship_to": {"country": "CN", "region": "CN-XJ", "city": "Urumqi"},
    "end_user_id": "lab-7",
    "end_user_class": "security",
    "lines": [
        {
            "line_id": "1", "sku": "kit-3", "quantity": "2", "unit": "each", "amount": "1250.00", "currency": "USD",
            "category": "sequencing/instrument", "declared_use": "population study", "for_stock": False,
            "attributes": {"incoterm": "DAP"},
        },
        {"line_id": "2", "sku": "kit-1", "quantity": "0.5", "unit": "l", "amount": "80.50"},
    ],
}  # fmt: skip
OTHER = {"order_id": "PO-2025-0418", "reseller_id": "r2", "lines": [{"line_id": "1", "sku": "kit-0", "quantity": 1}]}
TOO_EARLY = {**OTHER, "order_id": "PO-2025-0419", "revision": 3}
ASKED = {**ORDER, "order_id": "what-if"}
STATUS = {"status": "held", "happened_at": "2025-11-09T00:02:00Z"}
FINDING: dict[str, Any] = {
    "finding_id": "case-31", "outcome": "diverted", "happened_at": "2025-11-10T09:30:00Z",
    "order_id": ORDER["order_id"], "line_id": "1", "source": "site visit", "grade": "A", "confidence": 0.9,
    "note": "serial number seen at another body",
}  # fmt: skip
CONFIRMATION = {"finding_id": "case-31", "outcome": "diverted", "grade": "A", "note": "saw the photographs"}


@dataclass(frozen=True)
class Said:
    """A request by the name of its route, and its answer."""

    route: str
    request: Any
    answer: httpx.Response


def conversation(server: Server) -> Iterator[Said]:
    """What is said at each address, in an order in which all of it can be answered; `server` has keys."""

    def ask(name: str, role: str, request: Any = None, **parts: str) -> Said:
        method, path = name.split()
        return Said(name, request, server.ask(method, path.format(**parts), role, request))

    order_id = ORDER["order_id"]
    scored = ask("POST /v1/score", "orders", ORDER)
    yield scored
    decision_id = scored.answer.json()["decision_id"]
    yield ask("POST /v1/score-many", "orders", {"orders": [OTHER, TOO_EARLY]})
    yield ask("POST /v1/what-if", "analyst", ASKED)
    for part in ("", "/explanation", "/inputs"):
        yield ask(f"GET /v1/decisions/{{decision_id}}{part}", "analyst", decision_id=decision_id)
    yield ask("POST /v1/orders/{order_id}/statuses", "orders", STATUS, order_id=order_id)
    yield ask("POST /v1/findings", "analyst", FINDING)
    yield ask("POST /v1/findings/confirmations", server.another("analyst"), CONFIRMATION)
    yield ask("GET /v1/orders/{order_id}", "analyst", order_id=order_id)
    yield ask("GET /v1/recalls", "orders")
    yield ask("GET /v1/resellers/{reseller_id}", "analyst", reseller_id="r1")
    yield ask("GET /v1/versions", "auditor")
    keys = ask("GET /v1/keys", "admin")
    yield keys
    yield ask("DELETE /v1/keys/{key_id}", "admin", key_id=keys.answer.json()["keys"][-1]["key_id"])
    yield ask("GET /v1/accesses", "auditor")


def problems(server: Server) -> Iterator[httpx.Response]:
    """Answers that are no 2xx, one for each status that a caller brings about."""
    known = {**ORDER, "reseller_id": "r2"}
    yield server.ask("POST", "/v1/score", None, ORDER)
    yield server.ask("POST", "/v1/score", "auditor", ORDER)
    yield server.ask("GET", "/v1/orders/nobody", "analyst")
    yield server.ask("POST", "/v1/score", "orders", TOO_EARLY)
    yield server.ask("POST", "/v1/score", "orders", known)
    whose = {"Authorization": f"Bearer {server.keys['orders']}"}
    plain = {**whose, "Content-Type": "text/plain"}
    yield httpx.post(server.url + "/v1/score", content=b"{", headers={**whose, "Content-Type": "application/json"})
    yield httpx.post(server.url + "/v1/score", content=b"{}", headers=plain)
    yield httpx.post(server.url + "/v1/score", content=b" " * (server.settings.body_limit + 1), headers=plain)


def main() -> None:
    """Hold the conversation and write the examples."""
    with tempfile.TemporaryDirectory() as home:
        made = world(f"sqlite:///{home}/record.db", Path(home))
        with served(made, keys=True) as server:
            said = list(conversation(server))
            wrong = {str(each.status_code): each.json() for each in problems(server)}
    routes = {each.route: {"request": each.request, "answer": each.answer.json()} for each in said}
    content = {"routes": routes, "problems": dict(sorted(wrong.items()))}
    FILE.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
