"""What can be told to the record beside orders: findings, and what became of orders."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.config import JsonDict

from features.trade import Outcome, Status
from serving.contract import Identifier, Strict, Text

Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Time = Annotated[str, StringConstraints(max_length=40)]
Grade = Annotated[
    Literal["A", "B", "C", "D"] | None, Field(description="Of the evidence; `cleared` stands with A or B only.")
]
_TIME: JsonDict = {"format": "date-time"}


class FindingRequest(Strict):
    """What an investigation said of an order, a line of it, or a reseller. A correction is the next revision.

    Whoever holds the key vouches for it, by the name of the key, and nobody else can be named. `diverted` by one person
    alone is kept as a claim, `inconclusive` until another confirms it.
    """

    finding_id: Identifier
    revision: int = Field(1, ge=1, le=1_000_000, strict=True)
    outcome: Outcome
    happened_at: Time = Field(description="ISO 8601 with a zone; a date alone is its end.", json_schema_extra=_TIME)
    order_id: Identifier | None = None
    line_id: Identifier | None = None
    reseller_id: Identifier | None = None
    source: Text = None
    grade: Grade = None
    confidence: Share | None = None
    propensity: Share | None = Field(None, description="The probability with which the order was drawn for review.")
    note: Text = Field(None, description="About the case, never about persons.")


class ConfirmationRequest(Strict):
    """Agreement with a finding: another person says the same. `outcome` is what it says or claims, said again."""

    finding_id: Identifier
    outcome: Outcome
    grade: Grade = None
    note: Text = Field(None, description="About the case, never about persons.")


class StatusRequest(Strict):
    """What became of an order. `happened_at` is now where it is missing."""

    status: Status
    happened_at: Time | None = Field(None, json_schema_extra=_TIME)
