"""The contract as OpenAPI, complete with the body that the app reads by itself, digit by digit."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving.contract import OrderRequest

BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderRequest"}}},
    }
}


def described(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document, with the schema of an order among its components."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, servers=app.servers
        )
        order = OrderRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = order.pop("$defs", {})
        document.setdefault("components", {}).setdefault("schemas", {}).update(OrderRequest=order, **parts)
        app.openapi_schema = document
    return app.openapi_schema
