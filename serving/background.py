"""The service behind a pid file: start it, wait until it is ready, stop it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from serving.run import CannotServe
from serving.settings import Settings

START_S = 120.0
"""How long a service may take to come up: on a cold machine it compiles its kernel first."""

STOP_S = 30.0
_POLL_S = 0.2


@dataclass(frozen=True)
class Background:
    """A service of its own, with its pid file and its log under the home folder."""

    settings: Settings

    @property
    def pid_file(self) -> Path:
        """Where the running server's process id stands."""
        return self.settings.home / "serve.pid"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.settings.home / "serve.log"

    @property
    def address(self) -> str:
        """The service's address."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def pid(self) -> int | None:
        """The process id of the running service, None where none runs."""
        try:
            pid = int(self.pid_file.read_text())
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        except PermissionError:
            return pid
        return pid

    def ready(self) -> bool:
        """Whether it answers orders."""
        try:
            return httpx.get(f"{self.address}/readyz", timeout=2.0).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def ask(self, order: Path, key: str) -> dict[str, Any]:
        """The answer to an order in a file, asked with a key; raises `CannotServe` where there is none."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        answer = httpx.post(f"{self.address}/v1/score", content=order.read_bytes(), headers=headers, timeout=30)
        if not answer.is_success:
            raise CannotServe(f"the service answered {answer.status_code}: {answer.text}")
        body: dict[str, Any] = answer.json()
        return body

    def require_port(self) -> None:
        """Raise `CannotServe` where something else listens on the port already."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.settings.host, self.settings.port))
            except OSError as error:
                where = f"{self.settings.host}:{self.settings.port}"
                raise CannotServe(
                    f"cannot listen on {where}: {error.strerror}; stop what listens there, or choose another: PORT=3001"
                ) from None

    def start(self, waiting: Callable[[], object] = lambda: None) -> int:
        """Start the service and wait until it is ready; returns its process id. A running one is left as it is.

        Raises `CannotServe`, with the last lines of its log, where it does not come up.
        """
        running = self.pid()
        if running is None:
            self.require_port()
            running = self._spawn()
        until = time.monotonic() + START_S
        while not self.ready():
            if time.monotonic() > until or not _alive(running):
                raise CannotServe(f"the service did not come up; the end of {self.log}:\n{self._tail()}")
            waiting()
            time.sleep(_POLL_S)
        return running

    def stop(self) -> int | None:
        """Ask the service to stop and wait for it; returns its process id, None where none ran."""
        pid = self.pid()
        if pid is None:
            self.pid_file.unlink(missing_ok=True)
            return None
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOP_S
        while self.pid() is not None:
            if time.monotonic() > until:
                raise CannotServe(f"process {pid} does not stop; see {self.log}")
            time.sleep(_POLL_S)
        return pid

    def _spawn(self) -> int:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "serving.background"],
                env={**os.environ, **self.settings.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return process.pid

    def _tail(self, lines: int = 8) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _alive(pid: int) -> bool:
    """Whether a process runs; one that ended and is ours is taken leave of."""
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    return ended == 0


def main() -> int:
    """Serve in the foreground with the pid file of the home folder; what `start` runs."""
    from serving import run  # noqa: PLC0415 - only the child serves

    return run.main(Background(Settings.of(os.environ)).pid_file)


if __name__ == "__main__":
    sys.exit(main())
