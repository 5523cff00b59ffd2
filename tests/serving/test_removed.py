"""What the service says of orders that were removed, and how all that looks back copes with their absence."""

import json
import time
from typing import Any

import httpx
import numpy as np

from features.measures import DAY
from features.record import Decision, Record
from features.retention.policy import RetentionRule, years_after
from features.retention.removing import Removal, retain
from serving.audit import audit
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.reach import bounded, longest
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import FEATURES, NOW, body, recomputed, served

RULES = (RetentionRule("made up", 1, "the test"),)
REMOVAL = Removal(("ana", "ben"), "policy 7")
TODAY = years_after(NOW, 1)
"""A year after the history ends: all orders of the past have been kept for their time."""


def kept_for_a_year(settings: Settings, now: int = TODAY) -> int:
    """Remove what is older than a year; returns how many orders went."""
    with Record.open(settings.record_url) as record:
        return retain(record, RULES, now, REMOVAL).over.total()


def kind(answer: httpx.Response) -> tuple[int, str]:
    """The status and the kind of a problem."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_what_was_removed_is_answered_410_with_the_reason(settings: Settings) -> None:
    """Orders, decisions and what rests on them; asked again the order is not decided anew, and others still are."""
    with served(settings) as server:
        decision = server.post(body("gone")).json()["decision_id"]
        later = years_after(time.time_ns() // 1000, 2)
        with Record.open(settings.record_url) as record:
            record.append([a.finding("keep", order_id="h0", at=NOW)], source="test", recorded_at=NOW)
        assert kept_for_a_year(settings, later) > 200
        for path in (f"decisions/{decision}", f"decisions/{decision}/explanation", f"decisions/{decision}/inputs",
                     "orders/gone"):  # fmt: skip
            answer = httpx.get(f"{server.url}/v1/{path}")
            assert kind(answer) == (410, "removed"), answer.text
            assert "policy 7; kept for its time: made up (1 years)" in answer.json()["detail"]
        assert kind(server.post(body("gone"))) == (410, "removed")
        assert kind(server.post(body("gone", revision=2))) == (410, "removed")
        assert kind(server.post({"status": "shipped"}, "/v1/orders/gone/statuses")) == (410, "removed")
        many = server.post({"orders": [body("gone"), body("stays", ordered_at=None)]}, "/v1/score-many").json()
        assert [row["status"] for row in many["results"]] == [410, 200]
        assert kind(httpx.get(f"{server.url}/v1/orders/nothing")) == (404, "no-order")


def desk_at(settings: Settings, now: int) -> Desk:
    """A desk at which time stands still."""
    desk = Desk(State(settings), now=lambda: now)
    desk.state.keep_up()
    return desk


def asked(desk: Desk, order_id: str, **more: Any) -> Any:
    """The vectors of an order's line, as its decision kept them."""
    desk.score(OrderRequest.model_validate(body(order_id, ordered_at=None, **more)))
    decision = desk.state.record.decision(order_id, 1)
    assert decision is not None
    return np.frombuffer(decision.vectors, "<f8")


def test_a_running_engine_forgets_what_a_new_one_never_sees(settings: Settings) -> None:
    """After a removal all states say the same: the one that saw the orders, one from its snapshot, and a replay."""
    running = desk_at(settings, TODAY)
    orders_all = FEATURES.names.index("reseller_orders_count_all")
    before = asked(running, "n1")
    running.state.tend(every=1)
    assert kept_for_a_year(settings) > 200
    vectors = [asked(running, "n2", reseller_id="r1")]
    running.state.close()
    restored = desk_at(settings, TODAY)
    vectors.append(asked(restored, "n3", reseller_id="r1"))
    restored.state.close()
    assert before[orders_all] > 10 > vectors[0][orders_all] >= 1
    with Record.open(settings.record_url) as record:
        again = recomputed(record)
    for order_id, vector in zip(("n2", "n3"), vectors, strict=True):
        assert np.array_equal(vector, again[order_id, 1][0], equal_nan=True)


def test_the_audit_compares_what_can_still_be_told_and_says_so(sqlite_settings: Settings) -> None:
    """Decisions since the removal wholly, older ones in bounded windows; an edit there is found."""
    desk = desk_at(sqlite_settings, NOW + 100 * DAY)
    asked(desk, "looks back on it")
    long_after = TODAY + (longest(FEATURES) + 1) * DAY
    desk.state.close()
    desk = desk_at(sqlite_settings, long_after)
    asked(desk, "long after")
    with Record.open(sqlite_settings.record_url) as record:
        newest = max(t for t in record.lines()["t"].to_pylist() if t <= NOW)
    assert kept_for_a_year(sqlite_settings, years_after(newest, 1)) > 200
    asked(desk, "since")
    record = desk.state.record
    found = audit(record, sqlite_settings.home)
    assert (found.decisions, found.partly, found.differences) == (2, 1, ())
    assert found.skipped == {"it looked back on orders that were removed since": 1}
    assert "of 1 only in the features that reach back to no removed order" in str(found)
    for name in ("value", "reseller_orders_count_all"):  # of the second nothing can be told any more
        _tampered(record, f"edited {name}", FEATURES.names.index(name))
        assert [each.feature for each in audit(record, sqlite_settings.home).differences] == ["value"]
    desk.state.close()


def _tampered(record: Record, order_id: str, column: int) -> None:
    """A decision like that of long after, on an order like its own, with one value that is not true."""
    true = record.decision("long after", 1)
    order = record.order("long after")
    assert true is not None
    assert order is not None
    values = np.frombuffer(true.vectors, "<f8").copy()
    values[column] += 1
    fields = {name: getattr(true, name) for name in Decision.__dataclass_fields__}
    said = json.loads(true.response)
    edited = Decision(**fields | {
        "decision_id": f"d {order_id}", "order_id": order_id, "vectors": values.tobytes(),
        "response": json.dumps(said).encode(),
    })  # fmt: skip
    copy = a.order(order_id, reseller=order.event.reseller_id, at=true.t, lines=order.event.lines)
    assert record.append([copy, edited], source="test", recorded_at=TODAY).complete


def test_columns_that_look_back_for_ever_are_known_by_name() -> None:
    """Counts over a window and facts of the line are not among them."""
    near = dict(zip(FEATURES.names, bounded(FEATURES).tolist(), strict=True))
    assert (longest(FEATURES), near["reseller_orders_count_30d"], near["value"]) == (365, True, True)
    assert not any(near[name] for name in near if name.endswith("_all"))
