"""Orders that share a commit are answered as if they had come one by one, and never spoil each other."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import serving.turn
from features.measures import instant
from features.record import Record, Unavailable, Writer
from models.fallback import judged_each
from serving.contract import OrderRequest
from serving.desk import Answered, Desk, Outcome
from serving.problems import Problem
from serving.settings import Settings
from serving.state import State
from tests.serving.made import body, recomputed, world

TODAY = instant("2025-11-09T00:02:00Z")
TIMES = (None, "2025-11-09T00:01:00Z", "2025-11-09T00:01:05Z", "2025-11-09T00:06:00Z", "2025-01-01T00:00:00Z")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk at which time stands still."""
    made = opened(settings)
    yield made
    made.state.close()


def opened(settings: Settings) -> Desk:
    """A desk that has caught up."""
    made = Desk(State(settings), now=lambda: TODAY)
    made.state.keep_up()
    return made


def request(order_id: str, **more: Any) -> OrderRequest:
    """A request to score an order."""
    return OrderRequest.model_validate(body(order_id, **more))


def told(outcome: Outcome) -> object:
    """What a caller reads."""
    return outcome if isinstance(outcome, Answered) else str(outcome)


def kept(record: Record) -> list[Any]:
    """Everything in the record."""
    return list(record.tail(0))


ORDERS = st.builds(
    lambda number, revision, at, reseller, units: request(
        f"n{number}", revision=revision, ordered_at=at, reseller_id=f"r{reseller}",
        lines=[{"line_id": "1", "sku": "kit-2", "quantity": str(units), "amount": "12.10"}],
    ),
    st.integers(0, 3), st.sampled_from((1, 1, 2)), st.sampled_from(TIMES), st.integers(0, 1), st.integers(1, 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Desk]:
    """Two desks, each on a record of its own with the same history."""
    homes = [tmp_path_factory.mktemp(name) for name in ("together", "alone")]
    return tuple(opened(world(f"sqlite:///{home}/record.db", home, orders=30)) for home in homes)  # type: ignore[return-value]


@settings(max_examples=25, deadline=None)
@given(groups=st.lists(st.lists(ORDERS, max_size=6), max_size=3), run=st.uuids())
def test_a_group_is_answered_as_one_by_one(
    worlds: tuple[Desk, Desk], groups: Sequence[Sequence[OrderRequest]], run: Any
) -> None:
    """Bytes, vectors, moments, positions and refusals: revisions, duplicates and late orders among them."""
    together, alone = worlds
    for group in groups:
        named = [each.model_copy(update={"order_id": f"{each.order_id}-{run}"}) for each in group]
        at_once = [told(outcome) for outcome in together.score_all(named)]
        one_by_one = [told(alone.score_all([each])[0]) for each in named]
        assert at_once == one_by_one
    assert kept(together.state.record) == kept(alone.state.record)


def test_the_vectors_of_a_group_are_those_of_a_replay(desk: Desk) -> None:
    """Each order has seen those before it, though nothing was committed yet."""
    group = [request(f"g{n}", ordered_at=f"2025-11-09T00:01:{n:02}Z") for n in range(20)]
    assert all(isinstance(outcome, Answered) for outcome in desk.score_all(group))
    computed = recomputed(desk.state.record)
    for entry in desk.state.record.decisions():
        decision = entry.event
        assert decision.vectors == computed[decision.order_id, decision.revision].astype("<f8").tobytes()


def test_what_is_wrong_with_one_order_is_no_business_of_the_others(desk: Desk) -> None:
    """A duplicate, another body under a known id, a revision too early, a currency without a rate."""
    euros = [{"line_id": "1", "sku": "kit-2", "amount": "1", "currency": "JPY"}]
    group = [
        request("a"), request("a"), request("a", reseller_id="r2"), request("b", revision=3),
        request("c", lines=euros), request("d"), request("h7"),
    ]  # fmt: skip
    outcomes = desk.score_all(group)
    kinds = [getattr(outcome, "kind", None) for outcome in outcomes]
    wrong = ["order-differs", "revision-out-of-order", "invalid-order", None, "order-known"]
    assert kinds == [None, None, *wrong]
    first, again = outcomes[:2]
    assert isinstance(first, Answered)
    assert isinstance(again, Answered)
    assert (first.body, again.again) == (again.body, True)


def test_an_order_that_breaks_the_engine_fails_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others of its group are decided without it, on a state that never heard of it."""

    def broken(model: Any, cases: Any) -> Any:
        if any(case.fields[0]["sku"] == "bomb" for case in cases):
            raise ZeroDivisionError
        return judged_each(model, cases)

    monkeypatch.setattr(serving.turn, "judged_each", broken)
    bomb = request("bomb", lines=[{"line_id": "1", "sku": "bomb"}])
    outcomes = desk.score_all([request("a"), bomb, request("b")])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Answered", "ZeroDivisionError", "Answered"]
    computed = recomputed(desk.state.record)
    found = {entry.event.order_id: entry.event.vectors for entry in desk.state.record.decisions()}
    assert found == {order_id: computed[order_id, 1].astype("<f8").tobytes() for order_id in ("a", "b")}


def test_a_group_that_cannot_be_kept_never_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone is told, nothing stays; until the store takes orders again they come one by one."""
    position = desk.state.record.position()
    turns: list[int] = []

    def full(writer: Writer) -> None:
        turns.append(writer.position() - position)
        raise Unavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Writer, "write", full)
        broken.setattr(Writer, "foresee", lambda *_: None)
        broken.setattr(Writer, "decision", lambda *_: None)
        broken.setattr(Writer, "revisions", lambda *_: [])
        for _ in range(2):
            outcomes = desk.score_all([request("a"), request("b"), request("c")])
            assert [str(outcome) for outcome in outcomes] == ["the disk is full"] * 3
    assert turns == [6, 2]
    assert desk.state.record.position() == position
    assert all(isinstance(outcome, Answered) for outcome in desk.score_all([request("a"), request("b")]))
    computed = recomputed(desk.state.record)
    found = {entry.event.order_id: entry.event.vectors for entry in desk.state.record.decisions()}
    assert found == {order_id: computed[order_id, 1].astype("<f8").tobytes() for order_id in ("a", "b")}


def test_before_the_record_is_open_each_is_told(tmp_path: Path) -> None:
    """And nothing is decided."""
    desk = Desk(State(Settings(tmp_path, f"sqlite:///{tmp_path}/record.db")), now=lambda: TODAY)
    outcomes = desk.score_all([request("a"), request("b")])
    assert [outcome.kind for outcome in outcomes if isinstance(outcome, Problem)] == ["starting"] * 2
