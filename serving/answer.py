"""The bytes of an answer: written once, stored, and sent again as they stand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from features.measures import iso
from features.record import Moment
from features.trade import Order
from models.decision import LineDecision, OrderDecision
from models.reasons import Reason
from models.rules import Rule


def software() -> str:
    """The version of this software; ``0`` where it runs without being installed."""
    try:
        return version("diversion-risk")
    except PackageNotFoundError:
        return "0"


SOFTWARE = software()


@dataclass(frozen=True, slots=True)
class Heading:
    """What an answer says beside the decision: its id, and the moment and position that its vectors saw.

    `notices` names the public notices behind a reason, by line and feature.
    """

    decision_id: str
    moment: Moment
    position: int
    kernel: str
    notices: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)


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
        "probability": verdict.probability,
        "rank": verdict.rank,
        "rules": [_rule(rule) for rule in verdict.rules],
        "not_evaluated": [{"id": each.rule_id, "why": each.why} for each in verdict.not_evaluated],
        "lines": [_line(line, heading.notices) for line in verdict.lines],
        "meaning": verdict.meaning,
        "versions": {
            "model": verdict.model,
            "policy": verdict.policy,
            "features": verdict.features,
            "kernel": heading.kernel,
            "software": SOFTWARE,
        },
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def reason_to_json(reason: Reason) -> dict[str, Any]:
    """A reason as JSON types."""
    return {
        "feature": reason.feature,
        "family": reason.family,
        "value": reason.value,
        "norm": reason.norm,
        "sentence": reason.sentence,
        "red_flag": reason.red_flag,
        "clears": reason.clears,
        "direction": reason.direction,
        "contribution": reason.contribution,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.rule_id,
        "effect": rule.effect.value,
        "because": rule.because,
        "red_flag": rule.red_flag,
        "clears": rule.clears,
        "verify": rule.verify,
        "source": rule.source,
    }


def _line(line: LineDecision, notices: Mapping[tuple[str, str], Sequence[str]]) -> dict[str, Any]:
    reasons = None if line.reasons is None else [reason_to_json(reason) for reason in line.reasons]
    for reason in reasons or ():
        if named := notices.get((line.line_id, reason["feature"])):
            reason["notices"] = list(named)
    return {
        "line_id": line.line_id,
        "probability": line.probability,
        "action": line.action.value,
        "rules": [rule.rule_id for rule in line.rules],
        "reasons": reasons,
    }
