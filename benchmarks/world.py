"""How fast the large world streams, and in how much memory: ``python -m benchmarks.world [ORDERS]``."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from training.simulator import simulate


def main(orders: int = 3_000_000) -> None:
    """Make a `large` world of so many orders in a folder that is gone afterwards; print lines a CPU second."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        summary = simulate(Path(folder), seed=1, scenario_name="large", orders=orders)
        spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = summary.lines / spent
    Console().print(f"{summary.lines:,} lines in {spent:.1f} CPU s: {rate:,.0f} a CPU second, peak {peak:,.0f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
