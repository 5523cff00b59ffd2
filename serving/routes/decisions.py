"""Decisions: what was answered, why, and from what."""

import asyncio

from fastapi import Response

from serving.contract import Answer
from serving.inquiry_contract import Explanation, Inputs
from serving.routes.route import Asked, Route, as_json


async def decision(asked: Asked) -> Response:
    """The stored answer, byte for byte as it was sent; `Recalled` tells the action that stands in its place now."""
    found = await asked.hands.worker.decision(asked.part("decision_id"))
    later = {} if found.recalled is None else {"Recalled": found.recalled}
    headers = {"Decision-Id": asked.part("decision_id"), **later}
    return Response(found.body, headers=headers, media_type="application/json")


async def explanation(asked: Asked) -> Response:
    """The exact reasons of all lines, and what would change the action.

    For analysts, not to be passed on. Reasons equal those that were answered at once. That somebody looked is kept.
    """
    inquiry = asked.hands.inquiry
    return as_json(await asyncio.to_thread(inquiry.explanation, asked.part("decision_id"), asked.caller))


async def inputs(asked: Asked) -> Response:
    """The vectors that the decision kept, with the names of their features, and the order as it was taken."""
    return as_json(await asyncio.to_thread(asked.hands.inquiry.inputs, asked.part("decision_id"), asked.caller))


_READERS = frozenset({"orders", "analyst", "auditor"})

ROUTES = (
    Route("GET", "/decisions/{decision_id}", _READERS, decision, Answer, problems=(404, 410)),
    Route(
        "GET", "/decisions/{decision_id}/explanation", frozenset({"analyst", "auditor"}), explanation, Explanation,
        problems=(404, 409, 410),
    ),
    Route(
        "GET", "/decisions/{decision_id}/inputs", frozenset({"analyst", "modeller", "auditor"}), inputs, Inputs,
        problems=(404, 409, 410),
    ),
)  # fmt: skip
