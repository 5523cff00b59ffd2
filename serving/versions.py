"""What answers now: software, model, policy, rules, and the promotions that led there."""

from typing import Any

from features.measures import iso
from features.record import Promotion, Record
from models.model import Model
from serving.answer import SOFTWARE
from serving.problems import Problem
from serving.shelf import Shelf

NEWEST = 50
"""Promotions that are told."""


def versions(record: Record, shelf: Shelf, *, fallback: bool) -> dict[str, Any]:
    """See `serving.inquiry_contract.VersionsAnswer`. The model is null where none was promoted or it cannot be read."""
    promotions = [entry.event for entry in record.entries((Promotion,))]
    newest = promotions[-1] if promotions else None
    return {
        "software": SOFTWARE,
        "fallback": fallback,
        **_model(_read(record, shelf, newest)),
        "promotions": [
            {
                "promotion_id": each.promotion_id,
                "model": each.model,
                "promoted_at": iso(each.known_at),
                "who": list(each.who),
                "reason": each.reason,
                "serves": each is newest,
            }
            for each in reversed(promotions[-NEWEST:])
        ],
        "currency": record.currency,
        "position": record.position(),
    }


def _read(record: Record, shelf: Shelf, promotion: Promotion | None) -> Model | None:
    try:
        return None if promotion is None else shelf.model(record, promotion.model)
    except Problem:
        return None


def _model(model: Model | None) -> dict[str, Any]:
    if model is None:
        names = ("model", "policy", "features", "kernel", "trained_as_of", "review_share")
        return {**dict.fromkeys(names), "rules": [], "data": {}}
    return {
        "model": model.fingerprint,
        "policy": model.policy.version,
        "features": model.features.fingerprint,
        "kernel": model.kernel_version,
        "trained_as_of": iso(model.card.as_of),
        "review_share": model.policy.review_share,
        "rules": [rule.rule_id for rule in model.rules],
        "data": dict(model.data_hashes),
    }
