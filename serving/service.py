"""The wiring: a BentoML service, and the app that answers under ``/v1``.

==============================  ===================================================================================
``/v1/...``                     the contract, see `serving.routes`; ``/v1/docs`` shows it, and ``/`` leads there
``POST /score``                 the same as ``/v1/score``, for BentoML's own client
``/livez``, ``/readyz``         is it alive, does it answer; for everybody
``/metrics``                    figures for Prometheus; needs a key
==============================  ===================================================================================
"""

import asyncio
import os
import time
from typing import Any

import bentoml
import prometheus_client
from pydantic import RootModel
from starlette.types import ASGIApp, Receive, Scope, Send

from features.record import Key
from features.record.keys import keys as all_keys
from serving.access import Gate, Keyring
from serving.app import fixed, made
from serving.body_limit import BodyLimit, limited
from serving.contract import Answer, OrderRequest
from serving.desk import Desk
from serving.folding import Folding
from serving.guard import Guard
from serving.inquiry import Inquiry
from serving.intake import Intake
from serving.logs import as_lines
from serving.meters import Meters
from serving.pages import FrontDoor
from serving.problems import answer_to
from serving.readiness import Readiness
from serving.routes.route import Hands, note
from serving.routes.scoring import sent
from serving.settings import Settings
from serving.shortcut import Shortcut
from serving.state import State
from serving.watch import Watch
from serving.worker import Worker

app = made()


class Anything(RootModel[dict[str, Any]]):
    """Any JSON object: what is wrong with it is answered in the same words as under ``/v1``."""


async def v1(scope: Scope, receive: Receive, send: Send) -> None:
    """The app; as a plain function it answers for everything under its path, the unknown included."""
    await app(scope, receive, send)


def guarded(next_app: ASGIApp) -> Guard:
    """Everything behind the guard of the figures."""
    return Guard(next_app, lambda: app.state.hands.gate)


def straight(served: ASGIApp) -> BodyLimit:
    """What serves: BentoML's app, and past it what is asked under ``/v1``."""
    return limited(Shortcut(served, app, "/v1", fixed()))


def telling(next_app: ASGIApp) -> Readiness:
    """Everything behind what ``/readyz`` tells of the model."""
    return Readiness(next_app, lambda: app.state.hands.worker.fallback)


@bentoml.service(
    name="diversion",
    workers=1,  # more workers need more than this state: each would follow the record on its own
    http={"host": "127.0.0.1", "port": 3000},
    traffic={"timeout": 60},  # longer than the worker's own patience, which answers better
    metrics={"enabled": True, "namespace": "diversion"},
    tracing={"excluded_urls": ".*"},  # its middleware is a large part of a request's cost
    logging={"access": {"enabled": False}},
)
class Diversion:
    """The service; one instance a process."""

    def __init__(self) -> None:
        self._lines = as_lines()
        settings = Settings.of(os.environ)
        desk = Desk(State(settings), now=_now)
        self.worker, self._desk = Worker(desk), desk
        self._keyring = Keyring(self._keys, _now) if settings.keys else None
        inquiry, meters = Inquiry(desk, settings, _now), Meters(prometheus_client.REGISTRY)
        self.hands = app.state.hands = Hands(
            worker=self.worker,
            gate=Gate(self._keyring, settings.rate),
            inquiry=inquiry,
            intake=Intake(desk, _now),
            meters=meters,
            lines=self._lines,
            now=_now,
        )
        self._folding = Folding(desk.state)
        self._watch = Watch(desk.state, inquiry.shelf, meters, _now)
        self._tasks: list[asyncio.Task[None]] = []

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def start(self) -> None:
        """Open and replay the record, in the worker's thread; the service is alive meanwhile, and not ready."""
        self.worker.start()
        self._tasks += [asyncio.create_task(each.tend()) for each in (self._watch, self._lines, self._folding)]
        if self._keyring is not None:
            self._tasks.append(asyncio.create_task(self._keyring.tend()))

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def stop(self) -> None:
        """Finish the order at hand."""
        for task in self._tasks:
            task.cancel()
        await self.worker.stop()

    async def __is_alive__(self) -> bool:
        return True

    async def __is_ready__(self) -> bool:
        return self.worker.ready

    @bentoml.api(route="/score")  # type: ignore[untyped-decorator]
    async def score(self, order: Anything, /, ctx: bentoml.Context) -> Answer:
        """Score an order, as ``POST /v1/score`` does."""
        caller, began = None, time.perf_counter()
        try:
            caller = await self.hands.gate.let_in(ctx.request, frozenset({"orders"}))
            answered = await self.worker.score(OrderRequest.model_validate(order.root))
            self.hands.meters.decided(answered.gist)
            answer = sent(answered)
        except Exception as error:  # noqa: BLE001 - here every error becomes an answer
            answer = answer_to(error)
        seconds = time.perf_counter() - began
        self.hands.meters.answered("POST /score", answer.status_code, seconds)
        note(self._lines, "POST /score", answer, seconds, caller)
        ctx.response.status_code = answer.status_code
        return answer  # type: ignore[return-value] # BentoML sends a finished response as it stands

    def _keys(self) -> list[Key]:
        with self._desk.state.record.reading() as connection:
            return all_keys(connection)


def _now() -> int:
    return time.time_ns() // 1000


_service: Any = Diversion
_service.mount_asgi_app(v1, path="/v1", name="v1")
_service.add_asgi_middleware(guarded)
_service.add_asgi_middleware(telling)
_service.add_asgi_middleware(limited)
_service.add_asgi_middleware(FrontDoor)
