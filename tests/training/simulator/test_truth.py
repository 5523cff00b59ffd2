"""How much is diverted, by whom, and how little of it shows."""

from collections import Counter

import pytest

from tests.training.simulator.conftest import World
from training.simulator.places import RESTRICTED
from training.simulator.typologies import TYPOLOGIES


def test_between_1_2_and_1_8_percent_of_the_orders_are_diverted(world: World) -> None:
    """The base rate is low, as among customs declarations."""
    share = world.summary.diverted_orders / world.summary.orders
    assert 0.012 <= share <= 0.018


def test_few_resellers_divert_and_only_a_part_of_their_orders(world: World) -> None:
    """5 to 8 % of the resellers ever divert (short-lived shells among them), 15 to 35 % of what they order."""
    orders = world.orders.values()
    diverters = {order["reseller_id"] for order in orders if order["typology"]}
    theirs = [bool(order["typology"]) for order in orders if order["reseller_id"] in diverters]

    assert 0.05 <= len(diverters) / world.summary.resellers <= 0.08
    assert 0.15 <= sum(theirs) / len(theirs) <= 0.35


def test_at_most_15_percent_of_diverted_orders_show_the_region(world: World) -> None:
    """The seller does not see where the goods end."""
    diverted = [order for order in world.orders.values() if order["typology"]]
    shown = sum(order["ship_to_region"] in RESTRICTED for order in diverted)
    assert 0 < shown <= 0.15 * len(diverted)


def test_at_least_85_percent_of_orders_that_show_the_region_are_honest(world: World) -> None:
    """Hospitals and universities of the region are not guilty of where they are."""
    shown = [order for order in world.orders.values() if order["ship_to_region"] in RESTRICTED]
    honest = sum(not order["typology"] for order in shown)
    assert honest >= 0.85 * len(shown)


def test_every_typology_and_every_twin_occurs(world: World) -> None:
    """Twins outnumber diverted orders, or the signal would be the answer."""
    diverted = Counter(order["typology"] for order in world.orders.values())
    twins = Counter(order["twin_of"] for order in world.orders.values())

    for typology in TYPOLOGIES:
        assert 0 < diverted[typology.code] < twins[typology.code], typology.code


def test_a_diverted_order_has_a_diverted_line_and_no_honest_twin(world: World) -> None:
    """Truth is by line; a typology stands on orders with at least one diverted line."""
    rows = world.rows("sealed/truth")
    lines = {row["order_id"] for row in rows if row["diverted"] == "true"}
    orders = {row["order_id"] for row in rows if row["typology"]}

    assert lines == orders
    assert not [row for row in rows if row["typology"] and row["twin_of"]]


@pytest.mark.parametrize("kind", ["hospital", "university", "security", "company"])
def test_no_class_of_end_user_is_free_of_diversion_or_full_of_it(world: World, kind: str) -> None:
    """What stands on the paper does not tell."""
    declared = [bool(order["typology"]) for order in world.orders.values() if order["end_user_class"] == kind]
    assert 0 < sum(declared) / len(declared) < 0.06


def test_honest_security_buyers_elsewhere_are_common(world: World) -> None:
    """Forensic laboratories all over the world buy identification kits."""
    security = [order for order in world.orders.values() if order["end_user_class"] == "security"]
    lawful = [order for order in security if not order["typology"] and order["ship_to_country"] != "CN"]
    assert len(lawful) > 300


def test_blank_fields_are_mostly_honest(world: World) -> None:
    """Leaving something out is common, and no more than three times as common among diverted orders."""
    for column in ("end_user_id", "declared_use"):
        blank = [bool(order["typology"]) for order in world.orders.values() if not order[column]]
        assert len(blank) > 500
        assert sum(blank) / len(blank) < 3 * world.summary.diverted_orders / world.summary.orders
