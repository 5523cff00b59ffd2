"""The bytes of an answer: written once, stored, and sent again as they stand."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from features.measures import iso
from features.record import Moment
from features.trade import Order
from models.decision import LineDecision, OrderDecision
from models.policy import Policy
from models.reasons import Reason
from models.rules import Rule
from models.spread import BASIS, Interval
from models.wordings import neutral
from serving.missing_evidence import Gap


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


class Gist(NamedTuple):
    """What is counted of a new decision: fields that were left open and rules that fired by name."""

    action: str
    fallback: bool
    probability: float
    missing: tuple[str, ...]
    rules: tuple[str, ...]


def written(order: Order, verdict: OrderDecision, heading: Heading, gaps: Sequence[Gap]) -> bytes:
    """The answer as JSON, see `serving.contract.Answer`; the same for the same decision, byte for byte.

    `gaps` are the order's, see `serving.missing_evidence`. What most answers share is written once.
    """
    head = {
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
    }
    basis, loss = _shared(_basis(verdict)), _encoded(_loss(verdict.probability, heading.policy))
    open_fields = ",".join([_gap(gap) for gap in gaps])
    rules = ",".join(map(_rule, verdict.rules))
    dead = ",".join([_not_evaluated(each.rule_id, each.why) for each in verdict.not_evaluated])
    lines = ",".join([_line(line, heading.notices) for line in verdict.lines])
    made_by = (verdict.model, verdict.policy, verdict.features, heading.kernel, heading.reference)
    return (
        f'{_encoded(head)[:-1]},"interval_basis":{basis},"rank":{number(verdict.rank)},"expected_loss":{loss}'
        f',"missing_evidence":[{open_fields}],"rules":[{rules}],"not_evaluated":[{dead}],"lines":[{lines}]'
        f',"meaning":{_shared(verdict.meaning)},"versions":{_versions(*made_by)}}}'
    ).encode()


_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_shared = lru_cache(maxsize=64)(_encoded)


@lru_cache(maxsize=8)
def _versions(model: str, policy: str, features: str, kernel: str, reference: str) -> str:
    return _encoded(
        {
            "model": model,
            "policy": policy,
            "features": features,
            "kernel": kernel,
            "reference": reference,
            "software": SOFTWARE,
        }
    )


def number(value: float) -> str:
    """A number as JSON text: null where there is none."""
    return "null" if math.isnan(value) else float.__repr__(value)


def _gap(gap: Gap) -> str:
    return f'{{"field":{_shared(gap.field)},"lines":{_encoded(gap.lines)},"ask_for":{_shared(gap.ask_for)}}}'


@lru_cache(maxsize=256)
def _not_evaluated(rule_id: str, why: str) -> str:
    return _encoded({"id": rule_id, "why": why})


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


@lru_cache(maxsize=256)
def _rule(rule: Rule) -> str:
    return _encoded(
        {
            "id": rule.rule_id,
            "effect": rule.effect.value,
            "because": rule.because,
            "neutral": neutral(rule.red_flag),
            "red_flag": rule.red_flag,
            "clears": rule.clears,
            "verify": rule.verify,
            "source": rule.source,
        }
    )


def _line(line: LineDecision, notices: Notices) -> str:
    rules = ",".join([_shared(rule.rule_id) for rule in line.rules])
    reasons = "null" if line.reasons is None else _encoded(_reasons(line.line_id, line.reasons, notices))
    return (
        f'{{"line_id":{_encoded(line.line_id)},"probability":{number(line.probability)}'
        f',"action":"{line.action.value}","rules":[{rules}],"reasons":{reasons}}}'
    )


def _reasons(line_id: str, reasons: Sequence[Reason], notices: Notices) -> list[dict[str, Any]]:
    content = [reason_to_json(reason) for reason in reasons]
    for reason in content:
        if named := notices.get((line_id, reason["feature"])):
            reason["notices"] = list(named)
    return content
