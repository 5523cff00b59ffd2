"""The page that shows the API, from files that come with BentoML: it opens without the internet and calls nobody."""

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

DOCS = "/v1/docs"
_STATIC = "/static_content"


def api_page() -> HTMLResponse:
    """The API, to read and to try."""
    return get_swagger_ui_html(
        openapi_url="/v1/openapi.json",
        title="Diversion risk",
        swagger_js_url=f"{_STATIC}/swagger-ui-bundle.js",
        swagger_css_url=f"{_STATIC}/swagger-ui.css",
        swagger_favicon_url=f"{_STATIC}/favicon-light-32x32.png",
    )


class FrontDoor:
    """Sends visitors of ``/`` to the API's page; BentoML's own page there loads a tracker from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect ``/``, hand everything else on."""
        at_the_door = scope["type"] == "http" and scope["path"] == "/"
        app: ASGIApp = RedirectResponse(DOCS) if at_the_door else self._app
        await app(scope, receive, send)
