"""The wiring: a BentoML service, and the app that answers under ``/v1``.

======================================  ===========================================================================
``POST /v1/score``                      score an order
``GET /v1/decisions/{decision_id}``     the stored answer, as it was sent
``GET /v1/openapi.json``, ``/v1/docs``  the contract, for machines and for people; ``/`` leads there
``POST /score``                         the same as ``/v1/score``, for BentoML's own client
``/livez``, ``/readyz``, ``/metrics``   is it alive, does it answer, figures
======================================  ===========================================================================
"""

import os
import time
from typing import Any

import bentoml
from fastapi import FastAPI, Request, Response
from pydantic import RootModel
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from serving.access import caller
from serving.answer import SOFTWARE
from serving.body_limit import limited
from serving.contract import Answer, OrderRequest, ProblemAnswer, read
from serving.desk import Answered, Desk
from serving.openapi import BODY, described
from serving.pages import FrontDoor, api_page
from serving.problems import Problem, answer_to
from serving.settings import Settings
from serving.state import State
from serving.worker import Worker

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemAnswer} for status in (400, 403, 404, 405, 409, 413, 415, 422, 500, 503)
}

app = FastAPI(
    title="Diversion risk",
    version=SOFTWARE,
    description="Scores orders of sensitive goods for the risk of diversion, and says why and what to check.",
    servers=[{"url": "/v1"}],
    responses=_PROBLEMS,
    docs_url=None,
    redoc_url=None,
)
app.openapi = lambda: described(app)  # type: ignore[method-assign] # FastAPI's own way of extending it


@app.post("/score", response_model=Answer, openapi_extra=BODY)
async def score(request: Request) -> Response:
    """Score an order: probability, action and reasons, kept before they are sent."""
    try:
        caller(request)
        _declared_as_json(request)
        answered = await request.app.state.worker.score(read(await request.body()))
    except Exception as error:  # noqa: BLE001 - here every error becomes an answer
        return answer_to(error)
    return _sent(answered)


@app.get("/decisions/{decision_id}", response_model=Answer)
async def decision(decision_id: str, request: Request) -> Response:
    """The stored answer, byte for byte as it was sent."""
    try:
        caller(request)
        body = await request.app.state.worker.decision(decision_id)
    except Exception as error:  # noqa: BLE001 - here every error becomes an answer
        return answer_to(error)
    return Response(body, media_type="application/json")


@app.get("/docs", include_in_schema=False)
async def docs() -> Response:
    """The API, to read and to try."""
    return api_page()


@app.exception_handler(HTTPException)
async def _no_such_route(_: Request, error: HTTPException) -> Response:
    return answer_to(error)


class Anything(RootModel[dict[str, Any]]):
    """Any JSON object: what is wrong with it is answered in the same words as under ``/v1``."""


async def v1(scope: Scope, receive: Receive, send: Send) -> None:
    """The app; as a plain function it answers for everything under its path, the unknown included."""
    await app(scope, receive, send)


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
        desk = Desk(State(Settings.of(os.environ)), now=lambda: time.time_ns() // 1000)
        self.worker = app.state.worker = Worker(desk)

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def start(self) -> None:
        """Open and replay the record, in the worker's thread; the service is alive meanwhile, and not ready."""
        self.worker.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def stop(self) -> None:
        """Finish the order at hand."""
        await self.worker.stop()

    async def __is_alive__(self) -> bool:
        return True

    async def __is_ready__(self) -> bool:
        return self.worker.ready

    @bentoml.api(route="/score")  # type: ignore[untyped-decorator]
    async def score(self, order: Anything, /, ctx: bentoml.Context) -> Answer:
        """Score an order, as ``POST /v1/score`` does."""
        try:
            caller(ctx.request)
            answer = _sent(await self.worker.score(OrderRequest.model_validate(order.root)))
        except Exception as error:  # noqa: BLE001 - here every error becomes an answer
            answer = answer_to(error)
        ctx.response.status_code = answer.status_code
        return answer  # type: ignore[return-value] # BentoML sends a finished response as it stands


def _declared_as_json(request: Request) -> None:
    declared = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise Problem("not-json-type", "send Content-Type: application/json")


def _sent(answered: Answered) -> Response:
    headers = {"Idempotent-Replay": "true"} if answered.again else None
    return Response(answered.body, headers=headers, media_type="application/json")


_service: Any = Diversion
_service.mount_asgi_app(v1, path="/v1", name="v1")
_service.add_asgi_middleware(limited)
_service.add_asgi_middleware(FrontDoor)
