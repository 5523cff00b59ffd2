"""The desk's thread: one thing after the other, outcomes and errors to whoever gave them."""

import asyncio
import threading

import pytest

from serving.errands import Errands


def test_what_is_given_is_done_in_order_in_one_thread() -> None:
    """Results come back to those who wait for them."""
    done: list[int] = []

    async def give() -> list[str]:
        errands = Errands("worker")

        def work(number: int) -> str:
            done.append(number)
            return threading.current_thread().name

        waiting = [errands.run(lambda number=number: work(number)) for number in range(20)]  # type: ignore[misc]
        names = list(await asyncio.gather(*waiting))
        errands.close()
        return names

    assert asyncio.run(give()) == ["worker"] * 20
    assert done == list(range(20))


def test_an_error_is_the_outcome_and_the_thread_goes_on() -> None:
    """Whoever left hears nothing, and nobody is held up by that."""

    async def give() -> str:
        errands = Errands("worker")
        left = errands.run(lambda: "too late")
        left.cancel()
        with pytest.raises(ZeroDivisionError):
            await errands.run(lambda: 1 // 0)
        said = await errands.run(lambda: "still here")
        errands.close()
        return said

    assert asyncio.run(give()) == "still here"


def test_an_errand_outlives_its_loop() -> None:
    """A loop that is closed meanwhile is told nothing."""
    begun, may_end = threading.Event(), threading.Event()
    errands = Errands("worker")

    def work() -> None:
        begun.set()
        may_end.wait()

    async def give() -> None:
        errands.run(work)
        await asyncio.to_thread(begun.wait)

    asyncio.run(give())
    may_end.set()
    errands.close()
