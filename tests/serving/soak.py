"""A service that is killed again and again under load: what it acknowledged is there afterwards, once, byte for byte.

``python -m tests.serving.soak --kills 300`` kills one of two workers and the whole service in turns, always with -9.
Clients go on sending: new orders, orders that were answered before, and those that nobody answered. Each kill gives a
line. What was acknowledged stands beside the record (``acknowledged.jsonl``), written before a client sends its next
order; a run that was interrupted goes on where it stopped.
"""

import argparse
import asyncio
import hashlib
import json
import os
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np

from features.record import Record
from serving.audit import audit
from serving.settings import Settings
from tests.serving.made import Server, body, served, until, world
from tests.serving.storm import Connection

CLIENTS = 16
AGAIN = 0.25
"""Of what is sent was answered before."""

AT_LEAST = 32
"""Orders that are acknowledged between two kills."""

PAUSES_S = 0.2, 2.0
"""How long after that a kill comes, at random."""

WHOLE_EVERY = 50
"""Kills after which every vector and link of the record is computed again; it is done at the end as well."""


class Broken(Exception):
    """Something that was acknowledged is lost, doubled or different."""


class Acknowledged:
    """SHA-256 of each answer by order, in memory and in a file; `open` are orders that were sent and not answered."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        whole = file.read_text().rpartition("\n")[0] if file.exists() else ""  # the last line may be half a one
        told = [json.loads(line) for line in whole.splitlines()]
        self.answers: dict[str, str] = {each["order_id"]: each["sha256"] for each in told}
        self.order_ids = list(self.answers)
        self.open: list[str] = []
        self._checked = 0
        self._out = file.open("w")
        self._out.write(whole + "\n" if whole else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def add(self, order_id: str, answer: bytes) -> None:
        """Keep an answer; raises `Broken` where the order was answered otherwise before."""
        sha256 = hashlib.sha256(answer).hexdigest()
        before = self.answers.get(order_id)
        if before is not None:
            if before != sha256:
                raise Broken(f"order {order_id} got another answer than before")
            return
        self.answers[order_id] = sha256
        self.order_ids.append(order_id)
        self._out.write(json.dumps({"order_id": order_id, "sha256": sha256}) + "\n")
        self._out.flush()

    def check(self, record: Record) -> None:
        """Look for every answer that came since the last time; raises `Broken` for one that the record lacks."""
        came = self.order_ids[self._checked :]
        for order_id in came:
            decision = record.decision(order_id, 1)
            if decision is None:
                raise Broken(f"order {order_id} was acknowledged and is lost")
            if hashlib.sha256(decision.response).hexdigest() != self.answers[order_id]:
                raise Broken(f"order {order_id} stands in the record with another answer")
        self._checked += len(came)


class Load:
    """Clients in a thread of their own, which send until they are stopped; an error of theirs is kept in `failure`."""

    def __init__(self, port: int, acknowledged: Acknowledged) -> None:
        self._port, self._acknowledged = port, acknowledged
        self._dice = np.random.default_rng()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")
        self.failure: BaseException | None = None
        self._thread.start()

    def stop(self) -> None:
        """End, and raise what went wrong."""
        self._stop.set()
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:  # noqa: BLE001 - told by `stop`, in the thread that waits
            self.failure = error

    async def _all(self) -> None:
        clients = [asyncio.create_task(self._client()) for _ in range(CLIENTS)]
        while not self._stop.is_set() and not any(client.done() for client in clients):
            await asyncio.sleep(0.02)
        for client in clients:
            client.cancel()
        ends = await asyncio.gather(*clients, return_exceptions=True)
        for end in ends:
            if not isinstance(end, asyncio.CancelledError) and isinstance(end, BaseException):
                raise end

    async def _client(self) -> None:
        connection = Connection(self._port)
        try:
            while True:
                order_id = self._next()
                self._acknowledged.open.append(order_id)
                answer = await connection.answer(body(order_id, reseller_id=f"r{len(order_id) % 3}"))
                self._acknowledged.open.remove(order_id)
                self._acknowledged.add(order_id, answer)
        finally:
            connection.close()

    def _next(self) -> str:
        known = self._acknowledged
        if known.open and self._dice.random() < AGAIN:
            return known.open[0]
        if known.order_ids and self._dice.random() < AGAIN:
            return known.order_ids[int(self._dice.integers(len(known.order_ids)))]
        return uuid.uuid4().hex


def soak(settings: Settings, kills: int, say: Callable[[str], object] = print) -> Counter[str]:
    """Kill so many times, those of earlier runs included; returns what was counted. Raises `Broken`."""
    kept = settings.home / "soak.json"
    counted: Counter[str] = Counter(json.loads(kept.read_text()) if kept.exists() else {})
    with Acknowledged(settings.home / "acknowledged.jsonl") as acknowledged, Record.open(settings.record_url) as record:
        acknowledged.check(record)
        while counted["kills"] < kills:
            with served(replace(settings, workers=2)) as server, _loaded(server, acknowledged):
                for whole in (False, True):
                    say(_killed(server, record, acknowledged, counted, whole=whole))
                    kept.write_text(json.dumps(counted))
            if counted["kills"] % WHOLE_EVERY == 0 or counted["kills"] >= kills:
                say(f"every vector and link again: {_whole(record, settings.home):,} decisions as they were")
    return counted


def _killed(server: Server, record: Record, acknowledged: Acknowledged, counted: Counter[str], *, whole: bool) -> str:
    """Kill once and look for what was acknowledged; returns a line about it."""
    began, enough = time.monotonic(), len(acknowledged.answers) + AT_LEAST
    until(lambda: len(acknowledged.answers) >= enough, 180, server.log)
    time.sleep(np.random.default_rng().uniform(*PAUSES_S))
    _kill(server, whole=whole)
    acknowledged.check(record)
    counted.update(kills=1, whole=int(whole))
    what = f"{'everything' if whole else 'a worker'} after {time.monotonic() - began:.1f} s"
    return f"kill {counted['kills']} ({what}): {len(acknowledged.answers):,} acknowledged, none lost, none doubled"


@contextmanager
def _loaded(server: Server, acknowledged: Acknowledged) -> Iterator[None]:
    load = Load(int(server.url.rpartition(":")[2]), acknowledged)
    try:
        yield
    finally:
        load.stop()


def _kill(server: Server, *, whole: bool) -> None:
    """One worker, or all and their parent."""
    parent = server.process.pid
    children = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    for pid in [parent, *children] if whole else children[:1]:
        with suppress(ProcessLookupError):  # workers end by themselves when their parent is gone
            os.kill(pid, signal.SIGKILL)
    if whole:
        server.process.wait(20)


def _whole(record: Record, home: Path) -> int:
    """How many decisions there are; raises `Broken` where one is doubled, or anything is not as it was written."""
    decisions = Counter(entry.event.order_id for entry in record.decisions())
    if decisions and max(decisions.values()) > 1:
        raise Broken(f"order {decisions.most_common(1)[0][0]} was decided more than once")
    found = audit(record, home)
    if found.differences:
        raise Broken(f"a vector does not come out again: {found.differences[0]}")
    sealed = record.checkpoint(0)
    if sealed is not None and (faults := record.verify([sealed]).faults):
        raise Broken(f"the chain is broken: {faults[0]}")
    return len(decisions)


def main() -> int:
    """Soak, and say at the end what was counted."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=300)
    asked.add_argument("--home", type=Path, default=Path(os.environ.get("DIVERSION_HOME", "var")) / "soak")
    asked.add_argument("--record", help="address of an empty record; a SQLite file in the home folder unless named")
    options = asked.parse_args()
    home = options.home.absolute()
    url = options.record or f"sqlite:///{home}/record.db"
    made = home / "made"
    settings = replace(Settings(home, url), keys=False) if made.exists() else world(url, home)
    made.touch()
    counted = soak(settings, options.kills, partial(print, flush=True))
    print(f"{counted['kills']} kills, {counted['whole']} of the whole service: nothing lost, nothing doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
