"""Labels: few, late, faulty, and only where somebody looked."""

from datetime import datetime
from statistics import median

from tests.training.simulator.conftest import World


def test_about_seven_in_ten_diversions_are_never_labelled(world: World) -> None:
    """What nobody looked at is unknown, not clean."""
    found = {row["order_id"] for row in world.rows("findings") if row["outcome"] == "diverted"}
    diverted = {name for name, row in world.orders.items() if row["typology"] and row["ordered_at"] < "2025-07"}
    assert 0.60 <= len(diverted - found) / len(diverted) <= 0.82


def test_inconclusive_checks_are_kept_apart(world: World) -> None:
    """About 22 % of the checks say nothing; procurement papers always say something."""
    checks = [row for row in world.rows("findings") if row["source"] != "procurement"]
    inconclusive = sum(row["outcome"] == "inconclusive" for row in checks) / len(checks)
    assert 0.18 <= inconclusive <= 0.27
    assert {row["outcome"] for row in world.rows("findings")} == {"diverted", "cleared", "inconclusive"}
    assert "inconclusive" not in {r["outcome"] for r in world.rows("findings") if r["source"] == "procurement"}


def test_only_random_draws_have_a_propensity(world: World) -> None:
    """A checklist's choice has none."""
    for row in world.rows("findings"):
        assert (row["source"] == "random") == bool(row["propensity"]), row["finding_id"]


def test_findings_become_known_after_the_order_and_checks_after_about_90_days(world: World) -> None:
    """Order, event, knowledge, in this sequence; the file is in the order of knowledge."""
    delays = []
    for row in world.rows("findings"):
        ordered = world.orders[row["order_id"]]["ordered_at"]
        assert row["source"] == "procurement" or ordered < row["happened_at"]
        assert row["happened_at"] <= row["known_at"] < "2026-07-01"
        if row["source"] != "procurement":
            delays.append((_time(row["known_at"]) - _time(ordered)).days)
    assert 85 <= median(delays) <= 115
    known = [row["known_at"] for row in world.rows("findings")]
    assert known == sorted(known)


def test_some_diverted_findings_are_wrong(world: World) -> None:
    """Links, checks and appeals err, but not in more than a quarter."""
    found = {row["order_id"] for row in world.rows("findings") if row["outcome"] == "diverted"}
    wrong = sum(not world.orders[order_id]["typology"] for order_id in found)
    assert 0 < wrong <= len(found) / 4


def test_nobody_learns_what_a_withheld_order_would_have_been(world: World) -> None:
    """Held and never shipped: no outcome, never clean."""
    withheld = {row["order_id"] for row in world.rows("statuses")}
    assert len(withheld) == world.summary.withheld_orders > 50
    assert not withheld & {row["order_id"] for row in world.rows("findings") if row["source"] != "procurement"}
    assert {name for name, row in world.orders.items() if row["shipped"] == "false"} == withheld


def test_exploration_draws_have_their_propensity_and_not_all_were_looked_at(world: World) -> None:
    """Drawn at random with 0.8 %; nine in ten were in fact looked at."""
    draws = world.rows("evidence/exploration")
    assert {row["propensity"] for row in draws} == {"0.008"}
    assert abs(len(draws) / world.summary.orders - 0.008) < 0.0015
    assert 0.85 <= sum(row["looked_at"] == "true" for row in draws) / len(draws) <= 0.95


def test_diverted_goods_are_missing_from_sell_through_reports(world: World) -> None:
    """So are honest ones at times: a gap alone says little."""
    diverting = {row["reseller_id"] for row in world.rows("sealed/resellers") if row["diverts"] == "true"}
    sold, told = [0, 0], [0, 0]
    for row in world.rows("orders"):
        sold[row["reseller_id"] in diverting] += int(row["quantity"])
    for report in world.rows("evidence/sell_through"):
        told[report["reseller_id"] in diverting] += int(report["units_sold_on"])
    gap = [1.0 - told[who] / sold[who] for who in (0, 1)]
    assert 0.1 < gap[0] < gap[1] < 0.6


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
