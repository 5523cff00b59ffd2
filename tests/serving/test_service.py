"""Tests of the running service: what its answers look like from outside, good and bad."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from serving.contract import Answer, ProblemAnswer
from tests.serving.made import Server, body

JSON = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int, kind: str) -> ProblemAnswer:
    """The problem that was answered."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told = ProblemAnswer.model_validate_json(answer.content)
    assert (told.status, told.type) == (status, f"urn:diversion-risk:problem:{kind}")
    assert "Traceback" not in answer.text
    return told


def test_an_order_is_answered_and_the_answer_can_be_read_again(server: Server) -> None:
    """Twice the same bytes, the second marked as a replay; and by its id."""
    first, again = server.post(body("a1")), server.post(body("a1"))
    answer = Answer.model_validate_json(first.content)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.headers.get("idempotent-replay"), again.headers.get("idempotent-replay")) == (None, "true")
    assert again.content == first.content
    assert httpx.get(f"{server.url}/v1/decisions/{answer.decision_id}").content == first.content
    assert json.loads(first.content) == answer.model_dump(exclude_unset=True)


def test_an_order_that_waits_has_its_reasons(server: Server) -> None:
    """With sentences, and what made the answer."""
    line = {"line_id": "1", "sku": "kit-3", "quantity": 2, "amount": 99999.99}
    answer = Answer.model_validate_json(server.post(body("a2", lines=[line])).content)
    assert answer.action in {"review", "hold"}
    assert answer.lines[0].reasons is not None
    assert all(reason.sentence for reason in answer.lines[0].reasons)
    assert "365 days" in answer.meaning
    assert [rule.id for rule in answer.rules].count("unknown-end-user-of-sensitive-goods") == 1


def test_bad_bodies_are_told_apart(server: Server) -> None:
    """No JSON 400, not declared as JSON 415, no order 422 with a pointer, another content 422."""
    problem(httpx.post(server.url + "/v1/score", content=b'{"order_id":', headers=JSON), 400, "not-json")
    huge = b'{"order_id":1e9999990000000000000}'
    problem(httpx.post(server.url + "/v1/score", content=huge, headers=JSON), 400, "not-json")
    text = {"Content-Type": "text/plain"}
    problem(httpx.post(server.url + "/v1/score", content=b"{}", headers=text), 415, "not-json-type")
    told = problem(server.post(body("a3", revision="x", note="hidden")), 422, "invalid-order")
    assert {fault.pointer: fault.value for fault in told.errors} == {"/revision": "x", "/note": None}
    assert server.post(body("a3")).status_code == 200
    told = problem(server.post(body("a3", reseller_id="r2")), 422, "order-differs")
    assert (told.errors[0].pointer, told.errors[0].value) == ("/reseller_id", "r2")


def test_addresses_methods_and_states_are_told_apart(server: Server) -> None:
    """404, 405 with what is allowed, 409."""
    problem(httpx.get(server.url + "/v1/nothing"), 404, "not-found")
    problem(httpx.get(server.url + "/v1/decisions/nothing"), 404, "no-decision")
    answer = httpx.get(server.url + "/v1/score")
    problem(answer, 405, "no-such-method")
    assert answer.headers["allow"] == "POST"
    problem(server.post(body("h5")), 409, "order-known")
    problem(server.post(body("a4", revision=2)), 409, "revision-out-of-order")


def chunks(size: int) -> Iterator[bytes]:
    """A body that does not tell its length."""
    for _ in range(size >> 16):
        yield b" " * (1 << 16)


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: Server) -> None:
    """Whether it tells its length or not."""
    for content in (b" " * (3 << 20), chunks(3 << 20)):
        problem(httpx.post(server.url + "/v1/score", content=content, headers=JSON, timeout=20), 413, "too-large")
    short = httpx.post(server.url + "/v1/score", content=iter([json.dumps(body("a5")).encode()]), headers=JSON)
    assert short.status_code == 200


HOSTILE: list[Any] = [
    {"order_id": "\x00"}, {"order_id": " x"}, {"ordered_at": "0001-01-01T00:00:00+14:00"}, {"ordered_at": "yesterday"},
    {"ship_to": {"country": "\ud800"}}, {"end_user_class": "\x00"}, {"lines": [{}]}, {"lines": {"a": 1}},
    {"lines": [{"line_id": "1", "sku": "k", "amount": "1e999999"}]}, {"reseller_id": "x" * 300},
    {"lines": [{"line_id": "1", "sku": "k", "quantity": 1, "unit": "parsec"}]},
    {"lines": [{"line_id": "1", "sku": "k", "attributes": {"passport": "1"}}]},
    {"lines": [{"line_id": "1", "sku": "k", "ship_to": {"latitude": 1e308, "longitude": 0}}]},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_values_are_refused_with_a_pointer(server: Server, number: int) -> None:
    """Never an error of the server's own."""
    content = json.dumps(body("a6") | HOSTILE[number]).encode()
    told = problem(httpx.post(server.url + "/v1/score", content=content, headers=JSON), 422, "invalid-order")
    assert told.errors
    assert all(fault.pointer.startswith("/") for fault in told.errors)


CLIENT = """
import json, sys
import bentoml
with bentoml.SyncHTTPClient(sys.argv[1]) as client:
    print(json.dumps(client.score(json.loads(sys.argv[2]))))
    try:
        client.score({"order_id": 1})
    except bentoml.exceptions.BentoMLException as error:
        print(error)
"""


def test_bentoml_s_own_client_gets_the_same_answer(server: Server) -> None:
    """And the same problems, in its own exceptions."""
    arguments = [sys.executable, "-c", CLIENT, server.url, json.dumps(body("a1"))]
    answer, error = subprocess.run(
        arguments, capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()
    assert json.loads(answer) == server.post(body("a1")).json()
    assert "invalid-order" in error
    assert httpx.post(server.url + "/score", content=b"{", headers=JSON).status_code == 400


def test_the_contract_is_published(server: Server) -> None:
    """With the body of an order, and nothing referred to that is not there."""
    document = httpx.get(server.url + "/v1/openapi.json").json()
    text, schemas = json.dumps(document), document["components"]["schemas"]
    assert {"OrderRequest", "LineRequest", "Answer", "ProblemAnswer"} <= set(schemas)
    referred = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert referred <= set(schemas)
    assert document["servers"] == [{"url": "/v1"}]
    assert httpx.get(server.url + "/metrics").status_code == 200


def test_no_trace_and_no_body_stands_in_the_log(server: Server) -> None:
    """Whatever the tests before this one sent."""
    server.post({"order_id": 1, "note": "a-secret"}, "/score")
    httpx.post(server.url + "/score", content=b'{"a-secret":', headers=JSON)
    log = server.log.read_text()
    assert "Exception on /score" in log
    assert "Traceback" not in log
    assert "a-secret" not in log


def test_the_page_of_the_api_calls_nobody_else(server: Server) -> None:
    """The front door leads there, and all that it loads comes from the service itself."""
    page = httpx.get(server.url, follow_redirects=True)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert (page.url.path, len(loaded)) == ("/v1/docs", 3)
    assert [httpx.get(server.url + path).status_code for path in loaded] == [200] * 3
