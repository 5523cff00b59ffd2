"""Where the microseconds of an order go behind the door: the steps of a turn, timed as they are called.

``python -m benchmarks.steps [--orders 1280] [--group 16]`` prints a table, at the world of `benchmarks.service`. A step
stands indented below the one that it is part of. Its figure is the median of its calls, CPU of the thread, an order:
calls that something else disturbed fall out, so that steps need not add up to the whole. Timing itself is in it.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from statistics import median
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from sqlalchemy.engine.default import DefaultDialect

import serving.desk
import serving.turn
from benchmarks import desk as bench
from benchmarks.machine import home
from benchmarks.service import bodies, copied, made_world, named
from features import vector
from features.record import Writer, admission
from models import decision
from models.classifier import Classifier
from serving.desk import Desk
from serving.state import State


class Step(NamedTuple):
    """A function that is timed, by its owner and name; `depth` is how far it stands in."""

    depth: int
    about: str
    owner: Any
    name: str


STEPS = (
    Step(0, "read and check the body", bench, "read"),
    Step(0, "make an order of it", serving.desk, "order_of"),
    Step(0, "the turn", Desk, "_turn"),
    Step(1, "open: its place and its vectors", serving.turn.Turn, "_opened"),
    Step(2, "digest of what was asked", serving.turn, "digest"),
    Step(2, "moment and values", serving.turn.Turn, "_dated"),
    Step(2, "let the engine take in the one before", serving.turn.Turn, "_take"),
    Step(2, "vectors", State, "vectors"),
    Step(3, "encode the lines", vector, "encode_order"),
    Step(3, "ask the engine", vector, "ask"),
    Step(1, "judge", serving.turn, "judged_each"),
    Step(2, "predict", Classifier, "predict"),
    Step(2, "reasons of those that wait", decision, "explain"),
    Step(1, "decide", serving.turn, "_decision"),
    Step(2, "write the answer", serving.turn, "written"),
    Step(1, "draft the order and the decision", Writer, "draft"),
    Step(2, "digest and check", admission, "_propose"),
    Step(2, "rows and their digest", admission, "_drafted"),
    Step(1, "link and write the rows", Writer, "write"),
    Step(1, "commit", DefaultDialect, "do_commit"),
)


@contextmanager
def watched() -> Iterator[dict[Step, list[float]]]:
    """CPU seconds of each call of each step, while it lasts."""
    seconds: dict[Step, list[float]] = defaultdict(list)
    before = {step: getattr(step.owner, step.name) for step in STEPS}
    for step, call in before.items():
        setattr(step.owner, step.name, _timed(call, seconds[step]))
    try:
        yield seconds
    finally:
        for step, call in before.items():
            setattr(step.owner, step.name, call)


def _timed(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        begun = time.thread_time()
        try:
            return call(*given, **named)
        finally:
            seconds.append(time.thread_time() - begun)

    return timed


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--orders", type=int, default=1_280)
    asked.add_argument("--group", type=int, default=16)
    options = asked.parse_args()
    folder = (home() / "bench").absolute()
    made_world(folder)
    with copied(folder) as settings:
        templates, numbers = bodies(settings.record_url), count()
        desk = Desk(State(settings), now=lambda: time.time_ns() // 1000)
        desk.state.keep_up()

        def score(many: int) -> None:
            told = [named(templates[next(numbers) % len(templates)]) for _ in range(many)]
            bench.decide(desk, bench.read_all(told), options.group)

        score(4 * options.group)
        with watched() as seconds:
            begun = time.thread_time()
            score(options.orders)
            spent = time.thread_time() - begun
        desk.state.close()
    table = Table(
        title=f"groups of {options.group}: {1e6 * spent / options.orders:,.0f} us of CPU an order, timing included"
    )
    for heading in ("step", "us an order", "us a call"):
        table.add_column(heading, justify="left" if heading == "step" else "right")
    for step, each in seconds.items():
        middle = 1e6 * median(each)
        table.add_row("  " * step.depth + step.about, f"{middle * len(each) / options.orders:,.1f}", f"{middle:,.1f}")
    Console(soft_wrap=True, highlight=False).print(table)


if __name__ == "__main__":
    main()
