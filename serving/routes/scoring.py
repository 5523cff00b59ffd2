"""Scores: one order, many at once, and orders that nobody placed."""

import asyncio
from collections.abc import Iterable

from fastapi import Response
from pydantic import Field

from serving.contract import Answer, OrderRequest, Strict, content, read
from serving.desk import Answered
from serving.inquiry_contract import ManyAnswer, WhatIf
from serving.meters import decision_id
from serving.problems import Fault, Problem, problem_of
from serving.routes.route import Asked, Route, as_json

MOST = 500
"""Orders in one request."""

TOGETHER = 32
"""Orders of one request that wait for the desk at once: behind them others have their turn."""


class ManyRequest(Strict):
    """Orders to score, in order of time. Each is answered by itself: a bad one never spoils the rest."""

    orders: list[OrderRequest] = Field(min_length=1, max_length=MOST)


async def score(asked: Asked) -> Response:
    """Score an order: probability, action and reasons, kept before they are sent.

    The same order and revision again get the same answer, byte for byte, marked `Idempotent-Replay: true`; where a
    later word stands for the order, `Recalled` tells that action. Another
    content under them is refused: send a change as the next revision.
    """
    answered = await asked.hands.worker.score(read(await asked.body()))
    asked.hands.meters.decided(answered.gist)
    return sent(answered)


def sent(answered: Answered) -> Response:
    """The stored bytes."""
    headers = {"Decision-Id": decision_id(answered.body)}
    if answered.again:
        headers["Idempotent-Replay"] = "true"
    if answered.recalled is not None:
        headers["Recalled"] = answered.recalled
    return Response(answered.body, headers=headers, media_type="application/json")


async def score_many(asked: Asked) -> Response:
    """Score up to 500 orders; each row is an answer or a problem, and a bad row never spoils the rest.

    Each order counts as a request. Send rows again that could not be answered: none is decided twice.
    """
    told = content(await asked.body())
    rows = told.get("orders") if isinstance(told, dict) and set(told) == {"orders"} else None
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
        raise Problem.invalid([Fault("/orders", "list", f"send 1 to {MOST} orders, and nothing else")], "invalid")
    asked.hands.gate.charge(asked.caller, len(rows) - 1)
    results: list[bytes] = []
    for first in range(0, len(rows), TOGETHER):
        numbered = enumerate(rows[first : first + TOGETHER], start=first)
        results += await asyncio.gather(*(_row(asked, number, row) for number, row in numbered))
    return Response(_joined(results), media_type="application/json")


async def _row(asked: Asked, number: int, row: object) -> bytes:
    try:
        answered = await asked.hands.worker.score(OrderRequest.model_validate(row))
        asked.hands.meters.decided(answered.gist)
    except Exception as error:  # noqa: BLE001 - here every error becomes a row
        problem = problem_of(error)
        return b'{"index":%d,"status":%d,"problem":%b}' % (number, problem.status, problem.body())
    return b'{"index":%d,"status":200,"answer":%b}' % (number, answered.body)


def _joined(results: Iterable[bytes]) -> bytes:
    return b'{"results":[' + b",".join(results) + b"]}"


async def what_if(asked: Asked) -> Response:
    """What would be answered to an order that nobody placed, as the record stands.

    For analysts. It is kept as a question, and a key may ask only so many an hour, so that the threshold cannot be
    felt out; `ordered_at` is passed over.
    """
    request = read(await asked.body())
    return as_json(await asked.hands.worker.run(lambda: asked.hands.inquiry.what_if(request, asked.caller)))


ROUTES = (
    Route("POST", "/score", frozenset({"orders"}), score, Answer, OrderRequest, problems=(409, 410)),
    Route("POST", "/score-many", frozenset({"orders"}), score_many, ManyAnswer, ManyRequest),
    Route("POST", "/what-if", frozenset({"analyst"}), what_if, WhatIf, OrderRequest),
)
