"""Orders, what became of them, findings, resellers."""

import asyncio

from fastapi import Response

from features.record.recalling import recalls_after
from serving import parties
from serving.contract import read_as
from serving.inquiry_contract import FindingAnswer, OrderAnswer, Profile, RecallsAnswer, StatusAnswer
from serving.intake import Taken
from serving.intake_contract import ConfirmationRequest, FindingRequest, StatusRequest
from serving.routes.route import Asked, Route, as_json

MOST_RECALLS = 500
"""Told at once."""


async def order(asked: Asked) -> Response:
    """An order: its revisions with what was answered, what became of it, findings."""
    return as_json(await asyncio.to_thread(parties.order, asked.hands.intake.record, asked.part("order_id")))


async def recalls(asked: Asked) -> Response:
    """Recalls after a position of the record, oldest first, at most 500: what to hold, or to release to a review.

    Open orders are recalled when a diversion is confirmed at their reseller, and released when it falls. An order
    system asks again and again, each time after the position that it was told last.
    """
    after, record = asked.number("after"), asked.hands.intake.record
    found = await asyncio.to_thread(recalls_after, record, after, MOST_RECALLS)
    position = found[-1].position if found else after
    return as_json({"recalls": [parties.recall(each) for each in found], "position": position})


async def status(asked: Asked) -> Response:
    """Tell what became of an order: held, proceeded, shipped, cancelled or withheld.

    An order is changed by scoring its next revision, and taken back by the status `cancelled`. 201 where it is new,
    200 where it was told before.
    """
    request = read_as(StatusRequest, await asked.body())
    return _taken(await asyncio.to_thread(asked.hands.intake.status, asked.part("order_id"), request, asked.caller))


async def finding(asked: Asked) -> Response:
    """Tell what an investigation said; a correction is the next revision, `withdrawn` takes it back.

    The person behind the key vouches for it. `diverted` is a claim until another person confirms it; `cleared` until it
    has evidence of grade A or B and somebody outside sales (a key named `name:department`). What two people said falls
    only to two people. 201 where it is new, 200 where it was told before.
    """
    request = read_as(FindingRequest, await asked.body())
    return _taken(await asyncio.to_thread(asked.hands.intake.finding, request, asked.caller))


async def confirm_finding(asked: Asked) -> Response:
    """Agree with a finding as another person, so that what was claimed stands.

    Two keys of one name are one person, who cannot confirm what nobody else said (403). 201 where it is new, 200 where
    this person agreed before.
    """
    request = read_as(ConfirmationRequest, await asked.body())
    return _taken(await asyncio.to_thread(asked.hands.intake.confirmation, request, asked.caller))


async def reseller(asked: Asked) -> Response:
    """A reseller: register, history, norms, findings. That somebody looked is kept."""
    hands, reseller_id = asked.hands, asked.part("reseller_id")

    def looked() -> dict[str, object]:
        found = parties.profile(hands.intake.record, reseller_id, hands.now())
        hands.inquiry.note(asked.caller, "reseller", reseller_id)
        return found

    return as_json(await asyncio.to_thread(looked))


def _taken(taken: Taken) -> Response:
    return as_json(taken.content, 201 if taken.fresh else 200, {} if taken.fresh else {"Idempotent-Replay": "true"})


_READERS = frozenset({"orders", "analyst", "auditor"})

ROUTES = (
    Route("GET", "/orders/{order_id}", _READERS, order, OrderAnswer, problems=(404, 410)),
    Route("GET", "/recalls", _READERS, recalls, RecallsAnswer, problems=(422,), query=("after",)),
    Route(
        "POST", "/orders/{order_id}/statuses", frozenset({"orders", "analyst"}), status, StatusAnswer, StatusRequest,
        status=201, problems=(404, 410),
    ),
    Route(
        "POST", "/findings", frozenset({"analyst"}), finding, FindingAnswer, FindingRequest, status=201, problems=(409,)
    ),
    Route(
        "POST", "/findings/confirmations", frozenset({"analyst"}), confirm_finding, FindingAnswer,
        ConfirmationRequest, status=201, problems=(404, 409),
    ),
    Route("GET", "/resellers/{reseller_id}", frozenset({"analyst", "auditor"}), reseller, Profile, problems=(404,)),
)  # fmt: skip
