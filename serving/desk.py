"""One order's whole walk, from the question to the answer that is kept."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.record import Decision, Entry, Moment, Writer, moment
from features.trade import Order, digest
from models.decision import OrderDecision, decide
from models.rules import declared
from serving.answer import Heading, written
from serving.contract import OrderRequest
from serving.problems import Fault, Problem, shown
from serving.state import Champion, Outdated, State
from serving.translation import order_of, priced, same_order

ATTEMPTS = 5
"""Turns that an order takes at most, each time after catching up with what others appended."""

SOURCE = "service"


@dataclass(frozen=True, slots=True)
class Answered:
    """The bytes of an answer; `again` where they were stored before."""

    body: bytes
    again: bool


class Desk:
    """Scores one order after the other. `now` tells microseconds UTC."""

    def __init__(self, state: State, now: Callable[[], int]) -> None:
        self.state, self._now = state, now

    def score(self, request: OrderRequest) -> Answered:
        """The answer to an order, kept before it is returned; raises `Problem`, `Refused` or `Unavailable`."""
        order = order_of(request, self.state.record.currency)
        for _ in range(ATTEMPTS):
            try:
                return self._turn(order)
            except Outdated:
                self.state.keep_up()
        raise Problem("busy", "the record grows faster than it can be followed; try again")

    def decision(self, decision_id: str) -> bytes:
        """The stored answer of this id."""
        found = self.state.record.decision_by_id(decision_id)
        if found is None:
            raise Problem("no-decision", f"no decision has the id {shown(decision_id)!r}")
        return found.response

    def _turn(self, order: Order) -> Answered:
        """All of it in one transaction: on any failure nothing is kept, and the engine has not taken the order in."""
        with self.state.record.writer() as writer:
            answered = writer.decision(order.order_id, order.revision)
            if answered is not None:
                return _again(answered, order, writer)
            champion = self.state.champion(writer)
            earlier = writer.revisions(order.order_id)
            _next_revision(order, earlier)
            now, seen = self._now(), writer.position()
            at = moment(order.ordered_at, now, writer.clock())
            asked, order = digest(order), self._dated(order, at)
            vectors = self.state.vectors(champion, order, at.t, earlier)
            verdict = decide(champion.model, vectors, [declared(order, line) for line in order.lines], at.t)
            decision = _decision(order, verdict, at, seen, champion, vectors, asked, now)
            placed = writer.append(order, source=SOURCE, recorded_at=now, late=at.late)
            filed = writer.append(decision, source=SOURCE, recorded_at=now)
            self.state.hold()
        entry = Entry(placed.position, at.t, order, at.late)
        self.state.took(champion, [entry, Entry(filed.position, now, decision)], [*earlier, entry])
        return Answered(decision.response, again=False)

    def _dated(self, order: Order, at: Moment) -> Order:
        """The order with its moment, and its values at the rates of its own time."""
        ordered_at = at.t if order.ordered_at is None else order.ordered_at
        return replace(priced(order, self.state.exchange, ordered_at), known_at=at.t)


def _again(answered: Decision, order: Order, writer: Writer) -> Answered:
    if answered.request_digest != digest(order):
        held = writer.order(order.order_id, order.revision)
        if held is not None:
            same_order(held.event, order)
    return Answered(answered.response, again=True)


def _next_revision(order: Order, earlier: Sequence[Entry[Order]]) -> None:
    newest = earlier[-1].event.revision if earlier else 0
    if order.revision <= newest:
        raise Problem(
            "order-known",
            f"order {order.order_id!r}, revision {order.revision}, was imported and never decided here; "
            "score it as a file, or send a change as the next revision",
            [Fault("/revision", "known", f"the newest is {newest}", str(order.revision))],
        )
    if order.revision > newest + 1:
        detail = f"revision {newest + 1} of order {order.order_id!r} comes first; send the revisions in order"
        fault = Fault("/revision", "out_of_order", f"the next is {newest + 1}", str(order.revision))
        raise Problem("revision-out-of-order", detail, [fault])


def _decision(
    order: Order,
    verdict: OrderDecision,
    at: Moment,
    seen: int,
    champion: Champion,
    vectors: NDArray[np.float64],
    asked: str,
    now: int,
) -> Decision:
    decision_id = hashlib.sha256(f"{order.order_id}\n{order.revision}\n{at.t}\n{seen}".encode()).hexdigest()[:32]
    model, reference = champion.model, champion.engine.policy
    heading = Heading(decision_id, at, seen, model.kernel_version, reference, model.policy)
    return Decision(
        decision_id=decision_id,
        order_id=order.order_id,
        revision=order.revision,
        t=at.t,
        position_seen=seen,
        late=at.late,
        action=verdict.action.value,
        probability=verdict.probability,
        model=verdict.model,
        policy=verdict.policy,
        features=verdict.features,
        vectors=vectors.astype("<f8").tobytes(),
        request_digest=asked,
        response=written(order, verdict, heading),
        known_at=now,
    )
