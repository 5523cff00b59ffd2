"""The old checklist: points for what an order shows. It decides who is looked at, not who is guilty."""

from training.simulator.dates import YEAR
from training.simulator.places import HUB_COUNTRIES, RESTRICTED
from training.simulator.signals import REVIEW_THRESHOLD
from training.simulator.trade import Order


def points(order: Order) -> int:
    """Points of one order, from itself and the reseller's master data alone. The weights are our choice."""
    sensitive = any(line.product.sensitivity >= 2 for line in order.lines)
    return (
        (4 if order.ship_to.place.region in RESTRICTED else 0)
        + (3 if sensitive else 0)
        + (2 if order.value >= REVIEW_THRESHOLD else 0)
        + (2 if order.for_stock else 0)
        + (2 if order.end_user is None else 0)
        + (2 if order.at - order.reseller.founded_on < YEAR else 0)
        + (1 if order.ship_to.place.country in HUB_COUNTRIES else 0)
        + (1 if order.kind == "security" else 0)
        + (1 if order.reseller.authorised_from is None else 0)
    )
