"""Orders of one writer's turn, decided one after the other as if each had been committed by itself.

An order enters the engine when the next one comes, and the last one after the commit: a turn of one order that is
taken back leaves the engine as it was, and one of several breaks it, which then is built from the record again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.record import Decision, Entry, Event, Moment, Writer, moment
from features.record.recalling import recalled
from features.trade import Order, digest
from models.decision import OrderDecision
from models.fallback import judged
from models.rules import declared
from serving.answer import Heading, Notices, told, written
from serving.draw import inclusion
from serving.evidence import notices_behind
from serving.problems import Fault, Problem
from serving.removed import gone
from serving.state import Champion, State
from serving.translation import priced, same_order

SOURCE = "service"


@dataclass(frozen=True, slots=True)
class Answered:
    """The bytes of an answer; `again` where they were stored before, and then what stands now in its place, if any."""

    body: bytes
    again: bool
    recalled: str | None = None


@dataclass(frozen=True, slots=True)
class _Left:
    """What an order leaves in the record, and all revisions of it."""

    entries: tuple[Entry[Event], ...]
    revisions: Sequence[Entry[Order]]


class Turn:
    """Decides under the writer's lock; `now` tells microseconds UTC."""

    def __init__(self, state: State, writer: Writer, now: Callable[[], int]) -> None:
        self._state, self._writer, self._now = state, writer, now
        self._champion: Champion | None = None
        self._left: _Left | None = None
        self._taken = False

    def answer(self, order: Order) -> Answered:
        """The stored answer, or a new one that is drafted; raises `Problem` or `Refused`, `Outdated` for the turn."""
        answered = self._writer.decision(order.order_id, order.revision)
        if answered is not None:
            return _again(answered, order, self._writer)
        if (redaction := self._writer.redacted(order.order_id)) is not None:
            raise gone(redaction)
        if self._champion is None:
            self._champion = self._state.champion(self._writer)
        return self._decided(order, self._champion)

    def committed(self) -> None:
        """Take in the last order, once the turn is committed."""
        self._take()

    def taken_back(self) -> None:
        """The turn was not committed: what the engine took in of it never happened."""
        if self._taken and self._champion is not None:
            self._champion.broken = True

    def _take(self) -> None:
        if self._left is not None and self._champion is not None:
            left, self._left = self._left, None
            self._taken = True
            self._state.took(self._champion, left.entries, left.revisions)

    def _decided(self, order: Order, champion: Champion) -> Answered:
        writer = self._writer
        earlier = writer.revisions(order.order_id)
        _next_revision(order, earlier)
        now, seen = self._now(), writer.position()
        at = moment(order.ordered_at, now, writer.clock())
        asked, order = digest(order), self._dated(order, at)
        self._take()
        placed = writer.draft(order, source=SOURCE, recorded_at=now, late=at.late)
        vectors = self._state.vectors(champion, order, at.t, earlier)
        drawn = self._state.drawn(order.order_id, champion.model.policy.draw_rate)
        verdict = judged(champion.model, vectors, [declared(order, line) for line in order.lines], at.t, drawn=drawn)
        notices = notices_behind(champion.engine, order, verdict, at.t, earlier)
        decision = _decision(order, verdict, at, seen, champion, vectors, asked, now, notices)
        filed = writer.draft(decision, source=SOURCE, recorded_at=now)
        entry = Entry(placed.position, at.t, order, at.late)
        self._left = _Left((entry, Entry(filed.position, now, decision)), [*earlier, entry])
        return Answered(decision.response, again=False)

    def _dated(self, order: Order, at: Moment) -> Order:
        """The order with its moment, and its values at the rates of its own time."""
        ordered_at = at.t if order.ordered_at is None else order.ordered_at
        return priced(order, self._state.exchange, ordered_at, at.t)


def _again(answered: Decision, order: Order, writer: Writer) -> Answered:
    if answered.request_digest != digest(order):
        held = writer.order(order.order_id, order.revision)
        if held is not None:
            same_order(held.event, order)
    now = recalled(writer.connection, order.order_id, order.revision)
    return Answered(answered.response, again=True, recalled=now)


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
    notices: Notices,
) -> Decision:
    decision_id = hashlib.sha256(f"{order.order_id}\n{order.revision}\n{at.t}\n{seen}".encode()).hexdigest()[:32]
    model, reference = champion.model, champion.engine.policy
    heading = Heading(decision_id, at, seen, model.kernel_version, reference, model.policy, notices)
    return Decision(
        decision_id=decision_id,
        order_id=order.order_id,
        revision=order.revision,
        t=at.t,
        position_seen=seen,
        late=at.late,
        action=verdict.action.value,
        probability=told(verdict.probability),
        model=verdict.model,
        policy=verdict.policy,
        features=verdict.features,
        vectors=vectors.astype("<f8").tobytes(),
        request_digest=asked,
        response=written(order, verdict, heading),
        known_at=now,
        drawn=verdict.drawn,
        inclusion=inclusion(verdict, champion.model.policy),
    )
