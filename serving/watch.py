"""Keeps the slow figures fresh: how far behind the record this process is, and how old its model."""

import asyncio
from collections.abc import Callable

from features.measures import SECOND
from features.record import Record, RecordError
from serving.meters import Meters
from serving.problems import Problem
from serving.shelf import Shelf
from serving.state import State

EVERY_S = 5.0


class Watch:
    """Looks at a state from outside of its thread. `now` tells microseconds UTC."""

    def __init__(self, state: State, shelf: Shelf, meters: Meters, now: Callable[[], int]) -> None:
        self._state, self._shelf, self._meters, self._now = state, shelf, meters, now

    async def tend(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Measure once; while the record is away only that is told."""
        try:
            record = self._state.record
            self._meters.store(lambda: record.position() - self._state.position)
            self._meters.fallback(on=self._state.fallback)
            self._ages(record)
        except (Problem, RecordError):
            return

    def _ages(self, record: Record) -> None:
        promotion = record.champion()
        if promotion is None:
            return
        as_of = self._shelf.model(record, promotion.model).card.as_of
        self._meters.model(((self._now() - as_of) / SECOND, (self._now() - promotion.known_at) / SECOND))
