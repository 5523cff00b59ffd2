"""What else can be asked and told beside scores: explanations, inputs, orders, resellers, versions, keys."""

from typing import Any

from pydantic import Field

from serving.contract import Answer, OrderRequest, ProblemAnswer, ReasonAnswer, Told


class Change(Told):
    """What the model would have said with one feature of one line at another value, all others as they were."""

    line_id: str
    feature: str
    value: float | None
    instead: float | None = Field(description="Its norm: what is usual here. Null: not known.")
    probability: float = Field(description="Of the line, with the other value.")
    waits: bool = Field(description="Whether the line's score alone would still send the order to a person.")


class Standing(Told):
    """What the action hangs on. Rules are not part of the score: only what they ask for clears them."""

    threshold: float = Field(description="The probability from which an order waits for its score alone.")
    waits_for_its_score: bool
    waits_for_rules: list[str]
    changes: list[Change]


class LineExplanation(Told):
    """The reasons of one line, equal to those that were answered at once where they were."""

    line_id: str
    probability: float
    reasons: list[ReasonAnswer]


class Explanation(Told):
    """Why a decision fell as it did, and what would change it: for analysts, not to be passed on."""

    decision_id: str
    order_id: str
    revision: int
    action: str
    probability: float
    lines: list[LineExplanation]
    standing: Standing


class Feature(Told):
    """What a value of a vector means."""

    name: str
    unit: str
    family: str
    red_flag: str | None


class LineInputs(Told):
    """The vector of one line; null where a value is missing."""

    line_id: str
    values: list[float | None]


class Inputs(Told):
    """What a decision saw: the vectors as they were kept, named, and the order as it was taken."""

    decision_id: str
    t: str
    t_us: int
    position: int
    model: str
    features_fingerprint: str
    features: list[Feature]
    lines: list[LineInputs]
    order: OrderRequest


class WhatIf(Told):
    """What would be answered to an order that nobody placed. It is no decision and is kept as a question only."""

    t: str
    position: int
    action: str
    probability: float
    rank: float
    rules: list[str]
    lines: list[LineExplanation]
    meaning: str
    remaining: int = Field(description="What-ifs that this key may still ask within the hour.")


class RowAnswer(Told):
    """What became of one order of many, by its place in the list, from 0."""

    index: int
    status: int
    answer: Answer | None = None
    problem: ProblemAnswer | None = None


class ManyAnswer(Told):
    """One row an order, in the order in which they were sent."""

    results: list[RowAnswer]


class PlacedAnswer(Told):
    """A revision of an order and what was answered to it."""

    order_id: str
    revision: int
    t: str
    decision_id: str | None
    action: str | None
    probability: float | None


class StatusAnswer(Told):
    """What became of an order."""

    order_id: str
    status: str
    happened_at: str
    known_at: str
    position: int


class FindingAnswer(Told):
    """What an investigation said, as the record holds it.

    What does not stand yet is `inconclusive`, with what is `claimed` and what that still `needs`. `people` counts the
    different people who vouch; 0 where it was brought over without their names.
    """

    finding_id: str
    revision: int
    outcome: str
    happened_at: str
    known_at: str
    order_id: str | None
    line_id: str | None
    reseller_id: str | None
    source: str | None
    confidence: float | None
    grade: str | None
    note: str | None
    claimed: str | None
    people: int
    needs: str | None
    position: int


class RecallAnswer(Told):
    """A later word on an order that was answered and is still open. The answer itself stays what it was.

    `hold` since a diversion was confirmed at its reseller, `review` since no such finding stands any more.
    """

    order_id: str
    revision: int
    decision_id: str
    number: int
    action: str
    finding_id: str
    finding_revision: int
    known_at: str
    position: int


class RecallsAnswer(Told):
    """Recalls, oldest first. Ask again after `position`, the last of them."""

    recalls: list[RecallAnswer]
    position: int


class OrderAnswer(Told):
    """An order with all that is known of it. `stands` is the newest word on it: its last recall, else its answer."""

    order_id: str
    stands: str | None
    revisions: list[PlacedAnswer]
    statuses: list[StatusAnswer]
    findings: list[FindingAnswer]
    recalls: list[RecallAnswer]


class Window(Told):
    """Figures of the last so many days; values in major units of the record's currency."""

    days: int
    orders: int
    lines: int
    end_users: int
    value: str
    pieces: str


class Norms(Told):
    """What is usual for a reseller: means an order over the last 365 days, and what it mostly buys and ships where."""

    value_an_order: str | None
    lines_an_order: float | None
    pieces_a_line: float | None
    days_between_orders: float | None
    categories: dict[str, int]
    countries: dict[str, int]


class SiteAnswer(Told):
    """A place of a reseller."""

    kind: str
    country: str | None
    region: str | None
    city: str | None


class Profile(Told):
    """A reseller: register, history, norms, findings. `registered` is false where only orders name it."""

    reseller_id: str
    registered: bool
    name: str | None
    authorised_from: str | None
    authorised_to: str | None
    territory: list[str]
    sites: list[SiteAnswer]
    position: int
    currency: str
    orders: int
    first_order: str | None
    last_order: str | None
    decisions: dict[str, int]
    windows: list[Window]
    norms: Norms
    findings: list[FindingAnswer]
    newest: list[PlacedAnswer]


class ModelVersion(Told):
    """A promotion: which model, when, by whom, why."""

    promotion_id: str
    model: str
    promoted_at: str
    who: list[str]
    reason: str
    serves: bool


class VersionsAnswer(Told):
    """What answers now, and what did before. With `fallback`, rules alone answer: no model can be read here."""

    software: str
    fallback: bool
    model: str | None
    policy: str | None
    features: str | None
    kernel: str | None
    trained_as_of: str | None
    review_share: float | None
    rules: list[str]
    data: dict[str, str]
    promotions: list[ModelVersion]
    currency: str
    position: int


class KeyAnswer(Told):
    """A key, without its secret, which nobody holds but its owner."""

    key_id: str
    name: str
    roles: list[str]
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class KeysAnswer(Told):
    """All keys, oldest first."""

    keys: list[KeyAnswer]


class AccessAnswer(Told):
    """Who looked into what."""

    at: str
    key_id: str
    deed: str
    subject: str
    detail: dict[str, Any] | None


class AccessesAnswer(Told):
    """Who looked into what, the newest first."""

    accesses: list[AccessAnswer]
