"""A limit on the size of bodies, before anything reads them."""

import os

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem, answer_to
from serving.settings import Settings


class BodyLimit:
    """Answers 413 to a body over the limit.

    A body that does not tell its length is read up to the limit first, and handed on only when it is whole: an error
    raised inside somebody else's `receive` would end as their 500.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if int(headers.get(b"content-length", b"0")) > self._most:  # the parser has refused what is no number
            await self._refuse(scope, receive, send)
        elif b"transfer-encoding" in headers:
            await self._buffer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _buffer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the caller went away
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._most:
                await self._refuse(scope, receive, send)
                return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, again, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = answer_to(Problem("too-large", f"a body may have {self._most} bytes; split the order"))
        answer.headers["Connection"] = "close"  # the rest of the body is never read
        await answer(scope, receive, send)


def limited(app: ASGIApp) -> BodyLimit:
    """The app behind the limit of the settings."""
    return BodyLimit(app, Settings.of(os.environ).body_limit)
