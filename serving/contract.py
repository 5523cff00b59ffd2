"""What is asked and what is answered, as the world outside sees it: version 1.

Numbers are read exactly, digit by digit, whether they stand as JSON numbers or as texts.
"""

import json
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from features.trade import MAX_LINES
from serving.problems import Problem, invalid


def _text(text: str | None) -> str | None:
    """Order systems write an empty text where they mean nothing."""
    if text is not None and "\x00" in text:
        raise PydanticCustomError("no_text", "holds a NUL character; remove it")
    return text if text and text.strip() else None


Text = Annotated[
    Annotated[str, StringConstraints(max_length=500)] | None,
    AfterValidator(_text),
    Field(description="Missing, null and empty all mean: not known."),
]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[Decimal, Field(ge=0, max_digits=20)]


class Strict(BaseModel):
    """A body in which nothing is unexpected; errors name the field and never quote the body."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class Told(BaseModel):
    """A part of an answer. A later version of the service may tell more: what is not known here is passed over."""

    model_config = ConfigDict(frozen=True)


class ShipTo(Strict):
    """Where goods go. Degrees are WGS 84; data on a plane has kilometres from an origin of its own instead."""

    country: Text = Field(default=None, description="ISO 3166-1 alpha-2 (CN), or a name of the country.")
    region: Text = Field(default=None, description="ISO 3166-2 (CN-XJ), or a name of the region.")
    city: Text = Field(default=None, description="Its name, in Latin or Chinese script.")
    latitude: float | None = None
    longitude: float | None = None
    x_km: float | None = None
    y_km: float | None = None


class LineRequest(Strict):
    """One line. Where it names no end user, class or ship-to, those of the order hold."""

    line_id: Identifier
    sku: Identifier
    quantity: Number | None = None
    unit: Annotated[str, StringConstraints(max_length=20)] = Field("each", description="each, kg, g, mg, l or ml")
    amount: Number | None = Field(None, description="Of the whole line, in major units, such as 1250.00.")
    currency: Text = Field(None, description="ISO 4217; the record's own currency where it is missing.")
    category: Text = None
    end_user_id: Text = None
    end_user_class: Text = None
    declared_use: Text = None
    ship_to: ShipTo | None = None
    for_stock: StrictBool | None = None
    attributes: dict[str, Annotated[str, StringConstraints(max_length=500)]] = Field({}, max_length=100)


class OrderRequest(Strict):
    """An order with its lines. The same `order_id` and `revision` again get the same answer, byte for byte."""

    order_id: Identifier
    revision: int = Field(1, ge=1, le=1_000_000, strict=True)
    reseller_id: Identifier
    ordered_at: str | None = Field(
        None,
        max_length=40,
        description="ISO 8601 with a zone; a date alone counts from its end. Now, where it is missing.",
        json_schema_extra={"format": "date-time"},
    )
    ship_to: ShipTo | None = None
    end_user_id: Text = None
    end_user_class: Text = None
    lines: list[LineRequest] = Field(min_length=1, max_length=MAX_LINES)


class RuleAnswer(Told):
    """A rule that fired. `verify` marks law that must be checked before anybody relies on it.

    `because` is for analysts; `neutral` is safe to pass to a reseller or to staff abroad.
    """

    id: str
    effect: str
    because: str
    neutral: str
    red_flag: str | None
    clears: str | None
    verify: bool
    source: str


class RuleNotEvaluated(Told):
    """A rule in force that could not be evaluated, and why."""

    id: str
    why: str


class ReasonAnswer(Told):
    """One feature's part in a line's score; `contribution` is in log-odds.

    `sentence` is for analysts; `neutral` is safe to pass to a reseller or to staff abroad. `notices` names the newest
    public notices behind a feature of awards.
    """

    feature: str
    family: str
    value: float | None
    norm: float | None
    sentence: str
    neutral: str
    red_flag: str | None
    clears: str | None
    direction: str
    contribution: float
    notices: list[str] = []


class LineAnswer(Told):
    """What one line got. `reasons` is null for lines that do not wait."""

    line_id: str
    probability: float | None
    action: str
    rules: list[str]
    reasons: list[ReasonAnswer] | None


class Interval(Told):
    """From `low` to `high`, both in [0, 1], at a confidence `level`."""

    low: float
    high: float
    level: float


class ExpectedLoss(Told):
    """What letting the order go would cost on average, in the currency of the policy's costs; a review beside it.

    It rests on the chance of a finding in a review, which is no chance of a diversion: it ranks, and is no forecast.
    """

    amount: float
    review_cost: float | None


class MissingEvidence(Told):
    """A field that was not told, on which lines, and what to ask for."""

    field: str
    lines: list[str]
    ask_for: str


class Versions(Told):
    """What made the answer: fingerprints of model, policy, features, kernel, reference data, the software's version."""

    model: str
    policy: str
    features: str
    kernel: str
    reference: str
    software: str


class Answer(Told):
    """The answer to an order. `t` is its moment: it saw what was known strictly before, up to `position`."""

    decision_id: str
    order_id: str
    revision: int
    t: str
    t_us: int
    late: bool
    position: int
    action: str
    fallback: bool = Field(
        False, description="True where no model was at hand: rules alone decided, and nothing was scored."
    )
    probability: float | None = Field(description="Null with `fallback`.")
    interval: Interval | None = Field(description="Of the probability; null where the model holds nothing to tell it.")
    interval_basis: str = Field(description="What the interval rests on, or why there is none.")
    rank: float | None = Field(description="Null with `fallback`.")
    expected_loss: ExpectedLoss | None = Field(description="Null where the policy has no costs.")
    missing_evidence: list[MissingEvidence]
    rules: list[RuleAnswer]
    not_evaluated: list[RuleNotEvaluated]
    lines: list[LineAnswer]
    meaning: str
    versions: Versions


class FaultAnswer(Told):
    """A field at fault; `pointer` is a JSON pointer into the body that was sent."""

    pointer: str
    code: str
    detail: str
    value: str | None = None


class ProblemAnswer(Told):
    """Why there is no score (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultAnswer]


Body = TypeVar("Body", bound=BaseModel)


def content(body: bytes) -> Any:
    """What stands in a body, numbers digit by digit; raises `Problem` where it is not JSON."""
    try:
        # Through `float`, as pydantic reads JSON, a price of 18 digits would lose its last.
        return _decoded(body.decode())
    except (ValueError, ArithmeticError, RecursionError) as error:  # of exponents beyond any decimal, too
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise Problem("not-json", f"the body cannot be read as JSON{where}") from None


def read(body: bytes) -> OrderRequest:
    """The order in a body; raises `Problem` where it is not JSON, pydantic's error where it is no order."""
    return OrderRequest.model_validate(content(body))


def read_as(model: type[Body], body: bytes) -> Body:
    """What a body says, as any request of the contract; raises as `read` does, the faults as of no order."""
    told = content(body)
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise invalid(error, "invalid") from None


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_decoded = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number).decode
