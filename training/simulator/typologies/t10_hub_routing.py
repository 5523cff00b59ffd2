"""T10: goods go through a trading hub and do not come out on the declared side."""

from training.simulator import places, signals
from training.simulator.demand import to_hub
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class HubRouting(Typology):
    """Mechanism: a warehouse in a hub hides the last leg. Signal: a ship-to in a hub country."""

    code = "T10"
    story = "The end user is in one country, the warehouse in a hub, and the goods leave the hub for a third place."
    twin_story = "Forwarders consolidate small consignments in Hong Kong, Singapore and Dubai every day."
    signs = Signs(new_name=800, larger=150, dearer=200, own_site=300, blank_use=450)
    twins = 14

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Resellers outside the restricted region."""
        outside: Bools = super().suits(firms, scenario) & ~places.SENSITIVE[firms.place]
        return outside

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods; half of them to a hub."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        to_hub(market, orders, rolls.chance(500))
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Ordinary consolidation."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(600))
        signals.larger(orders, rolls.chance(150), rolls)
        to_hub(market, orders, rolls.chance(800))
        return orders
