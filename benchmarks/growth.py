"""What a long history costs the service: start to ready, memory, and CPU an order.

``python -m benchmarks.growth [--orders 10000 100000 1000000] [--seconds 9]`` simulates a history of each size once
(below ``$DIVERSION_HOME/bench``), gives it the champion that `benchmarks.service` uses, and starts the service on a
copy: by replaying the record, and again from the snapshot that the first one kept. Then it is asked as quickly as it
answers. CPU seconds are told beside the wall's, which another job on the machine makes longer.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.crowned import crown
from benchmarks.machine import home, machine
from benchmarks.service import PORT, Course, bodies, copied, cpu_s, made_world, memory_mb, serving
from features.record import Record

SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Grown:
    """Figures of one size: seconds of the wall and of the process from nothing to ready, and of orders after that."""

    orders: int
    lines: int
    replay_s: float
    replay_cpu_s: float
    snapshot_s: float
    snapshot_cpu_s: float
    memory_mb: float
    cpu_us: float
    a_second: float


def history(folder: Path, orders: int, champion: Path) -> None:
    """A simulated history so long, served by the champion of another world."""
    if (folder / "ready").exists():
        return
    environment, world = {**os.environ, "DIVERSION_HOME": str(folder)}, str(folder / "world")
    for arguments in (
        ["simulate", "--out", world, "--orders", str(orders)],
        ["import", "--mapping", f"{world}/mapping.toml", world],
    ):
        subprocess.run([sys.executable, "-m", "diversion", *arguments], env=environment, check=True)
    shutil.rmtree(world)
    crown(folder, champion)
    (folder / "ready").touch()


def grown(folder: Path, seconds: float, clients: int) -> Grown:
    """Start twice on a copy of a history, and ask."""
    with copied(folder) as settings:
        with Record.open(settings.record_url) as record:
            counts = record.counts()
        templates = bodies(settings.record_url)
        with serving(settings, "serving.service:Diversion") as (pid, replay_s):
            replay_cpu_s = cpu_s(pid)
        with serving(settings, "serving.service:Diversion") as (pid, snapshot_s):
            snapshot_cpu_s = cpu_s(pid)
            course = Course(pid, PORT, "/v1/score", templates, clients)
            course.run(seconds)
            asked, held_mb = course.measured, memory_mb(pid)
    return Grown(
        counts["orders"], counts["lines"], replay_s, replay_cpu_s, snapshot_s, snapshot_cpu_s, held_mb, asked.cpu_us,
        asked.a_second,
    )  # fmt: skip


def shown(figures: list[Grown]) -> Table:
    """One row a size."""
    table = Table("orders", "lines", "replay s (CPU)", "snapshot s (CPU)", "MiB", "CPU us an order", "a second")
    for each in figures:
        starts = (
            f"{wall:.1f} ({cpu:.1f})"
            for wall, cpu in ((each.replay_s, each.replay_cpu_s), (each.snapshot_s, each.snapshot_cpu_s))
        )
        asked = (f"{each.memory_mb:,.0f}", f"{each.cpu_us:,.0f}", f"{each.a_second:,.0f}")
        table.add_row(f"{each.orders:,}", f"{each.lines:,}", *starts, *asked)
    return table


def main() -> None:
    """Measure each size, the smallest first."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--orders", type=int, nargs="+", default=SIZES)
    asked.add_argument("--seconds", type=float, default=9.0)
    asked.add_argument("--clients", type=int, default=32)
    options = asked.parse_args()
    console, bench = Console(soft_wrap=True, highlight=False), (home() / "bench").absolute()
    made_world(bench)
    figures = []
    for orders in options.orders:
        folder = bench / f"growth-{orders}"
        history(folder, orders, bench)
        figures.append(grown(folder, options.seconds, options.clients))
        console.print(shown(figures[-1:]))
    console.print(shown(figures))
    told = {**machine(), "growth": [vars(each) for each in figures]}
    (home() / "bench-growth.json").write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
