"""Tests of one order's walk: kept before it is answered, seen by the next one, answered once."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.measures import DAY, SECOND, instant
from features.record import Record, Unavailable, Writer
from models.decision import decide
from models.rules import declared
from models.spread import BASIS, Spread
from serving.contract import Answer, Interval, OrderRequest
from serving.desk import Answered, Desk
from serving.problems import Problem
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import FEATURES, NOW, body, model, promote, recomputed

TODAY = instant("2025-11-09T00:02:00Z")
COUNT = FEATURES.names.index("reseller_orders_count_30d")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk at which time stands still."""
    made = Desk(State(settings), now=lambda: TODAY)
    made.state.keep_up()
    yield made
    made.state.close()


def ask(desk: Desk, order_id: str = "n1", **more: Any) -> Answered:
    """Score an order."""
    return desk.score(OrderRequest.model_validate(body(order_id, **more)))


def stored(desk: Desk, order_id: str = "n1", revision: int = 1) -> Any:
    """The vectors that were kept with a decision."""
    decision = desk.state.record.decision(order_id, revision)
    assert decision is not None
    return np.frombuffer(decision.vectors, "<f8").reshape(-1, len(FEATURES.names))


def test_an_answer_is_json_with_nothing_between(desk: Desk) -> None:
    """All that the contract names, in its order, as `json.dumps` writes it."""
    bare = {"line_id": "é", "sku": "kit-3", "end_user_id": None, "amount": None}
    for answered in (ask(desk), ask(desk, "n2", lines=[bare]), ask(desk, "n3", end_user_class="security")):
        content = json.loads(answered.body)
        assert answered.body == json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        assert list(content) == list(Answer.model_fields)
        assert answered.gist is not None
        assert answered.gist.missing == tuple(each["field"] for each in content["missing_evidence"])
        assert answered.gist.rules == tuple(each["id"] for each in content["rules"])
        told = (content["action"], content["fallback"], content["probability"])
        assert told == (answered.gist.action, answered.gist.fallback, answered.gist.probability)


def test_an_answer_is_kept_as_it_was_sent(desk: Desk) -> None:
    """The bytes, the moment, the position, and what made it."""
    answered = ask(desk)
    answer = Answer.model_validate_json(answered.body)
    decision = desk.state.record.decision_by_id(answer.decision_id)
    assert decision is not None
    assert desk.decision(answer.decision_id).body == decision.response == answered.body
    assert (decision.t, decision.position_seen) == (answer.t_us, answer.position)
    assert (answer.versions.model, answer.versions.features) == (model().fingerprint, FEATURES.fingerprint)
    order = desk.state.record.order("n1")
    assert order is not None
    again = decide(model(), stored(desk), [declared(order.event, line) for line in order.event.lines], answer.t_us)
    assert (again.probability, again.action) == (answer.probability, answer.action)


def test_an_order_asked_about_twice_gets_the_same_bytes_and_one_decision(desk: Desk) -> None:
    """However its JSON is written, and wherever the end user stands."""
    first, position = ask(desk), desk.state.record.position()
    again = ask(desk)
    line = {"line_id": "1", "sku": "kit-2", "quantity": 2.0, "amount": "12.1"}
    otherwise = ask(desk, end_user_id="lab", ordered_at="2025-11-09T01:01:00+01:00", lines=[line])
    assert (first.again, again.again, otherwise.again) == (False, True, True)
    assert first.body == again.body == otherwise.body
    assert desk.state.record.position() == position


def test_an_order_asked_about_again_with_another_content_is_refused(desk: Desk) -> None:
    """With the fields in which it differs."""
    ask(desk)
    line = {"line_id": "1", "sku": "kit-2", "quantity": "3", "amount": "12.10"}
    with pytest.raises(Problem) as caught:
        ask(desk, reseller_id="r2", lines=[line])
    assert (caught.value.kind, caught.value.status) == ("order-differs", 422)
    faults = {fault.pointer: (fault.detail, fault.value) for fault in caught.value.faults}
    assert faults["/lines/0/end_user_id"] == ("was lab when it was answered", None)
    assert faults["/reseller_id"] == ("was r1 when it was answered", "r2")
    assert set(faults) == {"/lines/0/end_user_id", "/lines/0/quantity", "/reseller_id"}


def test_the_next_order_sees_this_one_as_history_and_not_itself(desk: Desk) -> None:
    """One more order of this reseller, a second later."""
    ask(desk, "n1")
    ask(desk, "n2", ordered_at="2025-11-09T00:01:01Z")
    assert stored(desk, "n2")[0, COUNT] == stored(desk, "n1")[0, COUNT] + 1


def test_every_vector_is_the_one_that_a_replay_gives(desk: Desk) -> None:
    """Bit for bit: on time, late, of one instant, revised, without a time, and with what others appended in between."""
    ask(desk, "n1", reseller_id="r2")
    ask(desk, "n2", reseller_id="r2")
    ask(desk, "n1", reseller_id="r3", revision=2, ordered_at="2025-11-09T00:01:30Z")
    ask(desk, "late", reseller_id="r2", ordered_at="2025-01-01T00:00:00Z")
    record = desk.state.record
    found, moved = a.finding("g1", order_id="n1", at=TODAY - 30 * SECOND), a.reseller("r2", at=TODAY - 1, country="CN")
    record.append([found, moved, a.order("imported", reseller="r2", at=TODAY - 20)], source="test", recorded_at=TODAY)
    ask(desk, "n3", reseller_id="r2", ordered_at=None)
    ask(desk, "n1", reseller_id="r2", revision=3, ordered_at=None)
    computed = recomputed(record)
    for key in (("n1", 1), ("n2", 1), ("n1", 2), ("late", 1), ("n3", 1), ("n1", 3)):
        assert stored(desk, *key).tobytes() == computed[key].tobytes(), key


def test_a_backfill_from_before_is_taken_in_by_a_replay(desk: Desk) -> None:
    """An import that is dated before what the engine has seen."""
    ask(desk, "n1")
    old = a.order("old", reseller="r1", at=NOW - DAY)
    desk.state.record.append([old], source="test", recorded_at=TODAY)
    ask(desk, "n2", ordered_at=None)
    assert stored(desk, "n2").tobytes() == recomputed(desk.state.record)["n2", 1].tobytes()


def test_an_order_behind_the_clock_is_late_and_sees_all_that_was_answered(desk: Desk) -> None:
    """Its moment is just after the newest."""
    first = Answer.model_validate_json(ask(desk, "n1").body)
    late = Answer.model_validate_json(ask(desk, "n2", ordered_at="2025-11-08T00:00:00Z").body)
    assert (first.late, late.late) == (False, True)
    assert late.t_us == first.t_us + 1
    held = [desk.state.record.order(order_id) for order_id in ("n1", "n2")]
    assert [entry.late for entry in held if entry] == [False, True]


def test_money_in_another_currency_is_valued_at_the_record_s_rate(desk: Desk) -> None:
    """The newest rate counts from the next order on; the same order asked about again keeps its answer."""
    line = {"line_id": "1", "sku": "kit-2", "amount": "100.00", "currency": "EUR"}
    first = ask(desk, "n1", lines=[line])
    desk.state.record.append([a.rate("EUR", "2", at=a.T0 + DAY)], source="test", recorded_at=TODAY)
    ask(desk, "n2", lines=[line])
    held = [desk.state.record.order(order_id) for order_id in ("n1", "n2")]
    assert [entry.event.lines[0].value for entry in held if entry] == [12_500, 20_000]
    assert ask(desk, "n1", lines=[line]).body == first.body


def test_revisions_come_in_their_order(desk: Desk) -> None:
    """The second after the first, and an imported order only as its next revision."""
    with pytest.raises(Problem, match="revision 1 of order 'n1' comes first"):
        ask(desk, revision=2)
    with pytest.raises(Problem, match="order-known"):
        ask(desk, "h7")
    assert json.loads(ask(desk, "h7", revision=2).body)["revision"] == 2


def test_an_order_from_the_future_is_refused(desk: Desk) -> None:
    """More than five minutes ahead: a clock or a zone is wrong."""
    with pytest.raises(ValueError, match="5 minutes ahead"):
        ask(desk, ordered_at="2025-11-09T00:08:00Z")
    assert desk.state.record.order("n1") is None


def test_what_fails_before_the_commit_keeps_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the order nor the decision, and the next order's vector is as if it had never come.

    The order that fails is read five minutes later, when `n0` is visible; to `n2`, of the same instant, it is not.
    """
    ask(desk, "n0")
    position = desk.state.record.position()

    def away(*_: Any, **__: Any) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(Writer, "write", away)
        with pytest.raises(Unavailable):
            ask(desk, "n1", ordered_at="2025-11-09T00:06:00Z")
    assert desk.state.record.position() == position
    ask(desk, "n2")
    assert stored(desk, "n2").tobytes() == recomputed(desk.state.record)["n2", 1].tobytes()


def test_a_newly_promoted_model_answers_the_next_order(desk: Desk, settings: Settings) -> None:
    """Another model with other features; a folder that was changed is refused, and the old one goes on."""
    other = model(2)
    promote(desk.state.record, settings.home, other, TODAY)
    assert json.loads(ask(desk, "n1").body)["versions"]["model"] == other.fingerprint
    third = promote(desk.state.record, settings.home, model(3), TODAY + 1)
    (settings.home / third.artefact / "model.txt").write_text("tree")
    assert json.loads(ask(desk, "n2").body)["versions"]["model"] == other.fingerprint
    assert desk.state.ready


def test_a_model_that_knows_its_spread_answers_with_an_interval(desk: Desk, settings: Settings) -> None:
    """Around the probability, and told what it rests on; it is read, not computed."""
    spread = Spread(0.9, (0.0, 0.5, 1.0), (0.0, 0.25, 0.75), (0.25, 0.75, 1.0))
    promote(desk.state.record, settings.home, replace(model(), spread=spread), TODAY)
    answer = Answer.model_validate_json(ask(desk).body)
    assert answer.probability is not None
    assert answer.interval == Interval(**asdict(spread.interval(answer.probability)))
    assert answer.interval_basis == BASIS


def test_a_file_that_is_taken_away_is_not_written_in_vain(sqlite_settings: Settings) -> None:
    """Nothing is answered while it is away; when it is back, so is the service."""
    desk = Desk(State(sqlite_settings), now=lambda: TODAY)
    desk.state.keep_up()
    with Record.open(sqlite_settings.record_url) as record:
        position = record.position()
    folder = Path(sqlite_settings.record_url.removeprefix("sqlite:///")).parent
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(Unavailable, match="removed or replaced"):
        ask(desk)
    away.rename(folder)
    assert json.loads(ask(desk).body)["position"] == position
    desk.state.close()
