"""Keeps SQLite's write-ahead log short beside the orders, so that no order's commit has to."""

import asyncio

from features.record import RecordError
from serving.problems import Problem
from serving.state import State

EVERY_S = 0.5


class Folding:
    """Works on a state's record from another thread than its own."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def tend(self) -> None:
        """Fold again and again."""
        while True:
            await asyncio.sleep(EVERY_S)
            await asyncio.to_thread(self.fold)

    def fold(self) -> None:
        """Fold once; a record that is away or not open yet is passed over."""
        try:
            self._state.record.fold()
        except (Problem, RecordError):
            return
