"""What an order costs behind the door: the desk alone, without HTTP, in groups as a service makes them of its load.

``python -m benchmarks.desk [--orders 960] [--profile 30]`` prints CPU microseconds an order, at `benchmarks.service`'s
world: reading the body, and deciding with the commit; with ``--profile`` also the most expensive functions of the
largest groups, where each call costs more than it does without.
"""

import argparse
import cProfile
import gc
import pstats
import time
from functools import partial
from itertools import count

from rich.console import Console

from benchmarks.machine import home, timed
from benchmarks.service import bodies, copied, made_world, named
from serving.contract import OrderRequest, read
from serving.desk import Answered, Desk
from serving.state import State

GROUPS = (1, 8, 32)
WARM = 64


def read_all(told: list[bytes]) -> list[OrderRequest]:
    """What stands in the bodies."""
    return [read(body) for body in told]


def decide(desk: Desk, requests: list[OrderRequest], group: int) -> None:
    """Decide on requests so many at a time; raises RuntimeError where one is not answered."""
    for first in range(0, len(requests), group):
        outcomes = desk.score_all(requests[first : first + group])
        failed = [outcome for outcome in outcomes if not isinstance(outcome, Answered)]
        if failed:
            raise RuntimeError(f"{len(failed)} orders were not answered, the first for: {failed[0]}")


def main() -> None:
    """Measure each size of group."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--orders", type=int, default=960)
    asked.add_argument("--profile", type=int, default=0)
    options = asked.parse_args()
    console, folder = Console(soft_wrap=True, highlight=False), (home() / "bench").absolute()
    made_world(folder)
    with copied(folder) as settings:
        templates, numbers = bodies(settings.record_url), count()
        desk = Desk(State(settings), now=lambda: time.time_ns() // 1000)
        desk.state.keep_up()
        gc.collect()
        gc.freeze()

        def fresh(many: int) -> list[bytes]:
            return [named(templates[next(numbers) % len(templates)]) for _ in range(many)]

        decide(desk, read_all(fresh(WARM)), group=8)
        for group in GROUPS:
            told = fresh(options.orders)
            requests, reading = timed(partial(read_all, told))
            _, deciding = timed(partial(decide, desk, requests, group))
            spent = (1e6 * each["cpu"] / options.orders for each in (reading, deciding))
            console.print("groups of {:2}: {:5,.0f} us to read, {:7,.0f} us to decide and keep".format(group, *spent))
        if options.profile:
            requests = read_all(fresh(options.orders))
            with cProfile.Profile() as profile:
                decide(desk, requests, GROUPS[-1])
            pstats.Stats(profile).sort_stats("cumulative").print_stats(options.profile)
        desk.state.close()


if __name__ == "__main__":
    main()
