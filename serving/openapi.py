"""The contract as OpenAPI, whole: bodies that the app reads by itself, parts of addresses, keys, problems."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving import examples
from serving.answer import SOFTWARE
from serving.contract import ProblemAnswer
from serving.routes.route import MOST_DIGITS, Route

KEY = "key"
ALWAYS = (401, 403, 429, 503)
WITH_BODY = (400, 413, 415, 422)
_MEANING = {
    400: "The body is not JSON",
    401: "No key, or none that holds",
    403: "The key has none of the roles, or somebody else has to say so",
    404: "There is nothing of this id",
    409: "It does not follow what the record holds",
    410: "It was removed when its time to be kept was over; the digests are left",
    413: "The body is too large",
    415: "The body is not declared as JSON",
    422: "The body cannot be taken as it is; each field at fault has a pointer and a code",
    429: "Too many requests with this key; see Retry-After",
    503: "Nothing was decided: the service starts, or the record is away; see Retry-After",
}
_PATTERN = r"^[^\x00-\x1f\x7f/]+$"


_ABOUT = """Scores orders of sensitive goods for the risk of diversion, and says why and what to check.

Send a key: `Authorization: Bearer dvr_...`. What is no 2xx is a problem (RFC 9457) with a `type` for programs."""


@cache
def described(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The OpenAPI document of an app with these routes; made once."""
    app = FastAPI(title="Diversion risk", version=SOFTWARE, description=_ABOUT, servers=[{"url": "/v1"}])
    for route in routes:
        _add(app, route)
    document = app.openapi()
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, schema in _schemas({route.body for route in routes if route.body} | {ProblemAnswer}):
        schemas[name] = schema
    parts["securitySchemes"] = {KEY: {"type": "http", "scheme": "bearer", "description": "A key, `dvr_...`."}}
    for route in routes:
        _complete(document["paths"][route.path][route.method.lower()], route)
    return document


def _add(app: FastAPI, route: Route) -> None:
    about = (route.work.__doc__ or "").strip()
    app.add_api_route(
        route.path,
        _never_asked,
        methods=[route.method],
        response_model=route.answer,
        status_code=route.status,
        summary=about.splitlines()[0].rstrip("."),
        description=about,
        operation_id=route.work.__name__.strip("_"),
        openapi_extra={"x-roles": sorted(route.roles), "x-body": route.body.__name__ if route.body else None},
    )


def _never_asked(_: Request) -> Response:
    """FastAPI describes functions: the app that answers is another one, see `serving.app`."""
    raise NotImplementedError


def _schemas(models: set[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    asked = [(model, "validation") for model in sorted(models, key=lambda each: each.__name__)]
    _, whole = models_json_schema(asked, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    yield from whole["$defs"].items()


def _complete(operation: dict[str, Any], route: Route) -> None:
    operation["security"] = [{KEY: []}]
    named = re.findall(r"{(\w+)}", route.path)
    if named:
        operation["parameters"] = [_parameter(name) for name in named]
    if route.query:
        operation.setdefault("parameters", []).extend(_number(name) for name in route.query)
    statuses = {*ALWAYS, *route.problems}
    if route.body is not None:
        reference = {"$ref": f"#/components/schemas/{route.body.__name__}"}
        told = {"schema": reference, "example": examples.request(route.name)}
        operation["requestBody"] = {"required": True, "content": {"application/json": told}}
        statuses |= set(WITH_BODY)
    answers = operation["responses"]
    answers.pop("422", None)
    answers[str(route.status)]["content"]["application/json"]["example"] = examples.answer(route.name)
    if route.status == 201:
        answers["200"] = {**answers["201"], "description": "It was told before"}
    for status in sorted(statuses):
        answers[str(status)] = _problem(status)


def _parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": _PATTERN}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _number(name: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": 10**MOST_DIGITS - 1, "default": 0}
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _problem(status: int) -> dict[str, Any]:
    told = {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}, "example": examples.problem(status)}
    answer: dict[str, Any] = {"description": _MEANING[status], "content": {"application/problem+json": told}}
    if status in {429, 503}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answer
