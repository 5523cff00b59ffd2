"""T10: goods go through a trading hub and do not come out on the declared side."""

from dataclasses import replace

from training.simulator import signals
from training.simulator.dates import midnight
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller, Site
from training.simulator.typologies.typology import Typology


class HubRouting(Typology):
    """Mechanism: a warehouse in a hub hides the last leg. Signal: a ship-to in a hub country.

    It begins late, so that a model trained on the years before has not seen it.
    """

    code = "T10"
    story = "The end user is in one country, the warehouse in a hub, and the goods leave the hub for a third place."
    twin_story = "Forwarders consolidate small consignments in Hong Kong, Singapore and Dubai every day."
    diverters = 3
    twins = 12
    has_season = False
    begins = midnight(2024, 1)

    def suits(self, reseller: Reseller) -> bool:
        """Resellers outside the restricted region that are still active when it begins."""
        return super().suits(reseller) and not signals.is_restricted(reseller) and reseller.active_to > self.begins

    def may_carry(self, order: Order) -> bool:
        """Only from its beginning on."""
        return order.at >= self.begins

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods; six in ten to a hub."""
        order = signals.wanted_goods(order, market, dice)
        order = signals.usual_signs(order, market, dice)
        return [_to_hub(order) if dice.chance(600) else order]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Ordinary consolidation."""
        order = signals.wanted_goods(order, market, dice) if dice.chance(500) else order
        return [_to_hub(order)]


def _to_hub(order: Order) -> Order:
    hub = order.reseller.hub
    return replace(order, ship_to=Site(hub, hub.latitude, hub.longitude)) if hub else order
