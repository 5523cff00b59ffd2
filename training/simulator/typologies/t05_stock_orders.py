"""T05: goods are bought 'for stock' and never stand on a shelf."""

from training.simulator import signals
from training.simulator.demand import for_stock
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class StockOrders(Typology):
    """Mechanism: no end user needs to be named. Signal: sensitive goods for stock, end user unknown."""

    code = "T05"
    story = "The buyer is known before the order; the order says 'for stock', so that nobody asks for a name."
    twin_story = "A stocking distributor keeps sensitive goods on its shelf to deliver within a week."
    signs = Signs(new_name=150, larger=770, dearer=650, own_site=580, blank_use=100)
    surfaces = 1_400
    twin_per_mille = (200, 400)

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Resellers that do order for stock at times."""
        stocking: Bools = super().suits(firms, scenario) & (firms.stock >= 20)
        return stocking

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods; six in ten for stock."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        for_stock(market, orders, rolls.chance(600), rolls)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Real stock of such goods."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(700))
        signals.larger(orders, rolls.chance(200), rolls)
        for_stock(market, orders, rolls.chance(800), rolls)
        return orders
