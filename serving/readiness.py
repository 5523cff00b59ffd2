"""Tells on ``/readyz`` whether a model answers or rules alone do: both are ready, and only one of them scores."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READY = "/readyz"
HEADER = "Fallback"


class Readiness:
    """Adds ``Fallback: true`` or ``false`` to the answer of ``/readyz``; `fallback` tells which it is."""

    def __init__(self, app: ASGIApp, fallback: Callable[[], bool]) -> None:
        self._app, self._fallback = app, fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the header where it is asked whether all is ready."""

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = str(self._fallback()).lower()
            await send(message)

        asked = scope["type"] == "http" and scope["path"] == READY
        await self._app(scope, receive, telling if asked else send)
