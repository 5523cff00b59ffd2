"""How fast a long run goes: lines a second and the time left of each of its steps.

>>> clock = iter([0.0, 10.0])
>>> pace = Pace(lambda beat: print(beat), lambda: next(clock))
>>> pace.lines = 1000
>>> pace("scoring", 0.5)
scoring
>>> pace("scoring", 0.75)
scoring, 25 lines a second, 0:00:10 left
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Beat:
    """Where a step is: its share done, and once that can be told, lines a second and seconds left."""

    step: str
    share: float
    lines_per_second: float | None = None
    seconds_left: float | None = None

    def __str__(self) -> str:
        if self.lines_per_second is None or self.seconds_left is None:
            return self.step
        left = timedelta(seconds=round(self.seconds_left))
        return f"{self.step}, {self.lines_per_second:,.0f} lines a second, {left} left"


class Pace:
    """Tells beats to a listener. `lines` is how many the run has, `clock` tells seconds.

    A step that goes on where an earlier run stopped is measured from there.
    """

    def __init__(self, tell: Callable[[Beat], None], clock: Callable[[], float]) -> None:
        self.lines = 0
        self._tell, self._clock = tell, clock
        self._begun: dict[str, tuple[float, float]] = {}

    def __call__(self, what: str, share: float) -> None:
        """A step is told by its name, before the first comma."""
        now, name = self._clock(), what.partition(",")[0]
        begun, first = self._begun.setdefault(name, (now, share))
        spent, gone = now - begun, share - first
        if spent <= 0 or gone <= 0 or not self.lines:
            self._tell(Beat(what, share))
        else:
            self._tell(Beat(what, share, self.lines * gone / spent, spent * (1.0 - share) / gone))
