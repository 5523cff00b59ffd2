"""The engine by itself, all families together: batches of growing size, single orders, and a cold start.

Run: ``python -m benchmarks.engine`` (`make bench-engine`); ``--rows 20000 --orders 500`` is a small one. Each
measurement runs in a process of its own, with the kernel compiled before. A batch starts from lines in memory and ends
with the table of features. A single order starts from the order and ends when its vector is made and the state has
taken it in; half of all orders are of one reseller, which has some 50,000 live ones, many of them from a burst of one
day. CPU time is that of the thread. Figures are printed and kept as ``engine.json`` in the folder of run-time files.
"""

import argparse
import gc
import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import sales
from benchmarks.machine import home, machine, timed
from features.catalog.all import catalogue
from features.measures import DAY, Money, Quantity
from features.record.ledger import Entry
from features.trade import Order, OrderLine, Place
from features.vector import Vectorizer
from features.windows.state import OLDEST, SEEN, TOUCHED

HOT = 50_000
"""Live orders of the busiest reseller."""

SWEPT = 256
"""Events that background expiry looks at between two orders."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="lines of a batch; may be given several times")
    parser.add_argument("--orders", type=int, default=100_000, help="single orders")
    parser.add_argument("--hot", type=int, default=HOT, help="live orders of the busiest reseller")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, number = options.measure
        print(json.dumps(_MEASURED[name](int(number), options.hot)))
        return
    rows = options.rows or [500_000, 1_000_000, 2_000_000, 4_000_000]
    figures: dict[str, Any] = {"batch": [_measured("batch", number, options.hot) for number in (2_000, *rows)][1:]}
    figures["exponent"] = _exponent(figures["batch"])
    figures["single"] = _measured("single", options.orders, options.hot)
    figures["cold start"] = _measured("cold", 0, options.hot)
    figures["machine"] = machine()
    home().mkdir(parents=True, exist_ok=True)
    (home() / "engine.json").write_text(json.dumps(figures, indent=1))
    _show(figures)


def _measured(name: str, number: int, hot: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.engine", "--measure", name, str(number), "--hot", str(hot)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def _batch(rows: int, _: int) -> dict[str, Any]:
    folder = home().resolve() / "benchmarks" / f"sales-{rows}"
    sales.make(folder, rows)
    others = sales.others(folder)
    lines = pq.read_table(sales.files(folder)).sort_by([("position", "ascending"), ("line_no", "ascending")])
    book = replace(others, lines=lines)
    values, cost = timed(lambda: Vectorizer(catalogue(), book.currency).batch(book))
    lines_a_second = values.shape[0] / cost["cpu"]
    return {"rows": values.shape[0], "features": values.shape[1], **cost, "rows per CPU second": lines_a_second}


def _exponent(batches: list[dict[str, Any]]) -> float | None:
    """How CPU time grows with rows: the slope of its logarithm."""
    if len(batches) < 2:
        return None
    points = np.log([[each["rows"], each["cpu"]] for each in batches])
    return float(np.polyfit(points[:, 0], points[:, 1], 1)[0])


def _single(orders: int, hot: int) -> dict[str, Any]:
    made = _orders(2 * hot + orders)
    vectorizer = Vectorizer(catalogue(), "USD")
    for position, order in enumerate(made[: 2 * hot], start=1):
        vectorizer.follow([Entry(position, order.known_at or 0, order)], lambda _: [])
    begins = made[2 * hot].known_at or 0
    vectorizer.vectors(made[2 * hot], begins)  # compiled and loaded
    while vectorizer.sweep(begins, SWEPT):
        pass
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as the service does, so that no order waits for the collector
    figures = np.array([_one(vectorizer, 2 * hot + number, order) for number, order in enumerate(made[2 * hot :])])
    counter = vectorizer.state.counter
    live = int(counter[SEEN] - counter[OLDEST])
    names = ("cpu us", "wall us", "records touched", "sweep us")
    return {
        "orders": orders,
        "live lines": live,
        "state bytes per live line": vectorizer.bytes_held / live,
        **{name: _spread(figures[:, column]) for column, name in enumerate(names)},
    }


def _one(vectorizer: Vectorizer, number: int, order: Order) -> tuple[float, float, float, float]:
    t, before = order.known_at or 0, int(vectorizer.state.counter[TOUCHED])
    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    vectorizer.vectors(order, t)
    vectorizer.follow([Entry(number + 1, t, order)], lambda _: [])
    cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
    touched = int(vectorizer.state.counter[TOUCHED]) - before
    begun = time.thread_time_ns()
    vectorizer.sweep(t, SWEPT)
    return cpu / 1e3, wall / 1e3, touched, (time.thread_time_ns() - begun) / 1e3


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    named = {"p50": 50, "p99": 99, "p99.9": 99.9, "most": 100}
    return {name: float(np.percentile(values, share)) for name, share in named.items()}


def _orders(number: int) -> list[Order]:
    """Orders of one line within some 200 days, after a burst: half of the hot reseller's come within one day."""
    chance = np.random.default_rng(1)
    t = np.sort(chance.integers(0, 200 * DAY, number)) + sales.START
    hot = chance.random(number) < 0.5
    t[: number // 4] = np.sort(chance.integers(0, DAY, number // 4)) + sales.START - DAY
    reseller, user = np.minimum(chance.zipf(1.3, number), 20_000), np.minimum(chance.zipf(1.2, number), 400_000)
    units, sku = chance.integers(1, 20, number), chance.integers(0, 300, number)
    return [
        Order(
            f"o{index}",
            "hot" if hot[index] else f"r{reseller[index]}",
            (_line(int(units[index]), int(sku[index]), int(user[index])),),
            known_at=int(t[index]),
        )
        for index in range(number)
    ]


def _line(units: int, sku: int, user: int) -> OrderLine:
    value = units * (1_000 + sku * 377)
    return OrderLine(
        "1", f"s{sku}", Quantity(units * 1000, "each"), Money(value, "USD"), value, f"c{sku % 12}/d{sku % 40}",
        f"u{user}", "hospital", "research", Place("CN", f"CN-{'GD' if user % 3 else 'XJ'}", f"city {user % 3_000}"),
        False,
    )  # fmt: skip


def _cold(_: int, __: int) -> dict[str, Any]:
    """A process from nothing to its first vector, the kernel compiled by another one before; its end is not counted."""
    program = (
        "import time; from features.catalog.all import catalogue; from features.vector import Vectorizer; "
        "from features.trade import Order, OrderLine; "
        "Vectorizer(catalogue(), 'USD').vectors(Order('o', 'r', (OrderLine('1', 's'),)), 1); print(time.process_time())"
    )
    command = [sys.executable, "-c", program]
    spent = [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _again in range(4)]
    return {"cpu": min(spent[1:]), "of": len(spent) - 1}


_MEASURED = {"batch": _batch, "single": _single, "cold": _cold}


def _show(figures: dict[str, Any]) -> None:
    console = Console()
    console.print(", ".join(f"{name} {said}" for name, said in figures["machine"].items()))
    batches = Table("lines", "CPU s", "wall s", "lines a CPU second", "peak MB", title="batch, all families")
    for each in figures["batch"]:
        cells = (each["cpu"], each["wall"])
        batches.add_row(
            f"{each['rows']:,}", *(f"{cell:.1f}" for cell in cells),
            f"{each['rows per CPU second']:,.0f}", f"{each['peak_mb']:,.0f}",
        )  # fmt: skip
    console.print(batches)
    if figures["exponent"] is not None:
        console.print(f"CPU time grows with lines to the power of {figures['exponent']:.2f}")
    single = figures["single"]
    title = f"{single['orders']:,} single orders, {single['live lines']:,} live lines"
    orders = Table("", "p50", "p99", "p99.9", "most", title=title)
    for name in ("cpu us", "wall us", "records touched", "sweep us"):
        orders.add_row(name, *(f"{value:,.0f}" for value in single[name].values()))
    console.print(orders)
    console.print(f"{single['state bytes per live line']:,.0f} bytes of state a live line")
    console.print(f"cold start to the first vector: {figures['cold start']['cpu']:.2f} CPU seconds")


if __name__ == "__main__":
    main()
