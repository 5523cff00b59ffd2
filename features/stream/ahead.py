"""One item ahead: the next is made in a thread while the last is worked on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items, each made while the one before is in use.

    >>> list(ahead("abc"))
    ['a', 'b', 'c']
    """
    made, end = iter(items), object()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(next, made, end)
        while (item := waiting.result()) is not end:
            waiting = thread.submit(next, made, end)
            yield item  # type: ignore[misc]
