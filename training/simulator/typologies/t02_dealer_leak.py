"""T02: an authorised dealer sells to a second-tier trader whom the maker never meets."""

from training.simulator import signals
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller
from training.simulator.typologies.typology import Typology


class DealerLeak(Typology):
    """Mechanism: real customers stand on the paper, part of the goods go on. Signal: the mix shifts to wanted goods."""

    code = "T02"
    story = "A trusted dealer orders for customers it does have, and sells the goods to an unlisted trader."
    twin_story = "A dealer wins a real forensic customer: more identification goods, larger orders, nothing wrong."
    diverters = 5
    twins = 13

    def suits(self, reseller: Reseller) -> bool:
        """Only authorised dealers."""
        return super().suits(reseller) and reseller.authorised_from is not None

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods, often more of them, delivered to the dealer rather more often."""
        order = signals.wanted_goods(order, market, dice)
        return [signals.usual_signs(order, market, dice)]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """The same mix for the customer who is named."""
        order = signals.wanted_goods(order, market, dice)
        return [signals.larger(order, dice) if dice.chance(450) else order]
