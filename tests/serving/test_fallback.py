"""A service without a model: rules hold what they must, each answer says so, and a model takes over when it comes."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from features.catalog.all import catalogue
from features.measures import DAY
from features.record import Record
from features.record.checkpoints import Checkpoint
from models.fallback import MEANING, fallback
from serving.audit import audit
from serving.client import Client, OrderRequest, ServiceProblem
from serving.contract import Answer
from serving.desk import Desk
from serving.inquiry_contract import Inputs
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import NOW, Server, body, history, model, promote, served

RULE = "diverted-at-this-reseller"


def unpromoted(url: str, home: Path) -> Settings:
    """A record with a history and no model, in which `r-bad` was found to divert."""
    with Record.open(url) as record:
        bad = a.finding("bad", reseller_id="r-bad", at=NOW - DAY)
        receipt = record.append([*history(40), bad], source="test", recorded_at=NOW)
        assert receipt.complete, receipt
    return Settings(home, url)


def goods(sku: str) -> list[dict[str, object]]:
    """One line of a product; kit-0 is harmless, kit-3 most sensitive."""
    return [{"line_id": "1", "sku": sku, "quantity": 1, "amount": 10, "end_user_id": "lab"}]


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with keys and without a model."""
    home = tmp_path_factory.mktemp("home")
    with served(unpromoted(f"sqlite:///{home}/record.db", home), keys=True) as server:
        yield server


def scored(server: Server, order_id: str, **more: object) -> httpx.Response:
    """The answer to an order."""
    answer = server.ask("POST", "/v1/score", "orders", body(order_id, **more))
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(
    ("order", "action", "rule"),
    [
        ({"lines": goods("kit-0")}, "proceed", None),
        ({"lines": goods("kit-3")}, "review", "sensitive-goods-without-a-score"),
        ({"lines": goods("never heard of")}, "review", "ungraded-goods-without-a-score"),
        ({"lines": goods("kit-0"), "reseller_id": "r-bad"}, "hold", RULE),
    ],
)
def test_rules_alone_decide_and_the_answer_says_so(
    ruled: Server, order: dict[str, object], action: str, rule: str | None
) -> None:
    """Its shape is whole: what was not scored is null, what decided is named, and the same again is the same."""
    first = scored(ruled, f"f-{action}-{rule}", **order)
    answer = Answer.model_validate_json(first.content)
    assert (answer.fallback, answer.action, answer.meaning) == (True, action, MEANING)
    assert [each.id for each in answer.rules] == ([] if rule is None else [rule])
    assert (answer.probability, answer.rank, answer.interval, answer.expected_loss) == (None,) * 4
    assert (answer.lines[0].probability, answer.lines[0].reasons) == (None, None)
    assert (answer.versions.model, answer.versions.features) == (fallback().fingerprint, catalogue().fingerprint)
    again = scored(ruled, f"f-{action}-{rule}", **order)
    assert (again.content, again.headers["idempotent-replay"]) == (first.content, "true")
    assert ruled.ask("GET", f"/v1/decisions/{answer.decision_id}", "orders").content == first.content


def test_readiness_figures_and_versions_tell_that_no_model_answers(ruled: Server) -> None:
    """And so does the log, once."""
    scored(ruled, "f-told")
    ready = httpx.get(ruled.url + "/readyz")
    assert (ready.status_code, ready.headers["fallback"]) == (200, "true")
    versions = ruled.ask("GET", "/v1/versions", "orders").json()
    assert (versions["fallback"], versions["model"]) == (True, None)
    figures = ruled.ask("GET", "/metrics", "admin").text
    assert "diversion_fallbacks_total" in figures
    assert ruled.log.read_text().count("rules alone decide until one is promoted") == 1


def test_what_only_a_model_could_tell_is_refused_and_inputs_are_not(ruled: Server) -> None:
    """No explanation of a score that is none, no what-if; the vectors are named by the features that ship."""
    answer = Answer.model_validate_json(scored(ruled, "f-inputs").content)
    told = ruled.ask("GET", f"/v1/decisions/{answer.decision_id}/explanation", "analyst")
    assert (told.status_code, told.json()["type"].rpartition(":")[2]) == (409, "not-scored")
    asked = ruled.ask("POST", "/v1/what-if", "analyst", body("f-what"))
    assert (asked.status_code, asked.json()["type"].rpartition(":")[2]) == (503, "no-model")
    told = ruled.ask("GET", f"/v1/decisions/{answer.decision_id}/inputs", "analyst")
    inputs = Inputs.model_validate_json(told.content)
    assert tuple(feature.name for feature in inputs.features) == catalogue().names


def test_the_client_reads_an_answer_of_the_rules(ruled: Server) -> None:
    """One order and many; its advice is the rules' action, not that of a service that cannot answer."""
    order = OrderRequest.model_validate(body("f-client", lines=goods("kit-3")))
    with Client(ruled.url, ruled.keys["orders"]) as client:
        advice = client.advise(order)
        assert (advice.action, advice.why, advice.answer and advice.answer.fallback) == ("review", None, True)
        assert client.score_many([order])[0].answer == advice.answer
    with Client(ruled.url, ruled.keys["analyst"], attempts=1) as client, pytest.raises(ServiceProblem, match="rules"):
        client.explanation(advice.answer.decision_id if advice.answer else "")


def test_a_model_takes_over_without_a_restart(record_url: str, tmp_path: Path) -> None:
    """What the rules decided stays; the record verifies, and the vectors of both come out again."""
    settings = unpromoted(record_url, tmp_path)
    with served(settings) as server, Record.open(record_url) as record:
        before = server.post(body("f1"))
        promote(record, tmp_path, at=NOW)
        after = server.post(body("f2", ordered_at=None))
        assert [each.json()["fallback"] for each in (before, after)] == [True, False]
        assert after.json()["versions"]["model"] == model().fingerprint
        assert server.post(body("f1")).content == before.content
        server.wait("/readyz")
        assert httpx.get(server.url + "/readyz").headers["fallback"] == "false"
        sealed = record.checkpoint(NOW)
        assert isinstance(sealed, Checkpoint)
        found = audit(record, tmp_path)
        assert (found.decisions, found.differences, found.skipped) == (2, (), {})
        assert record.verify([sealed]).faults == ()


def test_a_start_serves_the_last_model_that_can_be_read(sqlite_url: str, tmp_path: Path) -> None:
    """As a service that never stopped would; where none can be read rules decide, and its log says what was refused."""
    settings = unpromoted(sqlite_url, tmp_path)
    with Record.open(sqlite_url) as record:
        promote(record, tmp_path, at=NOW)
        newer = promote(record, tmp_path, model(2), NOW + 1)
    (tmp_path / newer.artefact / "model.txt").write_text("tree")
    desk = Desk(State(settings), now=lambda: NOW + DAY)
    desk.state.keep_up()
    answer = Answer.model_validate_json(desk.score(OrderRequest.model_validate(body("f1"))).body)
    assert (answer.fallback, answer.versions.model) == (False, model().fingerprint)
    desk.state.close()
    (tmp_path / "models" / model().fingerprint / "model.txt").write_text("tree")
    desk.state.keep_up()
    assert (desk.state.fallback, desk.state.ready) == (True, True)
    answer = Answer.model_validate_json(desk.score(OrderRequest.model_validate(body("f2", ordered_at=None))).body)
    assert answer.fallback
    desk.state.close()
