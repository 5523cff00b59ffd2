"""From questions to answers that are kept: orders that wait together are decided and committed together."""

from collections.abc import Callable, Sequence

from features.measures import Refused
from features.record import RecordError, Unavailable
from features.record.recalling import recalled
from features.trade import Order
from serving.contract import OrderRequest
from serving.problems import Problem
from serving.removed import missing
from serving.state import Outdated, State
from serving.translation import order_of
from serving.turn import Answered, Turn

__all__ = ["Answered", "Desk", "Outcome"]

ATTEMPTS = 5
"""Turns that an order takes at most, each time after catching up with what others appended."""

Outcome = Answered | Exception
"""What became of one order: its answer, or `Problem`, `Refused` or `Unavailable`."""


class Desk:
    """Scores orders, many in one turn of the writer. `now` tells microseconds UTC."""

    def __init__(self, state: State, now: Callable[[], int]) -> None:
        self.state, self._now = state, now
        self._careful = False

    def score(self, request: OrderRequest) -> Answered:
        """The answer to an order, kept before it is returned; raises `Problem`, `Refused` or `Unavailable`."""
        (outcome,) = self.score_all([request])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def score_all(self, requests: Sequence[OrderRequest]) -> list[Outcome]:
        """What became of each order, in one transaction where all goes well; an order never spoils the others.

        Orders see each other as if they had come one by one. Nothing is returned before it is kept.
        """
        outcomes: dict[int, Outcome] = {}
        orders: dict[int, Order] = {}
        for number, request in enumerate(requests):
            try:
                orders[number] = order_of(request, self.state.record.currency)
            except (Problem, Refused) as problem:
                outcomes[number] = problem
        outcomes |= zip(orders, self._settled(list(orders.values())), strict=True)
        return [outcomes[number] for number in range(len(requests))]

    def decision(self, decision_id: str) -> Answered:
        """The stored answer of this id, and what stands now in its place."""
        record = self.state.record
        found = record.decision_by_id(decision_id)
        if found is None:
            raise missing(record, "decision", decision_id)
        with record.reading() as connection:
            now = recalled(connection, found.order_id, found.revision)
        return Answered(found.response, again=True, recalled=now)

    def _settled(self, orders: list[Order]) -> list[Outcome]:
        """As a group; one by one where a group failed, and for as long as the record takes nothing."""
        if not orders:
            return []
        if len(orders) > 1 and not self._careful:
            try:
                return self._answered(orders)
            except Unavailable as away:
                return [away] * len(orders)
            except Exception:  # noqa: BLE001 - whichever order it was: alone, it fails alone
                self._careful = True
        outcomes: list[Outcome] = []
        for number, order in enumerate(orders):
            try:
                outcomes += self._answered([order])
            except RecordError as away:
                return outcomes + [away] * (len(orders) - number)
            except Exception as error:  # noqa: BLE001 - it is this order's outcome
                outcomes.append(error)
        return outcomes

    def _answered(self, orders: list[Order]) -> list[Outcome]:
        """The outcomes of orders that share a turn; raises what failed the whole turn."""
        for _ in range(ATTEMPTS):
            try:
                return self._turn(orders)
            except Outdated:
                self.state.keep_up()
        busy = Problem("busy", "the record grows faster than it can be followed; try again")
        return [busy] * len(orders)

    def _turn(self, orders: list[Order]) -> list[Outcome]:
        """All of it in one transaction: on any failure nothing is kept."""
        turn: Turn | None = None
        try:
            with self.state.record.writer() as writer:
                writer.foresee({order.order_id for order in orders})
                turn = Turn(self.state, writer, self._now)
                outcomes = turn.answers(orders)
                self.state.hold()
                writer.write()
        except BaseException as error:
            if turn is not None:
                turn.taken_back()
                self._careful |= isinstance(error, Unavailable)
            raise
        turn.committed()
        self._careful = False
        return outcomes
