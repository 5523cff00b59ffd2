"""From the vectors of an order's lines to what is answered: action, probability, rank, rules and reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.windows.feature_set import FeatureSet
from models.action import Action, strictest
from models.card import MEANING
from models.model import Model
from models.reasons import Reason, explain, strongest_rows
from models.rules import Evaluation, NotEvaluated, Rule, check, evaluate
from models.spread import Interval

__all__ = [
    "MEANING",
    "Action",
    "LineDecision",
    "OrderDecision",
    "Reason",
    "Verdict",
    "decide",
    "strictest",
    "verdict_each",
]

EXPLAINED = 20
"""Lines of an order whose reasons are computed at once: the most risky of those that wait. Reasons are long to
write and to read, and an order may have 2,000 lines; `models.reasons.explain` gives the others on demand."""


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What one line got. `probability` in [0, 1]; `reasons` is None where they were not computed at once."""

    line_id: str
    probability: float
    action: Action
    rules: tuple[Rule, ...]
    reasons: tuple[Reason, ...] | None


@dataclass(frozen=True, slots=True)
class OrderDecision:
    """What an order got: the strictest action and the highest probability of its lines.

    `rank` is the share of reference orders below this probability. `drawn` tells of a random audit. `rules` are
    those that fired on any line; `not_evaluated` those of which it could not be told, and why. `model`, `policy`
    and `features` are fingerprints. With `fallback`, rules alone decided: probabilities and the rank are NaN.
    `interval` is that of the probability, None where the model does not know the spread of its calibration.
    """

    action: Action
    probability: float
    rank: float
    lines: tuple[LineDecision, ...]
    rules: tuple[Rule, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    drawn: bool
    model: str
    policy: str
    features: str
    meaning: str = MEANING
    fallback: bool = False
    interval: Interval | None = None


class Case(NamedTuple):
    """An order to decide on, as `decide` takes it."""

    values: NDArray[np.float64]
    fields: Sequence[Mapping[str, object]]
    t: int
    drawn: bool = False


class Verdict(NamedTuple):
    """The strictest action and the highest probability of an order's lines, without reasons."""

    action: Action
    probability: float


class _Judged(NamedTuple):
    """What is known of an order before its reasons: one entry a line but of `whole`, the strictest action."""

    probabilities: list[float]
    verdicts: list[Evaluation]
    actions: list[Action]
    whole: Action


def decide(
    model: Model,
    values: NDArray[np.float64],
    fields: Sequence[Mapping[str, object]],
    t: int,
    *,
    drawn: bool = False,
) -> OrderDecision:
    """Decide on one order at moment `t` (microseconds UTC).

    `values`, shape (n_lines, k), are the lines' vectors in the order of the model's features; `fields` what each
    line declares (see `models.rules.declared`), `line_id` among it. `drawn` orders wait for a random audit. An
    order proceeds when no rule fired on any line, its probability is below the threshold and it was not drawn:
    whatever the score, it never takes a review away.
    """
    return decide_each(model, [Case(values, fields, t, drawn)])[0]


def decide_each(model: Model, cases: Sequence[Case]) -> list[OrderDecision]:
    """Decide on several orders, as `decide` does on each: the model is asked once for the lines of all of them."""
    if not cases:
        return []
    values = _values(cases)
    judged = _judged_each(model, cases, values)
    starts = [0, *accumulate(len(case.fields) for case in cases)]
    rows = [start + row for start, each in zip(starts, judged, strict=False) for row in _explained(each)]
    reasons = dict(zip(rows, explain(model, values[rows]), strict=True)) if rows else {}
    return [
        _decision(model, case, each, [reasons.get(start + row) for row in range(len(case.fields))])
        for case, each, start in zip(cases, judged, starts, strict=False)
    ]


def verdict_each(model: Model, cases: Sequence[Case]) -> list[Verdict]:
    """Of each order what `decide` would say, and nothing that takes time to tell."""
    judged = _judged_each(model, cases, _values(cases)) if cases else []
    return [Verdict(each.whole, max(each.probabilities)) for each in judged]


def _values(cases: Sequence[Case]) -> NDArray[np.float64]:
    """The vectors of all orders, one below the other."""
    for case in cases:
        if not 0 < len(case.fields) == len(case.values):
            said = f"values: {len(case.values)} rows for {len(case.fields)} lines"
            raise ValueError(f"{said}; give one row a line, at least one")
    return np.concatenate([case.values for case in cases])


def _judged_each(model: Model, cases: Sequence[Case], values: NDArray[np.float64]) -> list[_Judged]:
    scores = model.classifier.predict(values).tolist()
    starts = [0, *accumulate(len(case.fields) for case in cases)]
    return [
        _judged(model, case, scores[start:stop]) for case, start, stop in zip(cases, starts, starts[1:], strict=False)
    ]


def _judged(model: Model, case: Case, probabilities: list[float]) -> _Judged:
    verdicts = [
        evaluate(model.rules, each, {name: row[index] for name, index in model.rule_columns.items()}, case.t)
        for each, row in zip(case.fields, case.values.tolist(), strict=True)
    ]
    actions = [_action(model, *pair) for pair in zip(probabilities, verdicts, strict=True)]
    whole = strictest([*actions, Action.REVIEW if case.drawn else Action.PROCEED])
    return _Judged(probabilities, verdicts, actions, whole)


def _decision(model: Model, case: Case, judged: _Judged, reasons: Sequence[tuple[Reason, ...] | None]) -> OrderDecision:
    probabilities, verdicts, actions, whole = judged
    lines = tuple(
        LineDecision(str(each["line_id"]), probability, action, verdict.fired, told)
        for each, probability, action, verdict, told in zip(
            case.fields, probabilities, actions, verdicts, reasons, strict=True
        )
    )
    hits = {rule.rule_id: rule for verdict in verdicts for rule in verdict.fired}
    return OrderDecision(
        action=whole,
        probability=max(probabilities),
        rank=model.policy.rank(max(probabilities)),
        lines=lines,
        rules=tuple(hits.values()),
        not_evaluated=not_evaluated(model.rules, model.features, case.fields, verdicts, case.t),
        drawn=case.drawn,
        model=model.fingerprint,
        policy=model.policy.version,
        features=model.features.fingerprint,
        interval=None if model.spread is None else model.spread.interval(max(probabilities)),
    )


def _action(model: Model, probability: float, verdict: Evaluation) -> Action:
    by_score = Action.REVIEW if model.policy.waits(probability) else Action.PROCEED
    return strictest([by_score, *(rule.effect for rule in verdict.fired)])


def _explained(judged: _Judged) -> list[int]:
    """The rows whose reasons are told: lines that wait, or the most risky one of an order that only a draw stopped."""
    if judged.whole == Action.PROCEED:
        return []
    probabilities, actions = judged.probabilities, judged.actions
    waiting = [row for row, action in enumerate(actions) if action != Action.PROCEED]
    return strongest_rows(probabilities, waiting, EXPLAINED) or strongest_rows(probabilities, range(len(actions)), 1)


def not_evaluated(
    rules: Sequence[Rule],
    features: FeatureSet,
    fields: Sequence[Mapping[str, object]],
    verdicts: Sequence[Evaluation],
    t: int,
) -> tuple[NotEvaluated, ...]:
    """Rules that cannot fire on any line, then those that could not be told on some line; each rule once."""
    dead = check(rules, features, frozenset().union(*fields), t)
    untold = (each for verdict in verdicts for each in verdict.not_evaluated)
    found: dict[str, NotEvaluated] = {}
    for each in (*dead, *untold):
        found.setdefault(each.rule_id, each)
    return tuple(found.values())
