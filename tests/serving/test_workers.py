"""Several workers over one record, under a storm of duplicates, dying and coming back."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from features.record import Record
from serving.audit import audit
from serving.settings import Settings
from tests.serving.made import command, free_port, served, until
from tests.serving.storm import storm

CLIENTS = 64
ORDERS = int(os.environ.get("DIVERSION_STORM_ORDERS", "320"))
EACH = int(os.environ.get("DIVERSION_STORM_EACH", "20"))
KILLS = int(os.environ.get("DIVERSION_KILLS", "5"))
"""`make soak`: 1,000 orders, 1,000 sent by each client, 30 kills; here fewer, on each database."""


def held(settings: Settings) -> dict[str, bytes]:
    """The decisions of the storm, by order, each looked at from every side."""
    with Record.open(settings.record_url) as record:
        decisions = [entry.event for entry in record.decisions()]
        assert max(Counter(decision.order_id for decision in decisions).values()) == 1
        audited = audit(record, settings.home)
        assert (audited.decisions, audited.differences) == (len(decisions), ())
        sealed = record.checkpoint(0)
        assert sealed is not None
        assert record.verify([sealed]).faults == ()
    return {decision.order_id: decision.response for decision in decisions}


def test_a_storm_of_duplicates_gets_one_decision_an_order(settings: Settings) -> None:
    """From 64 clients through two workers: everybody the same bytes, and every vector comes out again."""
    orders = [f"s{n}" for n in range(ORDERS)]
    with served(replace(settings, workers=2)) as server:
        answers = storm(int(server.url.rpartition(":")[2]), orders, CLIENTS, EACH)
    assert all(len(different) == 1 for different in answers.values())
    assert held(settings) == {order_id: different.pop() for order_id, different in answers.items()}


def test_workers_killed_under_load_lose_and_double_nothing(settings: Settings) -> None:
    """Again and again one of two is killed; clients send again what was not answered."""
    orders = [f"s{n}" for n in range(ORDERS)]
    with served(replace(settings, workers=2)) as server:
        done = threading.Event()
        killed: list[int] = []
        killer = threading.Thread(target=_kill, args=(server.process.pid, done, killed))
        killer.start()
        try:
            answers: dict[str, set[bytes]] = {}
            for number in range(1_000):
                some = orders if not number else [f"m{number}-{n}" for n in range(64)]
                answers |= storm(int(server.url.rpartition(":")[2]), some, CLIENTS, max(1, len(some) // 16))
                if len(killed) >= KILLS:
                    break
        finally:
            done.set()
            killer.join()
        server.wait("/readyz")
    assert len(killed) >= KILLS
    assert all(len(different) == 1 for different in answers.values())
    assert held(settings) == {order_id: different.pop() for order_id, different in answers.items()}


def _kill(parent: int, done: threading.Event, killed: list[int]) -> None:
    """Kill -9 one worker after the other, each a while after all run again."""
    while not done.wait(0.7) and len(killed) < KILLS:
        workers = _children(parent)
        if len(workers) == 2:
            victim = workers[len(killed) % 2]
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)
            until(lambda gone=victim: gone not in _children(parent))  # type: ignore[misc]


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_workers_end_with_their_parent(sqlite_settings: Settings) -> None:
    """Even where it is killed and cannot tell them."""
    with served(replace(sqlite_settings, workers=2)) as server:
        workers = _children(server.process.pid)
        assert len(workers) == 2
        server.process.kill()
        server.process.wait(20)
        until(lambda: not any(Path(f"/proc/{pid}").exists() and _runs(pid) for pid in workers))


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_workers_that_cannot_start_are_not_started_for_ever(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says so, and the exit code is that of a service that does not come up."""
    monkeypatch.setenv("BENTOML_CONFIG", "/nowhere.yaml")
    arguments, environment = command(replace(sqlite_settings, workers=2), free_port())
    begun = time.monotonic()
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, time.monotonic() - begun < 60) == (4, True)
    assert "workers end as soon as they begin" in done.stderr
