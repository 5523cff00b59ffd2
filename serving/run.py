"""The server in the foreground: one process or several, one line where it cannot start, 0 where it was asked to stop.

Errors::

    CannotServe               the address is taken, or the service did not come up

Exit codes: 0 after SIGTERM or SIGINT; 3 for settings that are refused; 4 where the address is taken or the record
cannot be opened. One line says why.
"""

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from features.measures import Refused
from features.record import Record, RecordError, Unavailable
from serving.problems import headline
from serving.settings import Settings
from serving.workers import Hopeless, Workers

REFUSED, UNAVAILABLE = 3, 4

GRACE_S = 12
"""How long requests at hand may take after the service was asked to stop."""

STOP_S = 10
"""How long a worker may take after that to keep a snapshot."""


SWITCH_S = 0.001
"""How long the thread that decides and the one that answers wait for each other: a fifth of Python's own time."""


class CannotServe(Exception):
    """The service cannot start; the message is one line for people."""


SERVICE = "serving.service:Diversion"


def serve(settings: Settings, pid_file: Path | None = None, of: str = SERVICE) -> None:
    """Serve until SIGTERM or SIGINT; `of` names the BentoML service, ours unless told otherwise.

    `pid_file` holds the server's process id while it runs. Raises `CannotServe`, or what `Record.open` raises for an
    address that will never be a record.
    """
    ends_on_signals(pid_file)
    with _bound(settings) as listening, _noted(pid_file):
        _try_record(settings)
        if settings.workers > 1:
            _share(settings, listening)
        elif not answer(settings, listening, of):
            raise CannotServe("the service did not come up; its last lines say why")


def ends_on_signals(pid_file: Path | None = None) -> None:
    """End on SIGTERM and SIGINT while the server starts, and once it has shut down."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _Stop(pid_file))


def _share(settings: Settings, listening: socket.socket) -> None:
    os.environ.update(settings.environment())
    try:
        Workers(listening, settings.workers, GRACE_S + STOP_S).run()
    except Hopeless as error:
        raise CannotServe(str(error)) from None


def main(pid_file: Path | None = None) -> int:
    """Serve as the environment says; returns the exit code."""
    try:
        serve(Settings.of(os.environ), pid_file)
    except (CannotServe, RecordError) as error:
        return _complain(error, UNAVAILABLE)
    except Refused as refused:
        return _complain(refused, REFUSED)
    return 0


def _complain(error: Exception, code: int) -> int:
    print(f"serve: {error}", file=sys.stderr)
    return code


@contextmanager
def _noted(pid_file: Path | None) -> Iterator[None]:
    """The process id in a file, for as long as the server runs."""
    if pid_file is None:
        yield
        return
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    pid_file.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        pid_file.unlink(missing_ok=True)


def _bound(settings: Settings) -> socket.socket:
    """The address, taken before the slow imports, so that a taken one is told at once."""
    listening = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen()  # a port that is only bound can be bound again by the next one
    except OSError as error:
        listening.close()
        address = f"{settings.host}:{settings.port}"
        mend = "stop what listens there, or choose another port (DIVERSION_PORT)"
        raise CannotServe(f"cannot listen on {address}: {error.strerror}; {mend}") from None
    return listening


def _try_record(settings: Settings) -> None:
    """Refuse an address that will never be a record; one that is only away now may come back."""
    try:
        Record.open(settings.record_url).close()
    except Unavailable as error:
        print(f"serve: orders are answered when the record is back: {headline(error)}", file=sys.stderr)


def answer(settings: Settings, listening: socket.socket, of: str = SERVICE, index: int = 1) -> bool:
    """Serve on a listening socket in this process until it is stopped; returns whether it ever came up."""
    os.environ.update(
        settings.environment(),
        BENTOML_HOME=str((settings.home / "bentoml").absolute()),
        BENTOML_DO_NOT_TRACK="true",
    )
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    # LightGBM would load scikit-learn, and with it SciPy's statistics, for estimators that no service has: a second.
    sys.modules.setdefault("sklearn", None)  # type: ignore[arg-type] # None keeps a module from being imported
    # BentoML reads the environment when it is imported, so that it comes here and not at the top.
    import uvicorn  # noqa: PLC0415
    from _bentoml_impl.loader import load  # type: ignore[import-untyped]  # noqa: PLC0415
    from bentoml._internal.configuration.containers import BentoMLContainer  # noqa: PLC0415
    from bentoml._internal.context import server_context  # noqa: PLC0415
    from bentoml._internal.log import configure_server_logging  # noqa: PLC0415
    from bentoml._internal.server.metrics.prometheus import PrometheusClient  # noqa: PLC0415

    configure_server_logging()
    _quiet()
    BentoMLContainer.metrics_client.set(PrometheusClient(multiproc=False))
    service = load(of, standalone_load=True)
    server_context.worker_index, server_context.service_type = index, "entry_service"
    server_context.service_name = server_context.bento_name = service.name
    server_context.bento_version = "dev"
    server_context.service_routes = [api.route for api in service.apis.values()]
    app = service.to_asgi(is_main=True)
    if of == SERVICE:
        from serving.service import straight  # noqa: PLC0415

        app = straight(app)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        loop="uvloop",
        http="httptools",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
    )
    gc.set_threshold(20_000, 10, 10)
    sys.setswitchinterval(SWITCH_S)
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    return server.started


class _NoTraceback(logging.Filter):
    """Tracebacks quote values; the kind of error and where it happened are enough to find it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace a traceback by the error's name."""
        if record.exc_info:
            kind = record.exc_info[0]
            record.msg = f"{record.getMessage()} ({kind.__name__ if kind else 'no error'})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _quiet() -> None:
    """No traceback on any handler; what this package has to say from INFO on; nothing looked up that no line tells."""
    # See "Optimization" in the logging HOWTO of Python's documentation.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handlers: set[Any] = {*logging.getLogger().handlers, *logging.getLogger("bentoml").handlers}
    for handler in handlers:
        handler.addFilter(_NoTraceback())
    logging.getLogger("serving").setLevel(logging.INFO)


class _Stop:
    """Ends the process at once, with exit code 0.

    Raising `SystemExit` instead would be lost where the signal arrives inside a destructor: Python ignores exceptions
    there, and the server would start all the same. Requests at hand are finished by then: the server takes the signals
    itself while it serves, and hands them back after it has shut down.
    """

    def __init__(self, pid_file: Path | None) -> None:
        self._pid_file = pid_file

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take the pid file away and end."""
        if self._pid_file is not None:
            self._pid_file.unlink(missing_ok=True)
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
