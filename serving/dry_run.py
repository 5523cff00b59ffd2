"""What another threshold would have done with the orders of the record, each scored as of its own moment."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.facts.book import Book
from features.measures import DAY
from features.record import Entry, Record
from features.trade import Finding, Order, Outcome
from models.action import Action, strictest
from models.model import Model
from models.rules import declared, evaluate
from serving.batch import vectors

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """An order as the model sees it: the highest probability of its lines, and what the rules alone ask for."""

    order_id: str
    t: int
    probability: float
    by_rules: Action

    def action(self, threshold: float) -> Action:
        """What a threshold makes of it."""
        return strictest([Action.REVIEW if self.probability >= threshold else Action.PROCEED, self.by_rules])


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one threshold does: orders by action, of those found diverted and cleared how many would wait, days.

    `mean_a_day` and `most_a_day` count the orders that wait, over all days of the span.
    """

    threshold: float
    actions: dict[str, int]
    diverted_waiting: int
    cleared_waiting: int
    mean_a_day: float
    most_a_day: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """Two thresholds beside each other, over the same orders. `diverted` and `cleared` count orders with a finding."""

    model: str
    orders: int
    days: float
    diverted: int
    cleared: int
    now: Outcomes
    instead: Outcomes


def dry_run(
    record: Record, model: Model, threshold: float, since: int, progress: Callable[[str, float], None] | None = None
) -> DryRun:
    """Score all orders whose moment is not before `since` and lay two thresholds over them.

    Rules are those of the model, as of each order's moment. Findings are those known today: they say how the orders
    that somebody looked into turned out, and nothing of the others.
    """
    judged = list(_judged(record, model, since, progress))
    outcomes = _found(record)
    days = max((max(each.t for each in judged) - since) / DAY, 1.0) if judged else 1.0

    def laid(over: float) -> Outcomes:
        waiting = [each for each in judged if each.action(over) != Action.PROCEED]
        daily: dict[int, int] = defaultdict(int)
        for each in waiting:
            daily[each.t // DAY] += 1
        told = Counter(outcomes.get(each.order_id) for each in waiting)
        return Outcomes(
            threshold=over,
            actions=dict(Counter(each.action(over).value for each in judged)),
            diverted_waiting=told[Outcome.DIVERTED],
            cleared_waiting=told[Outcome.CLEARED],
            mean_a_day=len(waiting) / days,
            most_a_day=max(daily.values(), default=0),
        )

    known = Counter(outcomes.get(each.order_id) for each in judged)
    return DryRun(
        model=model.fingerprint,
        orders=len(judged),
        days=days,
        diverted=known[Outcome.DIVERTED],
        cleared=known[Outcome.CLEARED],
        now=laid(model.policy.threshold),
        instead=laid(threshold),
    )


def _judged(
    record: Record, model: Model, since: int, progress: Callable[[str, float], None] | None
) -> Iterator[Judged]:
    newest: dict[str, Order] = {}
    entries: list[Entry[Any]] = record.entries((Order,))
    for entry in entries:
        if entry.known_at >= since:
            newest[entry.event.order_id] = entry.event
    chosen = list(newest.values())
    for order, values in vectors(Book.of(record), model.features, chosen, [], progress):
        t = order.known_at or 0
        yield Judged(
            order.order_id, t, float(model.classifier.predict(values).max()), _by_rules(model, order, values, t)
        )


def _by_rules(model: Model, order: Order, values: Floats, t: int) -> Action:
    effects = [Action.PROCEED]
    for line, row in zip(order.lines, values, strict=True):
        features = {name: float(row[index]) for name, index in model.rule_columns.items()}
        effects += [rule.effect for rule in evaluate(model.rules, declared(order, line), features, t).fired]
    return strictest(effects)


def _found(record: Record) -> dict[str, Outcome]:
    """The newest word on each order that a finding names: diverted wins over cleared."""
    newest: dict[str, Finding] = {}
    for entry in record.entries((Finding,)):
        newest[entry.event.finding_id] = entry.event
    outcomes: dict[str, Outcome] = {}
    for finding in newest.values():
        told = finding.order_id is not None and finding.outcome in {Outcome.DIVERTED, Outcome.CLEARED}
        if told and outcomes.get(str(finding.order_id)) is not Outcome.DIVERTED:
            outcomes[str(finding.order_id)] = finding.outcome
    return outcomes
