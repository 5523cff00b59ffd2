"""What a request costs before anything is scored: the same body sent back, on a mounted app and by a BentoML API."""

from typing import Any

import bentoml
from fastapi import FastAPI, Request, Response

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/score")
async def score(request: Request) -> Response:
    """The body as it came."""
    return Response(await request.body(), media_type="application/json")


@bentoml.service(
    name="echo",
    workers=1,
    http={"host": "127.0.0.1"},
    metrics={"enabled": True, "namespace": "echo"},
    tracing={"excluded_urls": ".*"},
    logging={"access": {"enabled": False}},
)
class Echo:
    """Both echoes in one service."""

    @bentoml.api(route="/score")  # type: ignore[untyped-decorator]
    async def score(self, order: dict[str, Any]) -> dict[str, Any]:
        """The body, read and written by BentoML."""
        return order


_service: Any = Echo
_service.mount_asgi_app(app, path="/v1", name="v1")
