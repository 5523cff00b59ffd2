"""The stream driver beside the batch: how fast, and with how much memory.

Run ``python -m benchmarks.stream``; ``--rows 100000`` is a small one. The world is made once, under the folder of
run-time files. Each driver runs in a process of its own, with the kernel compiled before. Memory is the peak that was
resident less what the process held when everything was imported. The batch is given lines that are sorted and in memory
already; the stream reads files, sorts, and writes files. The figures go to ``stream-ROWS.json`` beside the world.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks import sales
from features.catalog.all import catalogue
from features.facts.book import Book
from features.stream.driver import stream
from features.vector import Vectorizer
from features.windows.state import OLDEST, SEEN

ROOT = Path(__file__).resolve().parents[1]


WARM_UP = 2_000
"""Lines of a run before, that leaves the kernel compiled."""


def main() -> None:
    """Measure and print."""
    options = _options()
    home = Path(os.environ.get("DIVERSION_HOME", "var")).resolve() / "benchmarks"
    if options.measure:
        print(json.dumps(_MEASURED[options.measure](home / f"sales-{options.rows}", options.memory_mb)))
        return
    rows = {"batch": min(options.rows, options.batch_rows), "stream": options.rows}
    for number in {WARM_UP, *rows.values()}:
        sales.make(home / f"sales-{number}", number)
    for name in rows:
        _measured(name, WARM_UP, options.memory_mb)
    figures: dict[str, Any] = {name: _measured(name, number, options.memory_mb) for name, number in rows.items()}
    speed = figures["stream"]["rows per CPU second"] / figures["batch"]["rows per CPU second"]
    figures |= {"stream as fast as batch": round(speed, 3), "memory_mb": options.memory_mb, "machine": _machine()}
    (home / f"stream-{options.rows}.json").write_text(json.dumps(figures, indent=1))
    _show(figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The stream driver beside the batch")
    parser.add_argument("--rows", type=int, default=8_000_000)
    parser.add_argument("--batch-rows", type=int, default=2_000_000, help="what the batch is given, at most")
    parser.add_argument("--memory-mb", type=int, default=800)
    parser.add_argument("--measure", choices=sorted(_MEASURED), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(name: str, rows: int, memory_mb: int) -> dict[str, Any]:
    asked = [f"--rows={rows}", f"--memory-mb={memory_mb}", f"--measure={name}"]
    command = [sys.executable, "-m", "benchmarks.stream", *asked]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(told.stdout)  # type: ignore[no-any-return]


def _batch(world: Path, _: int) -> dict[str, Any]:
    others = sales.others(world)
    lines = pq.read_table(sales.files(world)).sort_by([("position", "ascending"), ("line_no", "ascending")])
    vectorizer = Vectorizer(catalogue(), others.currency)
    before = _now()
    vectorizer.load(replace(others, lines=lines))
    counter = vectorizer.state.counter
    live = int(counter[SEEN] - counter[OLDEST])
    figures = _figures(lines.num_rows, before)
    return figures | {"live lines": live, "state bytes per live line": round(vectorizer.bytes_held / live)}


def _stream(world: Path, memory_mb: int) -> dict[str, Any]:
    out = world.with_name(world.name + "-vectors")
    shutil.rmtree(out, ignore_errors=True)
    others = _others(world)
    before, phases = _now(), _Phases()
    written = stream(sales.files(world), others, catalogue(), out, memory_mb=memory_mb, progress=phases)
    lines = sum(pq.read_metadata(file).num_rows for file in written)
    figures = _figures(lines, before)
    return figures | {"phases": phases.cpu_s, "written MB": sum(file.stat().st_size for file in written) >> 20}


def _others(world: Path) -> Book:
    """In another process: to draw them takes more memory than to use them."""
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        return other.submit(sales.others, world).result()


class _Phases:
    """CPU seconds of each phase, as its progress is told."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self._last = time.process_time()

    def __call__(self, what: str, _: float) -> None:
        now = time.process_time()
        phase = what.partition(",")[0]
        self.cpu_s[phase] = round(self.cpu_s.get(phase, 0.0) + now - self._last, 2)
        self._last = now


_MEASURED: dict[str, Callable[[Path, int], dict[str, Any]]] = {"batch": _batch, "stream": _stream}


def _now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _figures(lines: int, before: tuple[float, float]) -> dict[str, Any]:
    cpu, wall = (now - then for now, then in zip(_now(), before, strict=True))
    return {
        "lines": lines,
        "CPU s": round(cpu, 2),
        "wall s": round(wall, 2),
        "rows per CPU second": round(lines / cpu),
        "peak MB beyond imports": (_resident("VmHWM") - _IMPORTED) >> 20,
    }


def _resident(what: str) -> int:
    """Bytes of resident memory of this process, as Linux tells them."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith(what)))


_IMPORTED = _resident("VmRSS")


def _machine() -> dict[str, str | int | None]:
    return {"python": platform.python_version(), "processor": platform.processor(), "processors": os.cpu_count()}


def _show(figures: dict[str, Any]) -> None:
    table = Table("", "batch", "stream", title="Order lines to feature vectors")
    names = [name for name in figures["stream"] if name != "phases"]
    for name in [*names, "live lines", "state bytes per live line"]:
        cells = (figures[driver].get(name, "") for driver in ("batch", "stream"))
        table.add_row(name, *(f"{cell:,}" if cell != "" else "" for cell in cells))
    console = Console()
    console.print(table)
    console.print(f"stream: CPU seconds by phase {figures['stream']['phases']}")
    console.print(f"the stream computes {figures['stream as fast as batch']} as many rows per CPU second as the batch")


if __name__ == "__main__":
    main()
