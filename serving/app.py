"""The app that answers under ``/v1``: all addresses, and the document that describes them.

FastAPI writes the document and never sees a request: what it does for each would cost an order more than its score.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Address

from serving.openapi import described
from serving.pages import api_page
from serving.problems import answer_to
from serving.routes import administration, decisions, scoring, trade
from serving.routes.route import Endpoint, Route, as_json, at

ROUTES: tuple[Route, ...] = (*scoring.ROUTES, *decisions.ROUTES, *trade.ROUTES, *administration.ROUTES)


def fixed() -> dict[tuple[str, str], Endpoint]:
    """The endpoints at addresses without a part that varies, by method and address."""
    return {(route.method, route.path): Endpoint(route) for route in ROUTES if "{" not in route.path}


def made() -> Starlette:
    """An app with all addresses; its state still needs the `hands` that do the work."""
    pages = (Address("/openapi.json", _document), Address("/docs", _docs))
    app = Starlette(routes=[*map(at, ROUTES), *pages], exception_handlers={HTTPException: _no_such_route})
    app.router.redirect_slashes = False
    return app


async def _document(_: Request) -> Response:
    return as_json(described(ROUTES))


async def _docs(_: Request) -> Response:
    return api_page()


async def _no_such_route(_: Request, error: Exception) -> Response:
    return answer_to(error)
