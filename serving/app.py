"""The app that answers under ``/v1``: all addresses, and the document that describes them."""

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from serving.answer import SOFTWARE
from serving.openapi import described
from serving.pages import api_page
from serving.problems import answer_to
from serving.routes import administration, decisions, scoring, trade
from serving.routes.route import Route, add

ROUTES: tuple[Route, ...] = (*scoring.ROUTES, *decisions.ROUTES, *trade.ROUTES, *administration.ROUTES)

_DESCRIPTION = """Scores orders of sensitive goods for the risk of diversion, and says why and what to check.

Send a key: `Authorization: Bearer dvr_...`. What is no 2xx is a problem (RFC 9457) with a `type` for programs."""


def made() -> FastAPI:
    """An app with all addresses; its state still needs the `hands` that do the work."""
    app = FastAPI(
        title="Diversion risk",
        version=SOFTWARE,
        description=_DESCRIPTION,
        servers=[{"url": "/v1"}],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for route in ROUTES:
        add(app, route)
    app.openapi = lambda: described(app, ROUTES)  # type: ignore[method-assign] # FastAPI's own way of extending it
    app.add_api_route("/docs", _docs, include_in_schema=False)
    app.add_exception_handler(HTTPException, _no_such_route)
    return app


async def _docs() -> Response:
    return api_page()


async def _no_such_route(_: Request, error: Exception) -> Response:
    return answer_to(error)
