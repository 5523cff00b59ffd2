"""Random audits fall alike for everybody, and cannot be foreseen without the secret."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from features.measures import instant
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.draw import drawn, secret
from serving.settings import Settings
from serving.state import State
from tests.serving.made import body, model, promote

TODAY = instant("2025-11-09T00:02:00Z")


def test_the_draw_keeps_its_rate_and_hangs_on_the_secret() -> None:
    """A tenth of the orders, another tenth under another secret."""
    orders = [f"order {number}" for number in range(5_000)]
    ours = {order for order in orders if drawn(b"a", order, 0.1)}
    theirs = {order for order in orders if drawn(b"b", order, 0.1)}
    assert 400 < len(ours) < 600
    assert len(ours & theirs) < 120
    assert ours < {order for order in orders if drawn(b"a", order, 0.2)}
    assert not any(drawn(b"a", order, 0.0) for order in orders)


def test_the_secret_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    """One that is given goes before it."""
    made = secret(tmp_path / "home")
    assert secret(tmp_path / "home") == made
    assert len(made) == 64
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret(tmp_path / "home", "given") == b"given"


def test_a_decision_keeps_its_draw_and_its_inclusion_probability(sqlite_settings: Settings) -> None:
    """An order that nothing else stops waits because it was drawn; its decision says how probable that was."""
    with_secret = Settings.of(sqlite_settings.environment() | {"DIVERSION_DRAW_SECRET": "s"})
    desk = Desk(State(with_secret), now=lambda: TODAY)
    desk.state.keep_up()
    often = replace(model(), rules=(), policy=replace(model().policy, threshold=2.0, review_share=0.5, draw_rate=0.5))
    promote(desk.state.record, sqlite_settings.home, often, TODAY)
    desk.score_all([OrderRequest.model_validate(body(f"d{n}", ordered_at=None)) for n in range(30)])
    decisions = [entry.event for entry in desk.state.record.decisions()]
    assert {decision.order_id for decision in decisions if decision.drawn} == {
        decision.order_id for decision in decisions if drawn(b"s", decision.order_id, 0.5)
    }
    for decision in decisions:
        assert decision.action == ("review" if decision.drawn else "proceed")
        assert decision.inclusion == pytest.approx(0.5)
    desk.state.close()
