"""T02: an authorised dealer sells to a second-tier trader whom the maker never meets."""

from training.simulator import signals
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import NEVER, Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class DealerLeak(Typology):
    """Mechanism: real customers stand on the paper, part of the goods go on.

    Signal: the mix shifts to wanted goods, and sell-through reports show gaps.
    """

    code = "T02"
    story = "A trusted dealer orders for customers it does have, and sells the goods to an unlisted trader."
    twin_story = (
        "A big dealer with poor reporting wins a real forensic customer: more goods, larger orders, nothing wrong."
    )
    signs = Signs(new_name=150, larger=770, dearer=580, own_site=730, blank_use=50)
    surfaces = 1_400
    diverters = 7
    twins = 24

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Only authorised dealers."""
        dealers: Bools = super().suits(firms, scenario) & (firms.authorised_from != NEVER)
        return dealers

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods, often more of them, delivered to the dealer rather more often."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The same mix for the customer who is named."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(750))
        signals.larger(orders, rolls.chance(300), rolls)
        return orders
