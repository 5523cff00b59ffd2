"""The bytes of an answer: written once, stored, and sent again as they stand."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from features.measures import iso
from features.record import Moment
from features.trade import Order
from models.decision import LineDecision, OrderDecision
from models.policy import Policy
from models.reasons import Reason
from models.rules import Rule
from models.spread import BASIS, Interval
from models.wordings import neutral
from serving.missing_evidence import missing


def software() -> str:
    """The version of this software; ``0`` where it runs without being installed."""
    try:
        return version("diversion-risk")
    except PackageNotFoundError:
        return "0"


SOFTWARE = software()


NO_INTERVAL = "none: the model's artefact holds no spread of its calibration"
"""Of models of before it was kept, and of those that too few resellers calibrated: nothing is invented."""

NO_SCORE = "none: rules alone decided, and nothing was scored"

Notices = Mapping[tuple[str, str], Sequence[str]]
"""Ids of public notices behind a reason, by line and feature."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What an answer says beside the decision: its id, and the moment and position that its vectors saw.

    `reference` is the fingerprint of the places and dated policies behind the vectors; `policy` tells costs, if any;
    `notices` are those behind reasons.
    """

    decision_id: str
    moment: Moment
    position: int
    kernel: str
    reference: str
    policy: Policy
    notices: Notices = field(default_factory=dict)


def written(order: Order, verdict: OrderDecision, heading: Heading) -> bytes:
    """The answer as JSON, see `serving.contract.Answer`; the same for the same decision, byte for byte."""
    content = {
        "decision_id": heading.decision_id,
        "order_id": order.order_id,
        "revision": order.revision,
        "t": iso(heading.moment.t),
        "t_us": heading.moment.t,
        "late": heading.moment.late,
        "position": heading.position,
        "action": verdict.action.value,
        "fallback": verdict.fallback,
        "probability": told(verdict.probability),
        "interval": _interval(verdict.interval),
        "interval_basis": _basis(verdict),
        "rank": told(verdict.rank),
        "expected_loss": _loss(verdict.probability, heading.policy),
        "missing_evidence": missing(order),
        "rules": [_rule(rule) for rule in verdict.rules],
        "not_evaluated": [{"id": each.rule_id, "why": each.why} for each in verdict.not_evaluated],
        "lines": [_line(line, heading.notices) for line in verdict.lines],
        "meaning": verdict.meaning,
        "versions": {
            "model": verdict.model,
            "policy": verdict.policy,
            "features": verdict.features,
            "kernel": heading.kernel,
            "reference": heading.reference,
            "software": SOFTWARE,
        },
    }
    return _encoded(content).encode()


_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def reason_to_json(reason: Reason) -> dict[str, Any]:
    """A reason as JSON types."""
    return {
        "feature": reason.feature,
        "family": reason.family,
        "value": reason.value,
        "norm": reason.norm,
        "sentence": reason.sentence,
        "neutral": neutral(reason.red_flag, reason.family, raises=reason.contribution > 0),
        "red_flag": reason.red_flag,
        "clears": reason.clears,
        "direction": reason.direction,
        "contribution": reason.contribution,
    }


def told(number: float) -> float | None:
    """A number as JSON tells it: null where there is none."""
    return None if math.isnan(number) else number


def _interval(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}


def _basis(verdict: OrderDecision) -> str:
    if verdict.interval is not None:
        return BASIS
    return NO_SCORE if verdict.fallback else NO_INTERVAL


def _loss(probability: float, policy: Policy) -> dict[str, float | None] | None:
    if policy.missed_cost is None or math.isnan(probability):
        return None
    return {"amount": probability * policy.missed_cost, "review_cost": policy.review_cost}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.rule_id,
        "effect": rule.effect.value,
        "because": rule.because,
        "neutral": neutral(rule.red_flag),
        "red_flag": rule.red_flag,
        "clears": rule.clears,
        "verify": rule.verify,
        "source": rule.source,
    }


def _line(line: LineDecision, notices: Notices) -> dict[str, Any]:
    reasons = None if line.reasons is None else [reason_to_json(reason) for reason in line.reasons]
    for reason in reasons or ():
        if named := notices.get((line.line_id, reason["feature"])):
            reason["notices"] = list(named)
    return {
        "line_id": line.line_id,
        "probability": told(line.probability),
        "action": line.action.value,
        "rules": [rule.rule_id for rule in line.rules],
        "reasons": reasons,
    }
