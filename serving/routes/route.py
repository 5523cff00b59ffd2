"""What an address is made of, and the one way in which all of them let in, answer, count and log."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette import routing
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from serving.access import Caller, Gate
from serving.inquiry import Inquiry
from serving.intake import Intake
from serving.logs import Together
from serving.meters import Meters
from serving.problems import Fault, Problem, answer_to, shown
from serving.worker import Worker

MOST_DIGITS = 18
"""Of a number in an address: it fits into 64 bits."""


@dataclass(frozen=True)
class Hands:
    """Those who do the work behind the addresses. `lines` takes the log, `now` tells microseconds UTC."""

    worker: Worker
    gate: Gate
    inquiry: Inquiry
    intake: Intake
    meters: Meters
    lines: Together
    now: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in."""

    request: Request
    caller: Caller
    hands: Hands

    async def body(self) -> bytes:
        """The body; raises `Problem` where it is declared as something else than JSON."""
        declared = self.request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if declared != "application/json":
            raise Problem("not-json-type", "send Content-Type: application/json")
        return await _whole(self.request.receive)

    def part(self, name: str) -> str:
        """A part of the address, such as the id in it."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A whole number from 0 on behind the question mark, 0 where it is not named; raises `Problem` otherwise."""
        text = self.request.query_params.get(name, "0")
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            fault = Fault(f"/{name}", "number", "is no whole number from 0 on", shown(text))
            raise Problem.invalid([fault], "invalid")
        return int(text)


@dataclass(frozen=True)
class Route:
    """An address: its roles (any of them lets in), what it takes, what it answers, the statuses of its problems.

    `query` names whole numbers that may stand behind the question mark.
    """

    method: str
    path: str
    roles: frozenset[str]
    work: Callable[[Asked], Awaitable[Response]]
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    query: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it is called in figures and logs."""
        return f"{self.method} /v1{self.path}"


class Endpoint:
    """Answers at the address of a route. The app's state holds the `hands`."""

    def __init__(self, route: Route) -> None:
        self._route, self._name = route, route.name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        hands: Hands = scope["app"].state.hands
        began = time.perf_counter()
        caller = None
        try:
            caller = await hands.gate.let_in(request, self._route.roles)
            response = await self._route.work(Asked(request, caller, hands))
        except Exception as error:  # noqa: BLE001 - here every error becomes an answer
            response = answer_to(error)
        seconds = time.perf_counter() - began
        hands.meters.answered(self._name, response.status_code, seconds)
        note(hands.lines, self._name, response, seconds, caller)
        await response(scope, receive, send)


def at(route: Route) -> routing.Route:
    """What an app needs to answer at the address of a route."""
    return routing.Route(route.path, Endpoint(route), methods=[route.method])


async def _whole(receive: Receive) -> bytes:
    """The body of a request, which mostly comes in one piece; `Request.body` is slow to find that out."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def note(lines: Together, name: str, response: Response, seconds: float, caller: Caller | None) -> None:
    """Log an answer: the address, never the body."""
    about = {
        "route": name,
        "status": response.status_code,
        "ms": round(seconds * 1000, 2),
        "key": caller.key_id if caller else None,
        "decision": response.headers.get("decision-id"),
    }
    lines.say("serving.answers", "answered", about)


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer of JSON types."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(errors="replace")
    return Response(body, status, headers, "application/json")
