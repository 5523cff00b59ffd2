"""T08: a central purchasing body stands on the paper for the buyer behind it."""

from training.simulator import habits, signals
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class ProcurementFront(Typology):
    """Mechanism: the class of the real buyer is hidden behind who buys for it. Signal: a purchasing body, new to us."""

    code = "T08"
    story = "A procurement centre tenders for a bureau; the order names the centre, and the centre names nobody."
    twin_story = "Hospitals and schools of a province buy through one purchasing body to get a better price."
    signs = Signs(new_name=450, larger=730, dearer=730, own_site=150, blank_use=50)
    surfaces = 1_400

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods; four in ten for a purchasing body or for public health."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        signals.new_name(market, orders, rolls.chance(400), rolls, (habits.PURCHASING, habits.PUBLIC_HEALTH))
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The purchasing body's honest tender."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(600))
        signals.larger(orders, rolls.chance(250), rolls)
        signals.new_name(market, orders, rolls.chance(500), rolls, (habits.PURCHASING, habits.PUBLIC_HEALTH))
        return orders
