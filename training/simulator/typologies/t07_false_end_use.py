"""T07: a university or hospital stands on the paper and never sees the goods."""

from training.simulator import habits, signals
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_FRONTS = (habits.HOSPITAL, habits.UNIVERSITY, habits.INSTITUTE)


class FalseEndUse(Typology):
    """Mechanism: a respectable name is borrowed. Signal: goods that fit the named user a little less than usual."""

    code = "T07"
    story = "The end-use statement of a university that never ordered covers kits for somebody else."
    twin_story = "Forensic institutes sit inside medical schools: a university does buy identification kits."
    signs = Signs(new_name=580, larger=690, dearer=690, own_site=100, blank_use=100)
    surfaces = 1_400
    twins = 14

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods in a borrowed name, at times one that is new to the dealer."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        signals.new_name(market, orders, rolls.chance(400), rolls, _FRONTS)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The institute buys such goods for itself."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(800))
        signals.new_name(market, orders, rolls.chance(450), rolls, _FRONTS)
        return orders
