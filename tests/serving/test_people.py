"""Who may say so over HTTP: the holder of the key, once, whatever is in the body."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from features.record import Record
from serving.inquiry_contract import FindingAnswer
from tests.serving.made import Server, body

RULE = "diverted-at-this-reseller"


@pytest.fixture
def people(guarded: Server) -> dict[str, str]:
    """Names under which the server knows the keys of some people; Ana has two."""
    names = {
        "ana": "Ana Lima",
        "ana's other": "ana  lima:legal",
        "ben": "Ben Roy",
        "lea": "Lea:legal",
        "sam": "Sam:sales",
    }
    return {name: guarded.another("analyst", person) for name, person in names.items()}


def told(server: Server, who: str, finding_id: str, **more: Any) -> httpx.Response:
    """Tell that the order of the same name was diverted, or something else of it."""
    said = {"finding_id": finding_id, "outcome": "diverted", "happened_at": "2025-11-09T00:00:00Z"}
    return server.ask("POST", "/v1/findings", who, said | {"order_id": finding_id.partition("/")[0]} | more)


def confirmed(server: Server, who: str, finding_id: str, outcome: str = "diverted", **more: Any) -> httpx.Response:
    """Agree with it."""
    agreed = {"finding_id": finding_id, "outcome": outcome, **more}
    return server.ask("POST", "/v1/findings/confirmations", who, agreed)


def answer(response: httpx.Response, status: int = 201) -> FindingAnswer:
    """The finding that was answered."""
    assert response.status_code == status, response.text
    return FindingAnswer.model_validate_json(response.content)


def kind(response: httpx.Response) -> tuple[int, str]:
    """The status and the kind of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].rpartition(":")[2]


def rules(server: Server, order_id: str, reseller: str) -> set[str]:
    """The rules that fire on a new order of a reseller."""
    asked = body(order_id, ordered_at=None, reseller_id=reseller)
    scored = server.ask("POST", "/v1/score", "orders", asked)
    assert scored.status_code == 200, scored.text
    return {rule["id"] for rule in scored.json()["rules"]}


def test_one_alone_claims_and_another_person_makes_it_stand(guarded: Server, people: dict[str, str]) -> None:
    """Only then are the reseller's new orders held; the trail has both, under their keys."""
    rules(guarded, "p1", "r-people")
    claim = answer(told(guarded, people["ana"], "p1/case"))
    assert (claim.outcome, claim.claimed, claim.people, claim.needs) == (
        "inconclusive", "diverted", 1, "2 different people",
    )  # fmt: skip
    assert RULE not in rules(guarded, "p2", "r-people")
    stands = answer(confirmed(guarded, people["ben"], "p1/case"))
    assert (stands.outcome, stands.claimed, stands.people, stands.needs, stands.revision) == (
        "diverted", None, 2, None, 2,
    )  # fmt: skip
    assert answer(confirmed(guarded, people["ben"], "p1/case"), 200) == stands
    assert RULE in rules(guarded, "p3", "r-people")
    trail = guarded.ask("GET", "/v1/accesses", "auditor").json()["accesses"]
    deeds = [(each["deed"], each["key_id"]) for each in trail if each["subject"] == "p1/case"]
    keys = [guarded.keys[people[name]].split("_")[1] for name in ("ben", "ana")]
    assert deeds == [("confirm finding", keys[0]), ("finding", keys[1])]
    with Record.open(guarded.settings.record_url) as record:
        held = record.finding("p1/case")
    assert held is not None
    assert held.who == ("Ana Lima", "Ben Roy")


def test_the_same_person_twice_is_one(guarded: Server, people: dict[str, str]) -> None:
    """By the same key, by another key of the name however it is written, as the next revision, or all at once."""
    rules(guarded, "p4", "r-alone")
    assert answer(told(guarded, people["ana"], "p4")).claimed == "diverted"
    for who in (people["ana"], people["ana's other"]):
        assert kind(confirmed(guarded, who, "p4")) == (403, "same-person")
        assert answer(told(guarded, who, "p4", revision=2), 200 if who == people["ana"] else 201).claimed == "diverted"
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda who: confirmed(guarded, who, "p4"), [people["ana"], people["ana's other"]] * 4))
    assert RULE not in rules(guarded, "p5", "r-alone")


def test_what_another_told_is_confirmed_and_not_told_again(guarded: Server, people: dict[str, str]) -> None:
    """The same id is taken; agreement names what is agreed with; there must be something."""
    rules(guarded, "p6", "r-told")
    answer(told(guarded, people["ana"], "p6"))
    again = told(guarded, people["ben"], "p6")
    assert (kind(again), again.json()["errors"][0]["pointer"]) == ((422, "differs"), "/finding_id")
    assert kind(confirmed(guarded, people["ben"], "p6", "cleared")) == (409, "says-otherwise")
    assert kind(confirmed(guarded, people["ben"], "p-nothing")) == (404, "no-finding")
    assert kind(confirmed(guarded, "orders", "p6")) == (403, "not-allowed")
    assert kind(confirmed(guarded, people["ben"], "p6", people=["cleo"])) == (422, "invalid")
    assert answer(told(guarded, people["ben"], "p6", revision=2)).outcome == "diverted"


def test_clearing_needs_evidence_and_somebody_outside_sales(guarded: Server, people: dict[str, str]) -> None:
    """The department stands in the name of the key."""
    rules(guarded, "p7", "r-cleared")
    claim = answer(told(guarded, people["sam"], "p7", outcome="cleared", grade="B"))
    assert (claim.outcome, claim.claimed, claim.needs) == (
        "inconclusive", "cleared", "somebody outside sales, as name:department",
    )  # fmt: skip
    assert answer(confirmed(guarded, people["lea"], "p7", "cleared")).outcome == "cleared"
    assert answer(told(guarded, people["lea"], "p7/ungraded", outcome="cleared")).outcome == "inconclusive"
    assert answer(told(guarded, people["lea"], "p7/graded", outcome="cleared", grade="A")).outcome == "cleared"


def test_what_two_said_falls_to_no_single_person(guarded: Server, people: dict[str, str]) -> None:
    """Whatever is said; a withdrawal waits for its second person, and a claim falls to its own people."""
    rules(guarded, "p8", "r-stands")
    answer(told(guarded, people["ana"], "p8"))
    answer(confirmed(guarded, people["ben"], "p8"))
    for outcome in ("inconclusive", "cleared"):
        alone = told(guarded, people["lea"], "p8", revision=3, outcome=outcome, grade="A", note="no")
        assert (kind(alone), alone.json()["errors"][0]["pointer"]) == ((409, "not-vouched"), "/outcome")
    assert RULE in rules(guarded, "p9", "r-stands")
    asked = told(guarded, people["lea"], "p8", revision=3, outcome="withdrawn", note="wrong serial")
    waits = answer(asked)
    assert (waits.outcome, waits.claimed, waits.needs) == ("diverted", "withdrawn", "2 different people")
    again = told(guarded, people["lea"], "p8", revision=3, outcome="withdrawn", note="wrong serial")
    assert (again.status_code, again.content) == (200, asked.content)
    assert RULE in rules(guarded, "p9/2", "r-stands")
    assert kind(confirmed(guarded, people["lea"], "p8", "withdrawn")) == (403, "same-person")
    fallen = answer(confirmed(guarded, people["sam"], "p8", "withdrawn"))
    assert (fallen.outcome, fallen.claimed, fallen.people) == ("withdrawn", None, 2)
    assert RULE not in rules(guarded, "p9/3", "r-stands")
    answer(told(guarded, people["ana"], "p8/claim"))
    taken_back = told(guarded, people["ana"], "p8/claim", revision=2, outcome="withdrawn", note="wrong serial")
    assert answer(taken_back).outcome == "withdrawn"


def test_a_key_that_names_nobody_vouches_for_nothing(guarded: Server) -> None:
    """A department alone is no person."""
    rules(guarded, "p10", "r-nobody")
    assert kind(told(guarded, guarded.another("analyst", ":legal"), "p10")) == (403, "not-allowed")
