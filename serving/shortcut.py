"""The short way to a mounted app: past what BentoML does for each request to its own addresses.

Its tracing, its figures and its limit of time cost a request about as much as an echo; the mounted app has its own. So
this stands around BentoML's app: as one of its middlewares it would come after all that.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut:
    """Hands requests below `path` to `mounted`, as a mount would, and all else on to `app`.

    `endpoints` of the mounted app, by method and address below `path`, are found by one look instead of its routing.
    """

    def __init__(
        self, app: ASGIApp, mounted: ASGIApp, path: str, endpoints: Mapping[tuple[str, str], ASGIApp] | None = None
    ) -> None:
        self._app, self._mounted, self._path = app, mounted, path
        self._endpoints = {(method, path + below): found for (method, below), found in (endpoints or {}).items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] == "http" and scope["path"].startswith(f"{self._path}/"):
            below = {**scope, "root_path": scope.get("root_path", "") + self._path, "app": self._mounted}
            endpoint = self._endpoints.get((scope["method"], scope["path"]), self._mounted)
            await endpoint(below, receive, send)
        else:
            await self._app(scope, receive, send)
