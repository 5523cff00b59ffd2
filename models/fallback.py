"""What decides where no model can: the rules alone. Nothing is scored, and nothing is made up in a score's place.

The features are those that ship, so that rules on history (a diversion that was confirmed at this reseller) hold as
ever, and a model of the same features can take the engine over when it comes.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.windows.feature_set import FeatureSet
from features.windows.kernel import VERSION
from models.action import strictest
from models.decision import Case, LineDecision, OrderDecision, decide_each, not_evaluated
from models.model import Model, canonical, columns_of
from models.policy import Policy
from models.rules import DEFAULT, Rule, evaluate, load_rules, rule_to_json

MEANING = "none: no model was at hand, and rules alone decided"

EXTRA = DEFAULT.with_name("fallback.toml")
"""The rules that hold on top of those that ship where nothing is scored."""

NOTHING_WAITS_FOR_A_SCORE = Policy(review_share=1.0, threshold=math.inf, reference=(1.0,))


@dataclass(frozen=True, eq=False)
class Fallback:
    """Rules, and the features that they may speak of. It stands where a `Model` stands, and has no classifier."""

    rules: tuple[Rule, ...]
    features: FeatureSet
    kernel_version: str = VERSION
    policy: Policy = NOTHING_WAITS_FOR_A_SCORE

    @cached_property
    def rule_columns(self) -> dict[str, int]:
        """The columns that the rules speak of, by name."""
        return columns_of(self.rules, self.features)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of rules, features and kernel: two of one fingerprint decide alike. No model has the same."""
        rules = [rule_to_json(rule) for rule in self.rules]
        content = {"fallback": rules, "features": self.features.fingerprint, "kernel": self.kernel_version}
        return hashlib.sha256(canonical(content)).hexdigest()


def fallback(rules: Path | None = None) -> Fallback:
    """The fallback with the rules of a file, or with those that ship; raises `RuleRefused`."""
    return Fallback((*load_rules(DEFAULT), *load_rules(EXTRA)) if rules is None else load_rules(rules), catalogue())


def judged(
    model: Model | Fallback,
    values: NDArray[np.float64],
    fields: Sequence[Mapping[str, object]],
    t: int,
    *,
    drawn: bool = False,
) -> OrderDecision:
    """What an order gets, see `models.decision.decide`; from rules alone where there is no model.

    Then probabilities and the rank are NaN, no line has reasons beside its rules, and nothing is drawn.
    """
    return judged_each(model, [Case(values, fields, t, drawn)])[0]


def judged_each(model: Model | Fallback, cases: Sequence[Case]) -> list[OrderDecision]:
    """What each of several orders gets, as `judged` tells it of one."""
    if isinstance(model, Model):
        return decide_each(model, cases)
    return [_by_rules(model, case) for case in cases]


def _by_rules(model: Fallback, case: Case) -> OrderDecision:
    verdicts = [
        evaluate(model.rules, each, {name: float(row[index]) for name, index in model.rule_columns.items()}, case.t)
        for each, row in zip(case.fields, case.values, strict=True)
    ]
    lines = tuple(
        LineDecision(
            str(each["line_id"]), math.nan, strictest(rule.effect for rule in verdict.fired), verdict.fired, None
        )
        for each, verdict in zip(case.fields, verdicts, strict=True)
    )
    hits = {rule.rule_id: rule for verdict in verdicts for rule in verdict.fired}
    return OrderDecision(
        action=strictest(line.action for line in lines),
        probability=math.nan,
        rank=math.nan,
        lines=lines,
        rules=tuple(hits.values()),
        not_evaluated=not_evaluated(model.rules, model.features, case.fields, verdicts, case.t),
        drawn=False,
        model=model.fingerprint,
        policy=model.policy.version,
        features=model.features.fingerprint,
        meaning=MEANING,
        fallback=True,
    )
