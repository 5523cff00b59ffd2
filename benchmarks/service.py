"""Durable scored orders against echoes of the same body, the load generator beside them on the same machine.

``python -m benchmarks.service [--seconds 10] [--clients 32]`` makes a world once (below ``$DIVERSION_HOME/bench``),
starts the service and the echoes side by side, asks them in turns, so that all meet the same machine, and prints
requests a second, CPU microseconds of the server process a request, and latencies at saturation and at half of it,
where orders come evenly whatever the answers do. Every scored order is committed before its answer.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import numpy as np
from rich.console import Console

from benchmarks.machine import home, machine
from features.record import Record
from features.trade import Order
from serving.settings import Settings
from serving.translation import request_of

PORT = 3970
TEMPLATES = 400
WORLD_ORDERS = 20_000
ROUNDS = 3
PATIENCE_S = 1_800
"""How long a service may take to be ready, and to keep a snapshot when it ends: a long history takes its time."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One load on one address: answers a second, CPU microseconds of the server an answer, latencies in ms."""

    a_second: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    failed: int

    def __str__(self) -> str:
        wrong = f", {self.failed} FAILED" if self.failed else ""
        latency = f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"
        return f"{self.a_second:,.0f}/s, {self.cpu_us:,.0f} us CPU each, {latency}{wrong}"


def made_world(folder: Path) -> None:
    """A simulated world in a record, with a trained champion."""
    if (folder / "ready").exists():
        return
    environment = {**os.environ, "DIVERSION_HOME": str(folder)}
    world = str(folder / "world")
    for arguments in (
        ["simulate", "--out", world, "--orders", str(WORLD_ORDERS)],
        ["import", "--mapping", f"{world}/mapping.toml", world],
        ["train", "--until", "2026-01-01"],
        ["promote", "--reason", "a benchmark", "--who", "one", "--who", "another"],
    ):
        subprocess.run([sys.executable, "-m", "diversion", *arguments], env=environment, check=True)
    (folder / "ready").touch()


def bodies(record_url: str) -> list[bytes]:
    """Requests like the newest orders of the record, ``@id@`` standing for the order's id."""
    with Record.open(record_url) as record:
        orders = [each.event for each in record.entries((Order,))[-TEMPLATES:]]
    renamed = (replace(order, order_id="@id@", revision=1, ordered_at=None) for order in orders)
    return [request_of(order).model_dump_json(exclude_none=True).encode() for order in renamed]


@contextmanager
def copied(folder: Path) -> Iterator[Settings]:
    """The settings of a copy of the world's record and model, which goes when it is done with."""
    with tempfile.TemporaryDirectory(dir=folder) as copy:
        for name in ("record.db", "models"):
            target = Path(copy) / name
            shutil.copytree(folder / name, target) if (folder / name).is_dir() else shutil.copy(folder / name, target)
        yield Settings(Path(copy), f"sqlite:///{copy}/record.db", port=PORT, keys=False)


def named(template: bytes) -> bytes:
    """A body with an order id that nobody had."""
    return template.replace(b"@id@", uuid.uuid4().hex.encode())


@contextmanager
def serving(settings: Settings, service: str) -> Iterator[tuple[int, float]]:
    """A server process; yields its process id and the seconds from nothing until it was ready."""
    begun = time.monotonic()
    environment = {**os.environ, **settings.environment()}
    program = f"import os; from serving import run, settings as s; run.serve(s.Settings.of(os.environ), of={service!r})"
    with (settings.home / "bench.log").open("a") as log:
        process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{settings.port}/readyz", timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        yield process.pid, time.monotonic() - begun
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


async def load(
    port: int, path: str, templates: list[bytes], clients: int, seconds: float, rate: float | None
) -> list[float]:
    """Send orders for some seconds, as fast as answers come or at a rate; latencies in s, negative if failed."""
    until, latencies, count = time.perf_counter() + seconds, [], 0
    begun = time.perf_counter()

    async def client() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            number, count = count, count + 1
            due = begun + number / rate if rate else time.perf_counter()
            if due > until or time.perf_counter() > until:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = named(templates[number % len(templates)])
            head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
            sent = due if rate else time.perf_counter()
            writer.write(head.encode() + b"\r\n\r\n" + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            took = time.perf_counter() - sent
            latencies.append(took if answer.startswith(b"HTTP/1.1 200") else -took)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return latencies


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    """MiB of memory that a process holds."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


@dataclass
class Course:
    """One load on one address, in rounds; `rate` in requests a second, None for as fast as answers come."""

    pid: int
    port: int
    path: str
    templates: list[bytes]
    clients: int
    rate: float | None = None

    def __post_init__(self) -> None:
        self._latencies: list[float] = []
        self._wall = self._spent = 0.0

    def run(self, seconds: float) -> None:
        """A round, after a short one to warm up."""
        self._load(1.0)
        before, begun = cpu_s(self.pid), time.perf_counter()
        self._latencies += self._load(seconds)
        self._wall += time.perf_counter() - begun
        self._spent += cpu_s(self.pid) - before

    @property
    def measured(self) -> Measured:
        """What all rounds gave together."""
        latencies = np.array(self._latencies)
        p50, p99 = np.quantile(np.abs(latencies), [0.5, 0.99]) * 1000
        failed = int((latencies < 0).sum())
        cpu_us = self._spent / latencies.size * 1e6
        return Measured(latencies.size / self._wall, cpu_us, float(p50), float(p99), failed)

    def _load(self, seconds: float) -> list[float]:
        return asyncio.run(load(self.port, self.path, self.templates, self.clients, seconds, self.rate))


def main() -> None:
    """Measure all three in one run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=10.0)
    asked.add_argument("--clients", type=int, default=32)
    options = asked.parse_args()
    console, folder = Console(soft_wrap=True, highlight=False), (home() / "bench").absolute()
    made_world(folder)
    figures: dict[str, object] = dict(machine())
    with copied(folder) as settings:
        templates = bodies(settings.record_url)
        size = sum(map(len, templates)) / len(templates)
        console.print(f"{figures['machine']}; bodies of {size:,.0f} bytes, {options.clients} clients")
        beside = replace(settings, port=PORT + 1)
        with (
            serving(beside, "benchmarks.echoes:Echo") as (echo, _),
            serving(settings, "serving.service:Diversion") as (pid, started),
        ):
            wrapped = [b'{"order":' + body + b"}" for body in templates]
            courses = (
                Course(echo, beside.port, "/v1/score", templates, options.clients),
                Course(echo, beside.port, "/score", wrapped, options.clients),
                Course(pid, PORT, "/v1/score", templates, options.clients),
            )
            for _ in range(ROUNDS):
                for course in courses:
                    course.run(options.seconds / ROUNDS)
            mounted, api, scored = (course.measured for course in courses)
            paced = Course(pid, PORT, "/v1/score", templates, options.clients, scored.a_second / 2)
            paced.run(options.seconds)
            half = paced.measured
            memory = memory_mb(pid)
        with serving(settings, "serving.service:Diversion") as (_, again):
            pass
    for name, found in (("mounted echo", mounted), ("BentoML API echo", api), ("scored, durable", scored)):
        console.print(f"{name:18} {found}")
        figures[name] = vars(found)
    console.print(f"{'at half of that':18} {half}; {memory:,.0f} MiB")
    console.print(f"ready after {started:.1f} s with the record replayed, after {again:.1f} s from a snapshot")
    ratios = (scored.cpu_us / mounted.cpu_us, scored.cpu_us / api.cpu_us)
    console.print(f"CPU of a scored order: {ratios[0]:.2f}x the mounted echo, {ratios[1]:.2f}x the BentoML API echo")
    figures |= {"half": vars(half), "memory_mb": memory, "ratios": ratios, "ready_s": (started, again)}
    (home() / "bench-service.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
