"""T07: a university or hospital stands on the paper and never sees the goods."""

from training.simulator import signals
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order
from training.simulator.typologies.typology import Typology

_FRONTS = ("hospital", "university", "research_institute")


class FalseEndUse(Typology):
    """Mechanism: a respectable name is borrowed. Signal: goods that fit the named user a little less than usual."""

    code = "T07"
    story = "The end-use statement of a university that never ordered covers kits for somebody else."
    twin_story = "Forensic institutes sit inside medical schools: a university does buy identification kits."
    diverters = 3
    twins = 11

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods in a borrowed name, at times one that is new to the dealer."""
        order = signals.wanted_goods(order, market, dice)
        order = signals.usual_signs(order, market, dice)
        return [signals.new_name(order, market, _FRONTS, dice) if dice.chance(450) else order]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """The institute buys such goods for itself."""
        order = signals.wanted_goods(order, market, dice)
        return [signals.new_name(order, market, _FRONTS, dice) if dice.chance(550) else order]
