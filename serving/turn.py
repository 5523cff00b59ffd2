"""Orders of one writer's turn, decided one after the other as if each had been committed by itself.

An order enters the engine when the next one comes, and the last one after the commit: a turn of one order that is
taken back leaves the engine as it was, and one of several breaks it, which then is built from the record again.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.measures import Refused
from features.record import Decision, Entry, Moment, Writer, moment
from features.record.recalling import recalled
from features.trade import Order, digest
from models.decision import Case, OrderDecision
from models.fallback import judged_each
from models.rules import declared
from serving.answer import Gist, Heading, Notices, told, written
from serving.draw import inclusion
from serving.evidence import notices_behind
from serving.missing_evidence import Gap, missing
from serving.problems import Fault, Problem
from serving.removed import gone
from serving.state import Champion, State
from serving.translation import priced, same_order

SOURCE = "service"


@dataclass(frozen=True, slots=True)
class Answered:
    """The bytes of an answer; `again` where they were stored before, and then what stands now in its place, if any.

    `gist` is what is counted of an answer that is new.
    """

    body: bytes
    again: bool
    recalled: str | None = None
    gist: Gist | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    """An order that has its place and its vectors, and is not decided yet.

    `order` carries its moment, `asked` is the digest of what was asked, `earlier` are its revisions so far. Its answer
    will stand at `position`; its vectors saw the record up to `seen`.
    """

    order: Order
    asked: str
    at: Moment
    now: int
    seen: int
    position: int
    earlier: Sequence[Entry[Order]]
    vectors: NDArray[np.float64]
    drawn: bool


class Turn:
    """Decides under the writer's lock; `now` tells microseconds UTC."""

    def __init__(self, state: State, writer: Writer, now: Callable[[], int]) -> None:
        self._state, self._writer, self._now = state, writer, now
        self._champion: Champion | None = None
        self._last: _Open | None = None
        self._taken = False

    def answers(self, orders: Sequence[Order]) -> list[Answered | Exception]:
        """For each order the stored answer, a new one that is drafted, or `Problem` or `Refused`.

        Raises `Outdated` for the whole turn. The model is asked once for all of them.
        """
        outcomes: list[Answered | Exception | None] = []
        waiting: dict[int, _Open] = {}
        named: set[str] = set()
        for number, order in enumerate(orders):
            if order.order_id in named:
                self._decide(waiting, outcomes)  # what it asks of the record must stand there
            named.add(order.order_id)
            outcomes.append(None)
            try:
                begun = self._begun(order)
            except (Problem, Refused) as problem:
                outcomes[number] = problem
                continue
            if isinstance(begun, _Open):
                waiting[number] = begun
            else:
                outcomes[number] = begun
        self._decide(waiting, outcomes)
        return [each for each in outcomes if each is not None]

    def committed(self) -> None:
        """Take in the last order, once the turn is committed."""
        self._take()

    def taken_back(self) -> None:
        """The turn was not committed: what the engine took in of it never happened."""
        if self._taken and self._champion is not None:
            self._champion.broken = True

    def _begun(self, order: Order) -> "Answered | _Open":
        answered = self._writer.decision(order.order_id, order.revision)
        if answered is not None:
            return _again(answered, order, self._writer)
        if (redaction := self._writer.redacted(order.order_id)) is not None:
            raise gone(redaction)
        if self._champion is None:
            self._champion = self._state.champion(self._writer)
        return self._opened(order, self._champion)

    def _opened(self, order: Order, champion: Champion) -> _Open:
        """The order at its place in the record, with what its lines looked like there."""
        writer = self._writer
        earlier = writer.revisions(order.order_id)
        _next_revision(order, earlier)
        now, seen = self._now(), writer.position()
        at = moment(order.ordered_at, now, writer.clock())
        asked, order = digest(order), self._dated(order, at)
        self._take()
        writer.draft(order, source=SOURCE, recorded_at=now, late=at.late)
        vectors = self._state.vectors(champion, order, at.t, earlier)
        drawn = self._state.drawn(order.order_id, champion.model.policy.draw_rate)
        self._last = _Open(order, asked, at, now, seen, writer.reserve(), earlier, vectors, drawn)
        return self._last

    def _take(self) -> None:
        """Let the engine take in the order that came last."""
        if self._last is not None and self._champion is not None:
            last, self._last = self._last, None
            self._taken = True
            entry = Entry(last.position - 1, last.at.t, last.order, last.at.late)
            self._state.took(self._champion, entry, [*last.earlier, entry], last.position)

    def _decide(self, waiting: dict[int, _Open], outcomes: list[Answered | Exception | None]) -> None:
        """Answer those that wait, and draft the answers where they have their places."""
        champion = self._champion
        if champion is None or not waiting:
            return
        cases = [
            Case(each.vectors, [declared(each.order, line) for line in each.order.lines], each.at.t, each.drawn)
            for each in waiting.values()
        ]
        for (number, each), verdict in zip(waiting.items(), judged_each(champion.model, cases), strict=True):
            notices = notices_behind(champion.engine, each.order, verdict, each.at.t, each.earlier)
            gaps = missing(each.order)
            decision = _decision(each, verdict, champion, notices, gaps)
            self._writer.draft(decision, source=SOURCE, recorded_at=each.now, at=each.position)
            fired = tuple(rule.rule_id for rule in verdict.rules)
            open_fields = tuple(gap.field for gap in gaps)
            gist = Gist(decision.action, verdict.fallback, verdict.probability, open_fields, fired)
            outcomes[number] = Answered(decision.response, again=False, gist=gist)
        waiting.clear()

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
    asked: _Open, verdict: OrderDecision, champion: Champion, notices: Notices, gaps: Sequence[Gap]
) -> Decision:
    order, at, model = asked.order, asked.at, champion.model
    named = f"{order.order_id}\n{order.revision}\n{at.t}\n{asked.seen}"
    decision_id = hashlib.sha256(named.encode()).hexdigest()[:32]
    heading = Heading(decision_id, at, asked.seen, model.kernel_version, champion.engine.policy, model.policy, notices)
    return Decision(
        decision_id=decision_id,
        order_id=order.order_id,
        revision=order.revision,
        t=at.t,
        position_seen=asked.seen,
        late=at.late,
        action=verdict.action.value,
        probability=told(verdict.probability),
        model=verdict.model,
        policy=verdict.policy,
        features=verdict.features,
        vectors=asked.vectors.astype("<f8").tobytes(),
        request_digest=asked.asked,
        response=written(order, verdict, heading, gaps),
        known_at=asked.now,
        drawn=verdict.drawn,
        inclusion=inclusion(verdict, model.policy),
    )
