"""What a service keeps beside the record: snapshots to start from, and checkpoints that seal its past."""

from typing import Any

import pytest

from features.measures import DAY, instant
from features.record import checkpoints
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import NOW, body, recomputed

TODAY = instant("2025-11-09T00:02:00Z")


def started(settings: Settings) -> Desk:
    """A desk that has caught up."""
    desk = Desk(State(settings), now=lambda: TODAY)
    desk.state.keep_up()
    return desk


def ask(desk: Desk, order_id: str) -> None:
    """Score an order."""
    desk.score(OrderRequest.model_validate(body(order_id, ordered_at=None)))


def same_as_a_replay(desk: Desk, order_id: str) -> bool:
    """Whether the vectors that were kept are those that the record gives."""
    decision = desk.state.record.decision(order_id, 1)
    assert decision is not None
    computed: bytes = recomputed(desk.state.record)[order_id, 1].astype("<f8").tobytes()
    return decision.vectors == computed


@pytest.fixture
def kept(settings: Settings) -> Settings:
    """A world whose service has kept a snapshot and answered one more order since."""
    desk = started(settings)
    ask(desk, "before")
    desk.state.tend(every=1)
    ask(desk, "since")
    desk.state.close()
    return settings


def test_a_start_goes_on_from_the_snapshot(kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a replay, and bit for bit as if there had been one."""

    def replayed(*_: Any) -> Any:
        raise AssertionError("the record was replayed")

    monkeypatch.setattr(State, "_replayed", replayed)
    desk = started(kept)
    ask(desk, "after")
    assert same_as_a_replay(desk, "after")
    desk.state.close()


def test_a_snapshot_that_is_broken_is_left_aside(kept: Settings) -> None:
    """The record is the truth."""
    (file,) = (kept.home / "snapshots").iterdir()
    file.write_bytes(file.read_bytes()[:-1000])
    desk = started(kept)
    ask(desk, "after")
    assert same_as_a_replay(desk, "after")
    desk.state.close()


def test_a_backfill_behind_the_snapshot_is_taken_in(kept: Settings) -> None:
    """What came since was known before what the snapshot has seen."""
    desk = started(kept)
    old = a.order("old", reseller="r1", at=NOW - DAY)
    desk.state.record.append([old], source="test", recorded_at=TODAY)
    desk.state.close()
    desk = started(kept)
    ask(desk, "after")
    assert same_as_a_replay(desk, "after")
    desk.state.close()


def test_old_events_leave_between_orders_and_change_nothing(settings: Settings) -> None:
    """Background expiry, however often."""
    desk = started(settings)
    for number in range(3):
        desk.state.tend()
        ask(desk, f"n{number}")
        assert same_as_a_replay(desk, f"n{number}")
    desk.state.close()


def test_a_checkpoint_comes_with_each_snapshot(kept: Settings) -> None:
    """Outside of the store, in the home folder."""
    sealed = checkpoints.read([kept.home / "checkpoints.jsonl"])
    desk = started(kept)
    found = desk.state.record.verify(sealed)
    assert (found.faults, found.sealed) == ((), sealed[-1].position)
    assert found.rows == found.sealed + 2
    desk.state.close()


def test_a_folder_that_takes_no_snapshot_stops_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, and orders go on."""
    (settings.home / "snapshots").write_text("in the way")
    desk = started(settings)
    desk.state.tend(every=1)
    ask(desk, "n1")
    desk.state.close()
    assert "no snapshot could be written" in caplog.text
