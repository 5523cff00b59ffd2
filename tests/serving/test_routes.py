"""Tests of what is answered beside scores, from outside, with keys."""

import json
import time
from typing import Any

import httpx
import numpy as np

from features.record.keys import ROLES
from serving.contract import Answer
from serving.inquiry_contract import Explanation, FindingAnswer, Inputs, ManyAnswer, OrderAnswer, Profile, WhatIf
from serving.logs import WRITE_EVERY_S
from tests.serving.made import FEATURES, Server, body, model

TODAY: dict[str, Any] = {"ordered_at": None}
RISKY = {"line_id": "1", "sku": "kit-3", "quantity": 2, "amount": 99999.99}


def scored(server: Server, order_id: str, **more: Any) -> Answer:
    """Score an order."""
    told = server.ask("POST", "/v1/score", "orders", body(order_id, **TODAY, **more))
    assert told.status_code == 200, told.text
    return Answer.model_validate_json(told.content)


def imagined(server: Server, who: str, order: dict[str, Any]) -> WhatIf:
    """Ask what an order would get."""
    return WhatIf.model_validate_json(server.ask("POST", "/v1/what-if", who, order).content)


def test_an_answer_says_what_it_rests_on_and_what_is_missing(guarded: Server) -> None:
    """Reference data, an interval or why there is none, evidence to ask for, two wordings of each reason."""
    answer = scored(guarded, "c1", lines=[RISKY])
    assert len(answer.versions.reference) == 64
    assert (answer.interval, answer.interval_basis[:4], answer.expected_loss) == (None, "none", None)
    missing = {each.field: each.lines for each in answer.missing_evidence}
    assert missing == {"end_user_id": ["1"], "declared_use": ["1"], "ship_to": ["1"]}
    assert answer.lines[0].reasons
    assert all(reason.neutral != reason.sentence for reason in answer.lines[0].reasons)
    assert all(rule.neutral != rule.because for rule in answer.rules)


def test_many_orders_are_answered_row_by_row(guarded: Server) -> None:
    """A bad row is a problem with its pointer, a known one a replay; the answers are the stored bytes."""
    known = scored(guarded, "c2")
    rows = [body("c3", **TODAY), {"order_id": "c4"}, body("c2", **TODAY), 7, body("c3", **TODAY, reseller_id="r2")]
    told = guarded.ask("POST", "/v1/score-many", "orders", {"orders": rows})
    results = ManyAnswer.model_validate_json(told.content).results
    assert [row.status for row in results] == [200, 422, 200, 422, 422]
    assert results[2].answer == known
    assert results[1].problem is not None
    assert "/reseller_id" in {fault.pointer for fault in results[1].problem.errors}
    assert results[0].answer is not None
    stored = guarded.ask("GET", f"/v1/decisions/{results[0].answer.decision_id}", "orders").content
    assert b'{"index":0,"status":200,"answer":' + stored + b"}" in told.content
    wrongs: tuple[Any, ...] = ({}, {"orders": []}, {"orders": [1] * 501}, {"orders": rows, "more": 1}, [])
    for wrong in wrongs:
        assert guarded.ask("POST", "/v1/score-many", "orders", wrong).status_code == 422


def test_a_what_if_decides_nothing_and_is_kept_as_a_question(guarded: Server) -> None:
    """No order, no decision; the trail tells who asked and what came out; fewer are left."""
    who = guarded.another("analyst")
    first, second = imagined(guarded, who, body("w1", lines=[RISKY])), imagined(guarded, who, body("w1"))
    assert (first.action, first.remaining - second.remaining) == ("hold", 1)
    assert first.lines[0].reasons
    assert guarded.ask("GET", "/v1/orders/w1", "analyst").status_code == 404
    trail = guarded.ask("GET", "/v1/accesses", "auditor").json()["accesses"]
    asked = [each for each in trail if (each["deed"], each["subject"]) == ("what-if", "w1")]
    assert len(asked) == 2
    assert asked[1]["detail"]["probability"] == first.probability
    for each in range(2):
        assert scored(guarded, f"w-after-{each}").action


def test_a_what_if_says_what_the_order_would_get(guarded: Server) -> None:
    """The same order, dated at the newest event and then placed then, gets the probability that was told."""
    before = imagined(guarded, guarded.another("analyst"), body("w2"))
    told = guarded.ask("POST", "/v1/score", "orders", body("w2", ordered_at=before.t))
    answer = Answer.model_validate_json(told.content)
    assert (answer.t, answer.probability, answer.action) == (before.t, before.probability, before.action)


def test_what_ifs_run_out(guarded: Server) -> None:
    """429 with Retry-After: the threshold cannot be felt out in an hour."""
    who = guarded.another("analyst")
    assert [imagined(guarded, who, body("w3")).remaining for _ in range(60)] == list(range(59, -1, -1))
    answer = guarded.ask("POST", "/v1/what-if", who, body("w3"))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert guarded.ask("GET", "/v1/versions", who).status_code == 200


def test_an_explanation_equals_what_was_told_at_once(guarded: Server) -> None:
    """And tells the threshold, and the score with a feature at its norm."""
    answer = scored(guarded, "c5", lines=[RISKY, {"line_id": "2", "sku": "kit-0", "quantity": 1, "amount": 5}])
    told = guarded.ask("GET", f"/v1/decisions/{answer.decision_id}/explanation", "analyst")
    explained = Explanation.model_validate_json(told.content)
    for line, other in zip(answer.lines, explained.lines, strict=True):
        assert (line.line_id, line.probability) == (other.line_id, other.probability)
        assert line.reasons in (None, other.reasons)
    standing = explained.standing
    assert standing.threshold == model().policy.threshold
    assert standing.waits_for_rules == [rule.id for rule in answer.rules]
    assert standing.changes
    assert all(change.waits == (change.probability >= standing.threshold) for change in standing.changes)


def test_inputs_are_the_vectors_that_were_scored(guarded: Server) -> None:
    """Named, and the model says the same of them again."""
    answer = scored(guarded, "c6")
    told = Inputs.model_validate_json(
        guarded.ask("GET", f"/v1/decisions/{answer.decision_id}/inputs", "modeller").content
    )
    assert tuple(feature.name for feature in told.features) == FEATURES.names
    values = np.array([line.values for line in told.lines], dtype=np.float64)
    assert model().classifier.predict(values).tolist() == [line.probability for line in answer.lines]
    assert (told.order.order_id, told.order.lines[0].sku) == ("c6", "kit-2")


def test_a_finding_is_taken_once(guarded: Server) -> None:
    """201, then 200; another content is refused; a correction is the next revision, and a withdrawal says why."""
    scored(guarded, "c7", reseller_id="r7")
    finding = {"finding_id": "F1", "outcome": "diverted", "happened_at": "2025-11-09T00:00:00Z", "order_id": "c7"}
    first, again = (guarded.ask("POST", "/v1/findings", "analyst", finding) for _ in range(2))
    assert (first.status_code, again.status_code, again.content == first.content) == (201, 200, True)
    assert FindingAnswer.model_validate_json(first.content).claimed == "diverted"
    other = guarded.ask("POST", "/v1/findings", "analyst", finding | {"outcome": "cleared"})
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/outcome")
    next_but_one = finding | {"revision": 3, "outcome": "withdrawn", "note": "another order"}
    assert guarded.ask("POST", "/v1/findings", "analyst", next_but_one).status_code == 409
    unexplained = guarded.ask("POST", "/v1/findings", "analyst", next_but_one | {"revision": 2, "note": None})
    assert (unexplained.status_code, unexplained.json()["errors"][0]["pointer"]) == (422, "/note")
    for status in (201, 200):
        assert guarded.ask("POST", "/v1/findings", "analyst", next_but_one | {"revision": 2}).status_code == status


def test_findings_on_nothing_are_refused_with_a_pointer(guarded: Server) -> None:
    """Unknown orders and lines, both or neither party, times to come."""
    good = {"finding_id": "F9", "outcome": "cleared", "happened_at": "2025-11-09T00:00:00Z", "order_id": "h5"}
    for wrong, field in (
        ({"order_id": "nothing"}, "/order_id"), ({"line_id": "nothing"}, "/line_id"), ({"order_id": None}, "/order_id"),
        ({"reseller_id": "r1"}, "/order_id"), ({"happened_at": "2099-01-01"}, "/happened_at"),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, "/happened_at"), ({"outcome": "guilty"}, "/outcome"),
        ({"confidence": 2}, "/confidence"), ({"who": ["x", "y"]}, "/who"), ({"grade": "E"}, "/grade"),
        ({"outcome": "withdrawn", "note": "never said"}, "/outcome"), ({"claimed": "diverted"}, "/claimed"),
    ):  # fmt: skip
        told = guarded.ask("POST", "/v1/findings", "analyst", good | wrong)
        assert (told.status_code, [fault["pointer"] for fault in told.json()["errors"]]) == (422, [field]), wrong


def test_an_order_can_be_revised_and_cancelled(guarded: Server) -> None:
    """And is told with all that became of it."""
    first, second = scored(guarded, "c9"), scored(guarded, "c9", revision=2, reseller_id="r3")
    cancelled = {"status": "cancelled"}
    told = [guarded.ask("POST", "/v1/orders/c9/statuses", "orders", cancelled) for _ in range(2)]
    assert ([each.status_code for each in told], told[0].content == told[1].content) == ([201, 200], True)
    shipped = {"status": "shipped", "happened_at": "2025-11-09T00:00:00Z"}
    assert guarded.ask("POST", "/v1/orders/c9/statuses", "orders", shipped).status_code == 201
    order = OrderAnswer.model_validate_json(guarded.ask("GET", "/v1/orders/c9", "auditor").content)
    assert [each.decision_id for each in order.revisions] == [first.decision_id, second.decision_id]
    assert [each.status for each in order.statuses] == ["cancelled", "shipped"]
    assert guarded.ask("POST", "/v1/orders/nothing/statuses", "orders", cancelled).status_code == 404


def test_a_reseller_has_a_history_and_norms(guarded: Server) -> None:
    """Windows lie within one another; one that only orders name has one too, one that nobody names none."""
    scored(guarded, "c12", reseller_id="r2")
    told = Profile.model_validate_json(guarded.ask("GET", "/v1/resellers/r2", "analyst").content)
    assert (told.registered, told.sites[0].country, told.currency) == (True, "US", "USD")
    assert told.orders >= told.windows[-1].orders > 0
    assert [window.days for window in told.windows] == [30, 90, 365]
    assert told.norms.lines_an_order is not None
    assert told.norms.lines_an_order == told.windows[-1].lines / told.windows[-1].orders
    assert {finding.outcome for finding in told.findings} <= {"diverted", "cleared"}
    scored(guarded, "c10", reseller_id="unheard of")
    stranger = Profile.model_validate_json(guarded.ask("GET", "/v1/resellers/unheard of", "analyst").content)
    assert (stranger.registered, stranger.orders, stranger.newest[0].order_id) == (False, 1, "c10")
    assert guarded.ask("GET", "/v1/resellers/nobody", "analyst").status_code == 404


def test_versions_name_what_answers(guarded: Server) -> None:
    """For every role."""
    told = [guarded.ask("GET", "/v1/versions", role) for role in ROLES]
    assert {each.status_code for each in told} == {200}
    now = told[0].json()
    assert (now["model"], now["policy"]) == (model().fingerprint, model().policy.version)
    assert [each["serves"] for each in now["promotions"]] == [True]


def test_figures_tell_actions_rules_and_missing_fields(guarded: Server) -> None:
    """Of the orders that the tests before this one sent."""
    told = guarded.ask("GET", "/metrics", "auditor").text
    for figure in (
        'diversion_actions_total{action="hold"}', 'diversion_missing_fields_total{field="ship_to"}',
        'diversion_answers_total{route="POST /v1/score",status="200"}', "diversion_probability_bucket",
        "diversion_rules_fired_total", "diversion_store_up 1.0", "diversion_store_lag_entries",
        "diversion_model_age_seconds", "diversion_answer_seconds_bucket",
    ):  # fmt: skip
        assert figure in told, figure


def test_each_line_of_the_service_s_log_is_json_and_names_the_decision(guarded: Server) -> None:
    """So that an answer can be found again; no body stands there."""
    answer = scored(guarded, "c11")
    until = time.monotonic() + 10
    while answer.decision_id not in guarded.log.read_text() and time.monotonic() < until:
        time.sleep(WRITE_EVERY_S)
    lines = [json.loads(line) for line in guarded.log.read_text().splitlines() if line.startswith("{")]
    found = [line for line in lines if line.get("decision") == answer.decision_id]
    assert [(line["route"], line["status"]) for line in found] == [("POST /v1/score", 200)]
    assert "kit-2" not in guarded.log.read_text()


def test_ids_in_addresses_may_hold_anything(guarded: Server) -> None:
    """They are looked up, never trusted."""
    for strange in ("%00", "a%0ab", "%ff%fe", "..%2f..%2fetc", "'; DROP TABLE ledger", "x" * 3_000):
        for path in ("decisions", "orders", "resellers"):
            told = httpx.get(
                f"{guarded.url}/v1/{path}/{strange}", headers={"Authorization": f"Bearer {guarded.keys['analyst']}"}
            )
            assert told.status_code == 404, (path, strange, told.text)
