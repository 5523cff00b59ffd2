"""Several server processes on one address: a parent that holds it and starts, watches and stops the others.

Each worker follows the record by itself; the record's one writer's turn puts their orders in line, so that together
they decide as one would. A worker that dies is started again. Where the parent is gone, whatever took it, they end too.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

WATCH_S = 0.1
RESTART_S = 1.0
HOPELESS = 3
"""Workers that end so often within `YOUNG_S` of their start will not do better the next time."""

YOUNG_S = 10.0


class Hopeless(Exception):
    """Workers end as soon as they begin; the message says with which exit code."""


class Workers:
    """So many processes that serve one listening socket."""

    def __init__(self, listening: socket.socket, number: int, grace_s: float) -> None:
        self._listening, self._grace_s = listening, grace_s
        self._running: list[subprocess.Popen[bytes] | None] = [None] * number
        self._since = [0.0] * number
        self._early = 0
        self._stopping = False
        self._alive, self._watched = os.pipe()  # nobody writes: it ends with this process

    def run(self) -> None:
        """Keep them running until SIGTERM or SIGINT; raises `Hopeless`."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                for index, process in enumerate(self._running):
                    self._look_after(index, process)
                time.sleep(WATCH_S)
        finally:
            self._end()

    def _look_after(self, index: int, process: "subprocess.Popen[bytes] | None") -> None:
        code = None if process is None else process.poll()
        if process is not None and code is None:
            return
        if process is not None:
            print(f"serve: worker {index + 1} ended with {code}; starting another", file=sys.stderr, flush=True)
            self._early = self._early + 1 if time.monotonic() - self._since[index] < YOUNG_S else 0
            if self._early >= HOPELESS:
                raise Hopeless(f"workers end as soon as they begin, the last with exit code {code}")
            time.sleep(RESTART_S)
        if not self._stopping:
            self._running[index], self._since[index] = self._start(index), time.monotonic()

    def _start(self, index: int) -> "subprocess.Popen[bytes]":
        inherited = self._listening.fileno(), self._alive
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, numbers
            [sys.executable, "-P", "-m", "serving.worker_process", *map(str, inherited), str(index + 1)],
            stdin=subprocess.DEVNULL,
            pass_fds=inherited,
        )

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        running = [process for process in self._running if process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + self._grace_s
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
