"""The one thread that decides: all orders that wait at once, and in between it keeps up with the record.

While a group is decided and committed the next one gathers, so that groups are as large as the load makes them: an
order that comes alone goes alone, and a hundred at once share one commit.
"""

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from features.record import RecordError
from serving.contract import OrderRequest
from serving.desk import Answered, Desk, Outcome
from serving.errands import Errands
from serving.problems import Problem, headline
from serving.recaller import Recaller

TEND_EVERY_S = 1.0
"""How long a promotion or an import may go unnoticed when no order comes."""

PATIENCE_S = 8.0
"""How long a caller waits for its answer; the order may still be kept later, and is found when it is sent again."""

MOST_ORDERS, MOST_LINES = 64, 256
"""Of a group: enough that the commit costs each order little, few enough that nobody waits long for the others."""

MOST_WAITING = 4_096
"""Orders that may wait; more are told to come again, before they cost anything."""

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class Worker:
    """Runs a desk in a thread of its own, so that the event loop stays free."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._recaller = desk, Recaller()
        self._thread = Errands("desk")
        self._tending: asyncio.Task[None] | None = None
        self._waiting: deque[tuple[OrderRequest, asyncio.Future[Answered]]] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._started = self._away = False

    @property
    def ready(self) -> bool:
        """Whether orders are answered now."""
        return self._started and self._desk.state.ready and not self._away

    @property
    def fallback(self) -> bool:
        """Whether rules alone answer, for want of a model."""
        return self._desk.state.fallback

    def start(self) -> None:
        """Begin to keep up with the record; opening and replaying it comes first."""
        self._tending = asyncio.get_running_loop().create_task(self._tend())

    async def stop(self) -> None:
        """Finish what was begun and give the record back."""
        if self._tending is not None:
            self._tending.cancel()
        if self._serving is not None:
            await self._serving
        await self._thread.run(self._desk.state.close)
        self._thread.close()

    async def score(self, request: OrderRequest) -> Answered:
        """The answer to an order; raises what `Desk.score` raises, and `Problem` where it takes too long."""
        if not self._started:
            raise Problem("starting", "the record is being read; try again")
        if len(self._waiting) >= MOST_WAITING:
            raise Problem("busy", "too many orders wait already; try again")
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answered] = loop.create_future()
        self._waiting.append((request, answered))
        if self._serving is None:
            self._serving = loop.create_task(self._serve())
        patience = loop.call_later(PATIENCE_S, _give_up, answered)
        try:
            return await answered
        finally:
            patience.cancel()

    async def decision(self, decision_id: str) -> Answered:
        """A stored answer."""
        return await self._run(lambda: self._desk.decision(decision_id))

    async def run(self, work: Callable[[], T]) -> T:
        """Have something done in the desk's thread, between orders; raises `Problem` where it takes too long."""
        if not self._started:
            raise Problem("starting", "the record is being read; try again")
        return await self._run(work)

    async def _run(self, work: Callable[[], T]) -> T:
        running = self._thread.run(work)
        running.add_done_callback(_forget)
        return await _patiently(running)

    async def _serve(self) -> None:
        """Decide group after group until nobody waits."""
        try:
            while self._waiting:
                await self._decide(self._group())
        finally:
            self._serving = None

    async def _decide(self, group: "list[tuple[OrderRequest, asyncio.Future[Answered]]]") -> None:
        requests = [request for request, _ in group]
        outcomes: Sequence[Outcome]
        try:
            outcomes = await self._thread.run(lambda: self._desk.score_all(requests))
        except Exception as error:  # noqa: BLE001 - whatever it was, each of them is told
            outcomes = [error] * len(group)
        for (_, answered), outcome in zip(group, outcomes, strict=True):
            if answered.done():
                continue
            if isinstance(outcome, Answered):
                answered.set_result(outcome)
            else:
                answered.set_exception(outcome)

    def _group(self) -> "list[tuple[OrderRequest, asyncio.Future[Answered]]]":
        """The longest waiting, at least one."""
        group = [self._waiting.popleft()]
        lines = len(group[0][0].lines)
        while self._waiting and len(group) < MOST_ORDERS:
            lines += len(self._waiting[0][0].lines)
            if lines > MOST_LINES:
                break
            group.append(self._waiting.popleft())
        return group

    async def _tend(self) -> None:
        while True:
            was_ready = self.ready
            await self._thread.run(self._keep_up)
            self._started = True
            if self.ready and not was_ready:
                gc.collect()
                gc.freeze()  # what was loaded stays: the collector need not walk it again and again
            await asyncio.sleep(TEND_EVERY_S)

    def _keep_up(self) -> None:
        try:
            self._desk.state.keep_up()
            self._desk.state.tend()
            self._recaller.catch_up(self._desk.state)
        except RecordError as error:
            if not self._away:
                _LOG.warning("the record is away: %s", headline(error))
            self._away = True
        except Exception as error:  # noqa: BLE001 - whatever it was, the next attempt starts from the record again
            _LOG.error("cannot keep up with the record: %s", type(error).__name__)
            self._away = True
        else:
            self._away = False


async def _patiently(answer: "asyncio.Future[T]") -> T:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.shield(answer)
    except TimeoutError:
        raise _too_long() from None


def _give_up(answer: "asyncio.Future[T]") -> None:
    if not answer.done():
        answer.set_exception(_too_long())


def _too_long() -> Problem:
    return Problem("busy", "the answer takes too long; send the same order again to get it")


def _forget(running: "asyncio.Future[T]") -> None:
    """Take the outcome, also where the caller has left: nothing is to be said about it being lost."""
    if not running.cancelled():
        running.exception()
