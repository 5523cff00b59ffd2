"""The short way to the mounted app leads where the mount leads, and nowhere else."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from serving.shortcut import Shortcut


async def told(request: Request) -> PlainTextResponse:
    """What an address sees of itself."""
    return PlainTextResponse(f"{request.path_params} {request.url_for('told', name='other').path}")


async def elsewhere(_: Request) -> PlainTextResponse:
    """Whatever is not mounted."""
    return PlainTextResponse("elsewhere")


MOUNTED = Starlette(routes=[Route("/orders/{name}", told, name="told")])
OUTER = Starlette(routes=[Mount("/v1", MOUNTED), Route("/{rest:path}", elsewhere)])


@pytest.mark.parametrize(
    "path", ["/v1/orders/one", "/v1/orders/a%2Fb", "/v1/nothing", "/v1/", "/v1x", "/", "/else/v1/"]
)
def test_it_answers_as_the_mount_does(path: str) -> None:
    """Status, body, and the addresses that the app makes."""
    by_mount, straight = (asked(app, path) for app in (OUTER, Shortcut(OUTER, MOUNTED, "/v1")))
    assert straight == by_mount


def test_it_does_not_ask_the_app_around_it() -> None:
    """What that one would do to each request is what is saved."""
    shortcut = Shortcut(Starlette(), MOUNTED, "/v1")
    assert [asked(shortcut, path)[0] for path in ("/v1/orders/one", "/v1", "/v1x/orders/one")] == [200, 404, 404]


def asked(app: ASGIApp, path: str) -> tuple[int, str]:
    """Status and body of what is at a path."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get(path)

    answer = asyncio.run(ask())
    return answer.status_code, answer.text
