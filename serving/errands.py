"""A thread that does one thing after the other for an event loop, with less ado than an executor: two calls a thing."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

_Errand = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class Errands:
    """What is given is done in the order in which it was given; its outcome goes back to the loop that gave it."""

    def __init__(self, name: str) -> None:
        self._given: SimpleQueue[_Errand | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Have something done; called in the event loop."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        self._given.put((loop, outcome, work))
        return outcome

    def close(self) -> None:
        """End when all that was given is done."""
        self._given.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (errand := self._given.get()) is not None:
            loop, outcome, work = errand
            result: Any = None
            failure: BaseException | None = None
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - it is the outcome
                failure = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_tell, outcome, result, failure)


def _tell(outcome: "asyncio.Future[Any]", result: Any, failure: BaseException | None) -> None:
    """Unless whoever asked has left."""
    if outcome.done():
        return
    if failure is None:
        outcome.set_result(result)
    else:
        outcome.set_exception(failure)
