"""Labels: few, late, faulty, and only where somebody looked."""

from datetime import datetime
from statistics import median

from tests.training.simulator.conftest import World


def test_there_is_enough_to_train_a_first_model(world: World) -> None:
    """At least 60 diverted and some hundred cleared findings."""
    assert world.summary.diverted_findings >= 60
    assert world.summary.cleared_findings >= 300


def test_about_seven_in_ten_diversions_are_never_labelled(world: World) -> None:
    """What nobody looked at is unknown, not clean."""
    found = {row["order_id"] for row in world.rows("findings") if row["outcome"] == "diverted"}
    diverted = {order_id for order_id, order in world.orders().items() if order["typology"]}
    never = len(diverted - found) / len(diverted)
    assert 0.60 <= never <= 0.80


def test_inconclusive_checks_are_kept_apart(world: World) -> None:
    """About 22 % of the checks say nothing; procurement documents always say something."""
    checks = [row for row in world.rows("findings") if row["source"] != "procurement"]
    inconclusive = sum(row["outcome"] == "inconclusive" for row in checks) / len(checks)

    assert 0.17 <= inconclusive <= 0.29
    assert {row["outcome"] for row in world.rows("findings")} == {"diverted", "cleared", "inconclusive"}
    assert "inconclusive" not in {r["outcome"] for r in world.rows("findings") if r["source"] == "procurement"}


def test_only_random_draws_have_a_propensity(world: World) -> None:
    """A checklist's choice has none."""
    for row in world.rows("findings"):
        assert (row["source"] == "random") == bool(row["propensity"]), row["finding_id"]


def test_findings_become_known_after_the_order_and_checks_after_about_90_days(world: World) -> None:
    """Order, event, knowledge, in this sequence."""
    ordered = {order_id: _time(order["ordered_at"]) for order_id, order in world.orders().items()}
    delays = []
    for row in world.rows("findings"):
        assert ordered[row["order_id"]] < _time(row["happened_at"]) < _time(row["known_at"])
        delays.append((_time(row["known_at"]) - ordered[row["order_id"]]).days)
    assert 75 <= median(delays) <= 125


def test_some_diverted_findings_are_wrong(world: World) -> None:
    """Links, checks and appeals err, but not in more than a quarter."""
    found = {row["order_id"] for row in world.rows("findings") if row["outcome"] == "diverted"}
    wrong = sum(not world.orders()[order_id]["typology"] for order_id in found)
    assert 0 < wrong <= len(found) / 4


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
