"""T17: once the score is in service, a diverter drops the signs that it is caught by."""

from training.simulator import signals
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class Adaptation(Typology):
    """Mechanism: who is asked about large orders orders less at a time. Signal: flagged signs fade in two quarters."""

    code = "T17"
    story = "After two orders were held for review, the next ones are smaller, at list price, for old customers."
    twin_story = "A dealer's new policy asks for end users and smaller lots, and its orders change in the same months."
    signs = Signs(new_name=300, larger=730, dearer=690, own_site=580, blank_use=100)
    surfaces = 1_400
    adapts = True

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Resellers that are there before and after the score goes into service."""
        stays: Bools = super().suits(firms, scenario) & (firms.active_to > scenario.trained_until)
        return stays

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods with signs that fade."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Larger orders until the policy changes, ordinary ones after it."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(600))
        signals.larger(orders, rolls.chance(300 * signals.fading(market, orders) // 1000), rolls)
        return orders
