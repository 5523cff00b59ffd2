"""Keeps figures from those who have no key for them: actions and probabilities are told by them."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access import Gate
from serving.problems import answer_to

METRICS = "/metrics"
ROLES = frozenset({"admin", "auditor"})


class Guard:
    """Answers 401 or 403 at ``/metrics`` to everybody without a key for it, and hands on all else."""

    def __init__(self, app: ASGIApp, gate: Callable[[], Gate]) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] == "http" and scope["path"].rstrip("/") == METRICS:
            try:
                await self._gate().let_in(Request(scope), ROLES)
            except Exception as error:  # noqa: BLE001 - here every error becomes an answer
                await answer_to(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)
