"""The short way to a mounted app: past what BentoML does for each request to its own addresses.

Its tracing, its figures and its limit of time cost a request about as much as an echo; the mounted app has its own.
"""

from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut:
    """Hands requests below `path` to `mounted`, as a mount would, and all else on to `app`."""

    def __init__(self, app: ASGIApp, mounted: ASGIApp, path: str) -> None:
        self._app, self._mounted, self._path = app, mounted, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] == "http" and scope["path"].startswith(f"{self._path}/"):
            below = {**scope, "root_path": scope.get("root_path", "") + self._path}
            await self._mounted(below, receive, send)
        else:
            await self._app(scope, receive, send)
