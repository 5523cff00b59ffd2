"""The skew audit: what decisions kept comes out again, and what was tampered with is found."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.measures import DAY, SECOND, instant
from features.record import Decision, Record
from serving.audit import Audit, Difference, audit
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import FEATURES, NOW, body, model, promote

TODAY = instant("2025-11-09T00:02:00Z")
COUNT = FEATURES.names.index("reseller_orders_count_30d")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk at which time stands still."""
    made = Desk(State(settings), now=lambda: TODAY)
    made.state.keep_up()
    yield made
    made.state.close()


def ask(desk: Desk, order_id: str, **more: Any) -> None:
    """Score an order."""
    desk.score(OrderRequest.model_validate(body(order_id, **more)))


def add(desk: Desk, *events: Any) -> None:
    """What others append."""
    assert desk.state.record.append(events, source="test", recorded_at=TODAY).complete


def audited(desk: Desk, settings: Settings, **more: Any) -> Audit:
    """An audit of the desk's record."""
    return audit(desk.state.record, settings.home, **more)


def kept(record: Record, order_id: str) -> Decision:
    """The decision on an order."""
    decision = record.decision(order_id, 1)
    assert decision is not None
    return decision


def tampered(desk: Desk, order_id: str, add_one_to: int) -> Decision:
    """A decision like that on n1, on an order of the same content and moment, with one value that is not true."""
    true = kept(desk.state.record, "n1")
    order = desk.state.record.order("n1")
    assert order is not None
    vectors = np.frombuffer(true.vectors, "<f8").copy()
    vectors[add_one_to] += 1
    fields: dict[str, Any] = {"order_id": order_id, "decision_id": f"{order_id}-decision", "vectors": vectors.tobytes()}
    decision = replace(true, **fields, position_seen=desk.state.record.position())
    add(desk, replace(order.event, order_id=order_id), decision)
    return decision


def test_what_a_desk_decided_comes_out_again(desk: Desk, settings: Settings) -> None:
    """On time, late, of one instant, revised, without a time; one pass over the record for all of them."""
    ask(desk, "n1", reseller_id="r2")
    ask(desk, "n2", reseller_id="r2", lines=[body()["lines"][0] | {"line_id": str(n)} for n in range(3)])
    ask(desk, "n1", reseller_id="r3", revision=2, ordered_at="2025-11-09T00:01:30Z")
    ask(desk, "late", reseller_id="r2", ordered_at="2025-01-01T00:00:00Z")
    add(desk, a.finding("g1", order_id="n1", at=TODAY - 20 * SECOND), a.reseller("r2", at=TODAY - 1, country="CN"))
    ask(desk, "n3", reseller_id="r2", ordered_at=None)
    found = audited(desk, settings)
    assert (found.decisions, found.lines, found.differences, found.skipped) == (5, 7, (), {})
    assert found.passes == 1


def test_a_backfill_that_came_later_does_not_enter(desk: Desk, settings: Settings) -> None:
    """Known before the decision's moment, recorded after it: the record is cut there, once for each such import."""
    ask(desk, "n1")
    add(desk, a.order("old", reseller="r1", at=NOW - DAY), a.product("kit-2", at=NOW - 2 * DAY, sensitivity=0))
    ask(desk, "n2", ordered_at=None)
    ask(desk, "n3", ordered_at=None)
    add(desk, a.finding("g1", order_id="old", at=NOW))
    ask(desk, "n4", ordered_at=None)
    found = audited(desk, settings)
    assert (found.decisions, found.differences) == (4, ())
    assert found.passes == 3


@pytest.mark.parametrize("seed", range(2))
def test_whatever_comes_in_between_decisions_comes_out_again(sqlite_settings: Settings, seed: int) -> None:
    """Orders, findings, products and resellers of any past, between one decision and the next."""
    dice, made = np.random.default_rng(seed), Desk(State(sqlite_settings), now=lambda: TODAY)
    made.state.keep_up()
    backfills = 0
    for number in range(24):
        at, name = NOW - int(dice.integers(40)) * DAY, f"x{number}"
        past = (
            a.order(name, reseller="r1", at=at, end_user_id="lab", sku="kit-2"),
            a.finding(name, order_id=f"h{dice.integers(250)}", at=at),
            a.product("kit-2", at=at + number, sensitivity=int(dice.integers(4))),
        )
        if dice.random() < 0.3:
            add(made, past[dice.integers(3)])
            backfills += 1
        else:
            ask(made, name, ordered_at=None)
    found = audited(made, sqlite_settings)
    made.state.close()
    assert (found.decisions, found.differences, found.skipped) == (24 - backfills, (), {})
    assert 1 < found.passes <= backfills + 1


def test_a_vector_that_was_tampered_with_is_found(desk: Desk, settings: Settings) -> None:
    """With its decision, order, line and feature, what stands there and what is true."""
    ask(desk, "n1")
    decision = tampered(desk, "wrong", COUNT)
    true = float(np.frombuffer(decision.vectors, "<f8")[COUNT]) - 1
    found = audited(desk, settings)
    assert found.differences == (
        Difference("wrong-decision", "wrong", 1, "1", FEATURES.names[COUNT], true + 1, true),
    )  # fmt: skip
    assert "1 of them differ" in str(found)


def test_vectors_of_another_length_are_found(desk: Desk, settings: Settings) -> None:
    """Half a vector is no vector."""
    ask(desk, "n1")
    decision = tampered(desk, "wrong", COUNT)
    order = desk.state.record.order("wrong")
    assert order is not None
    half = replace(decision, order_id="half", decision_id="half", vectors=decision.vectors[:8])
    add(desk, replace(order.event, order_id="half"), half)
    (difference,) = audited(desk, settings, limit=1).differences
    assert (difference.feature, difference.stored) == ("vectors", 1.0)
    assert difference.recomputed == len(FEATURES.names)


def test_each_model_is_audited_with_its_own_definitions(desk: Desk, settings: Settings) -> None:
    """After another one was promoted; a folder that is gone is told, and the rest is audited."""
    ask(desk, "n1")
    other = model(2)
    promote(desk.state.record, settings.home, other, at=TODAY)
    ask(desk, "n2", ordered_at=None)
    assert audited(desk, settings).decisions == 2
    assert audited(desk, settings, model=other.fingerprint[:12]).decisions == 1
    shutil.rmtree(settings.home / "models" / model().fingerprint)
    found = audited(desk, settings)
    assert (found.decisions, found.differences) == (1, ())
    [(reason, count)] = found.skipped.items()
    assert count == 1
    assert model().fingerprint[:12] in reason


def test_a_part_of_the_decisions_may_be_audited(desk: Desk, settings: Settings) -> None:
    """Those since a moment, or the newest."""
    for name in ("n1", "n2", "n3"):
        ask(desk, name, ordered_at=None)
    assert audited(desk, settings, limit=2).decisions == 2
    assert audited(desk, settings, since=TODAY).decisions == 3
    assert audited(desk, settings, since=TODAY + 1).decisions == 0
