"""Which open orders a new piece of evidence would change: each asked again as of now, without it and with it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.facts.book import Book
from features.facts.reference import Reference
from features.location.policy import load_regions
from features.measures import DAY
from features.record import Entry, Record
from features.record.open_orders import open_orders
from features.touched import Arrived
from features.trade import Order
from features.vector import Behind, Vectorizer
from features.windows.codes import Codes
from features.windows.feature_set import FeatureSet
from models.action import Action
from models.decision import Case, OrderDecision, verdict_each
from models.model import Model
from models.rules import declared
from serving.batch import vectors
from serving.engine_at import Progress, engine_at, silent
from serving.keeping import Keeper

OPEN_DAYS = 90
"""Orders of the last so many days are open until the record says what became of them (our choice)."""

NAMED = 10
"""Notices that are named behind one reason, the newest."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moved:
    """A feature of one line that the evidence moves, and its value before and after."""

    feature: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Change:
    """An open order whose action the evidence changes; probabilities are the highest of its lines."""

    order_id: str
    reseller_id: str
    before: Action
    after: Action
    probability_before: float
    probability_after: float
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """How many orders are open, how many of them the evidence can touch, and those whose action it changes."""

    open: int
    touched: int
    changed: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked at `t`, and the vectors, (n_lines, n_features), of each order without the evidence and with it.

    `open` counts the open orders; those that are not asked have the same vectors with it and without it.
    """

    open: int
    t: int
    orders: Sequence[Order]
    pairs: Sequence[tuple[Floats, Floats]]


def changes(
    record: Record,
    model: Model,
    notices: Collection[str],
    before: int,
    *,
    keeper: Keeper,
    open_days: int = OPEN_DAYS,
    progress: Progress = silent,
) -> Changes:
    """What the notices of these ids change that came after the position `before`."""
    told = ask(record, model.features, notices, before, keeper=keeper, open_days=open_days, progress=progress)
    return Changes(told.open, len(told.orders), tuple(_changed(model, told.orders, told.pairs, told.t)))


def ask(
    record: Record,
    features: FeatureSet,
    notices: Collection[str],
    before: int,
    *,
    keeper: Keeper,
    open_days: int = OPEN_DAYS,
    progress: Progress = silent,
) -> Answers:
    """The open orders that the evidence can touch, each asked without it and with it.

    All at one moment, just after what is known, and with what the record held before the evidence: what a service takes
    in meanwhile is left out, and nothing but the evidence differs. Which orders it can touch is told by
    `features.touched`.
    """
    progress("reading open orders", 0.0)
    t = 1 + (record.clock() or 0)
    with record.reading() as connection:
        stand = open_orders(connection, open_days * DAY, before)
    arrived = Arrived(record, features, notices, before)
    entities = arrived.entities(Reference(Codes(), load_regions(), record.currency))
    near = arrived.near(entities, stand) if entities.keys else []
    if not near:
        return Answers(len(stand), t, (), ())
    revised = _revised(record, near, before, t)
    try:
        orders, pairs = _by_snapshot(record, features, revised, arrived, t, keeper, progress)
    except Behind:
        progress("reading the whole record, for evidence that comes late", 0.0)
        orders = [order for order, _ in revised]
        pairs = by_record(record, features, orders, notices, before)
    return Answers(len(stand), t, orders, pairs)


def by_record(
    record: Record, features: FeatureSet, orders: Sequence[Order], notices: Collection[str], before: int
) -> list[tuple[Floats, Floats]]:
    """The vectors of orders without the evidence and with it, from the whole record, twice.

    The long way, for evidence that was known before what a snapshot has seen.
    """
    plain = Book.of(record, before)
    whole = plain.extended(Arrived(record, features, notices, before).entries)
    both = ([values for _, values in vectors(book, features, (), orders)] for book in (plain, whole))
    return list(zip(*both, strict=True))


def _by_snapshot(
    record: Record,
    features: FeatureSet,
    revised: Sequence[tuple[Order, int]],
    arrived: Arrived,
    t: int,
    keeper: Keeper,
    progress: Progress,
) -> tuple[list[Order], list[tuple[Floats, Floats]]]:
    """The same, of those orders that the evidence touches, from an engine that goes on from a snapshot.

    Raises `Behind` where it has gone past the evidence.
    """
    engine = engine_at(keeper, features, record, arrived.after, progress)
    if arrived.entries[0].known_at < t - int(engine.plan.width.min()):
        raise Behind("asking moves the windows, and this would have left one of them already")
    progress("asking open orders again", 0.0)
    entities = arrived.entities(engine.reference)
    encoded = ((order, number, engine.encoded(order, t)) for order, number in revised)
    asked = [each for each in encoded if entities.reaches(each[2])]
    first = [engine.answer(rows, t, number) for _, number, rows in asked]
    engine.follow(arrived.entries, record.revisions)
    second = [engine.answer(rows, t, number) for _, number, rows in asked]
    return [order for order, _, _ in asked], list(zip(first, second, strict=True))


def _revised(record: Record, order_ids: Collection[str], upto: int, t: int) -> list[tuple[Order, int]]:
    """Orders that the record holds by a position, as if each were revised at `t`, and their numbers in the engine."""
    revisions: dict[str, list[Entry[Order]]] = defaultdict(list)
    for entry in record.about((Order,), order_ids):
        if entry.position <= upto:
            revisions[entry.event.order_id].append(entry)
    newest = ((held[-1].event, held[0].position) for held in revisions.values())
    return [(replace(order, revision=order.revision + 1, known_at=t), number) for order, number in newest]


def _changed(model: Model, orders: Sequence[Order], pairs: Sequence[tuple[Floats, Floats]], t: int) -> Iterator[Change]:
    """The orders whose action differs; where no vector does, it cannot."""
    moved = [(order, *pair) for order, pair in zip(orders, pairs, strict=True) if not np.array_equal(*pair, True)]
    told = [[declared(order, line) for line in order.lines] for order, _, _ in moved]
    olds = verdict_each(model, [Case(old, fields, t) for (_, old, _), fields in zip(moved, told, strict=True)])
    news = verdict_each(model, [Case(new, fields, t) for (_, _, new), fields in zip(moved, told, strict=True)])
    for (order, *pair), old, new in zip(moved, olds, news, strict=True):
        if old.action != new.action:
            what = tuple(_moved(model.features.names, *pair))
            actions, odds = (old.action, new.action), (old.probability, new.probability)
            yield Change(order.order_id, order.reseller_id, *actions, *odds, what)


def _moved(names: Sequence[str], old: Floats, new: Floats) -> Iterator[Moved]:
    """Each feature that differs on any line, as the first such line has it."""
    differs = (old != new) & ~(np.isnan(old) & np.isnan(new))
    for column in np.flatnonzero(differs.any(axis=0)).tolist():
        line = int(differs[:, column].argmax())
        yield Moved(names[column], float(old[line, column]), float(new[line, column]))


def notices_behind(
    engine: Vectorizer, order: Order, verdict: OrderDecision, t: int, earlier: Sequence[Entry[Order]]
) -> dict[tuple[str, str], Sequence[str]]:
    """The notices behind the reasons of an order's lines, by line and feature; only features of awards have any."""
    found: dict[tuple[str, str], Sequence[str]] = {}
    for number, line in enumerate(verdict.lines):
        for reason in line.reasons or ():
            if reason.family == "awards" and reason.value:
                found[line.line_id, reason.feature] = engine.behind(order, t, number, reason.feature, earlier, NAMED)
    return found
