"""T05: goods are bought 'for stock' and never stand on a shelf."""

from training.simulator import signals
from training.simulator.demand import for_stock
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller
from training.simulator.typologies.typology import Typology


class StockOrders(Typology):
    """Mechanism: no end user needs to be named. Signal: sensitive goods for stock, end user unknown."""

    code = "T05"
    story = "The buyer is known before the order; the order says 'for stock', so that nobody asks for a name."
    twin_story = "A stocking distributor keeps sensitive goods on its shelf to deliver within a week."
    diverters = 3
    twins = 10
    twin_per_mille = (200, 400)

    def suits(self, reseller: Reseller) -> bool:
        """Resellers that do order for stock at times."""
        return super().suits(reseller) and reseller.stock_per_mille >= 20

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods; seven in ten for stock."""
        order = signals.wanted_goods(order, market, dice)
        order = signals.usual_signs(order, market, dice)
        return [for_stock(order, dice) if dice.chance(650) else order]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Real stock of such goods."""
        order = signals.wanted_goods(order, market, dice) if dice.chance(700) else order
        return [for_stock(order, dice)]
