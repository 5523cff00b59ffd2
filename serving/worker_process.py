"""One of several server processes, as `serving.workers` starts it."""

import os
import signal
import socket
import sys
import threading
import time

from serving import run
from serving.settings import Settings


def _end_with(parent: int) -> None:
    """Stop this process as SIGTERM would when the other end of a pipe is closed, and in the end whatever it does."""

    def watch() -> None:
        os.read(parent, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(run.GRACE_S + run.STOP_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def main() -> int:
    """What each worker runs: the inherited socket, the pipe to the parent, and its number."""
    listening, parent, index = map(int, sys.argv[1:])
    run.ends_on_signals()
    _end_with(parent)
    with socket.socket(fileno=listening) as inherited:
        return 0 if run.answer(Settings.of(os.environ), inherited, index=index) else 1


if __name__ == "__main__":
    sys.exit(main())
