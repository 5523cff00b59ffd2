"""What both clients ask: method, address, body, and the type of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from serving.contract import Answer, OrderRequest
from serving.inquiry_contract import (
    Explanation,
    FindingAnswer,
    Inputs,
    ManyAnswer,
    OrderAnswer,
    Profile,
    RecallsAnswer,
    StatusAnswer,
    VersionsAnswer,
    WhatIf,
)
from serving.intake_contract import ConfirmationRequest, FindingRequest, StatusRequest

T = TypeVar("T", bound=BaseModel)


class Many(BaseModel):
    """Orders in one request."""

    orders: list[OrderRequest]


@dataclass(frozen=True)
class Question(Generic[T]):
    """One request."""

    method: str
    path: str
    answer: type[T]
    body: BaseModel | None = None


def score(order: OrderRequest) -> Question[Answer]:
    """The score of an order."""
    return Question("POST", "/v1/score", Answer, order)


def score_many(orders: Sequence[OrderRequest]) -> Question[ManyAnswer]:
    """The scores of many orders."""
    return Question("POST", "/v1/score-many", ManyAnswer, Many(orders=list(orders)))


def what_if(order: OrderRequest) -> Question[WhatIf]:
    """What an order would get."""
    return Question("POST", "/v1/what-if", WhatIf, order)


def decision(decision_id: str) -> Question[Answer]:
    """A stored answer."""
    return Question("GET", f"/v1/decisions/{_part(decision_id)}", Answer)


def explanation(decision_id: str) -> Question[Explanation]:
    """Why a decision fell as it did."""
    return Question("GET", f"/v1/decisions/{_part(decision_id)}/explanation", Explanation)


def inputs(decision_id: str) -> Question[Inputs]:
    """What a decision saw."""
    return Question("GET", f"/v1/decisions/{_part(decision_id)}/inputs", Inputs)


def order(order_id: str) -> Question[OrderAnswer]:
    """An order with all that is known of it."""
    return Question("GET", f"/v1/orders/{_part(order_id)}", OrderAnswer)


def recalls(after: int) -> Question[RecallsAnswer]:
    """What was recalled after a position of the record."""
    return Question("GET", f"/v1/recalls?after={after}", RecallsAnswer)


def status(order_id: str, told: StatusRequest) -> Question[StatusAnswer]:
    """What became of an order."""
    return Question("POST", f"/v1/orders/{_part(order_id)}/statuses", StatusAnswer, told)


def finding(told: FindingRequest) -> Question[FindingAnswer]:
    """What an investigation said."""
    return Question("POST", "/v1/findings", FindingAnswer, told)


def confirmation(told: ConfirmationRequest) -> Question[FindingAnswer]:
    """Agreement with what an investigation said."""
    return Question("POST", "/v1/findings/confirmations", FindingAnswer, told)


def reseller(reseller_id: str) -> Question[Profile]:
    """A reseller's profile."""
    return Question("GET", f"/v1/resellers/{_part(reseller_id)}", Profile)


def versions() -> Question[VersionsAnswer]:
    """What answers now."""
    return Question("GET", "/v1/versions", VersionsAnswer)


def _part(text: str) -> str:
    return quote(text, safe="")
