"""The examples in the contract are what a service takes and answers."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from serving import examples
from serving.app import ROUTES
from serving.openapi import described
from serving.routes.route import Route
from tests.serving.examples import conversation
from tests.serving.made import served, world


def faults(schema: dict[str, Any], example: Any) -> list[str]:
    """Where an example breaks a schema of the contract."""
    whole = {**schema, "components": described(ROUTES)["components"]}
    return [str(error) for error in jsonschema_rs.validator_for(whole).iter_errors(example)]


def operation(route: Route) -> dict[str, Any]:
    """What the contract says of a route."""
    found: dict[str, Any] = described(ROUTES)["paths"][route.path][route.method.lower()]
    return found


def shape(content: Any) -> Any:
    """The names in an object, however deep, of lists those of all items together."""
    if isinstance(content, dict):
        return {name: shape(value) for name, value in content.items()}
    if isinstance(content, list):
        return {name: shape(value) for item in content if isinstance(item, dict) for name, value in item.items()}
    return None


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_body_has_an_example_that_its_schema_holds_for(route: Route) -> None:
    """Requests, answers and problems alike."""
    described_ = operation(route)
    bodies = [described_["requestBody"]] if route.body else []
    bodies += [answer for answer in described_["responses"].values() if "content" in answer]
    told = [media for body in bodies for media in body["content"].values()]
    assert len(told) >= 2
    assert [faults(media["schema"], media["example"]) for media in told] == [[]] * len(told)


def test_an_example_that_is_none_is_found() -> None:
    """The check itself can fail."""
    assert faults({"$ref": "#/components/schemas/OrderRequest"}, {"order_id": 1}) != []


def test_a_running_service_takes_the_examples_and_answers_alike(tmp_path: Path) -> None:
    """Each address is asked with its example, and answers what the contract shows."""
    with served(world(f"sqlite:///{tmp_path}/record.db", tmp_path), keys=True) as server:
        said = {each.route: each for each in conversation(server)}
    assert set(said) == {route.name for route in ROUTES}
    for route in ROUTES:
        each = said[route.name]
        assert (each.answer.status_code, each.request) == (route.status, examples.request(route.name))
        schema = operation(route)["responses"][str(route.status)]["content"]["application/json"]["schema"]
        assert faults(schema, each.answer.json()) == []
        assert shape(each.answer.json()) == shape(examples.answer(route.name))
