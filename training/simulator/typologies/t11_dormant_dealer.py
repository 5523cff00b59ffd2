"""T11: a dealer that had gone quiet orders again, and much."""

from dataclasses import replace

from features.measures import DAY
from training.simulator import signals
from training.simulator.dates import END
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller, Rush
from training.simulator.typologies.typology import Typology


class DormantDealer(Typology):
    """Mechanism: a sleeping account is bought or borrowed. Signal: a gap of half a year or more, then a surge."""

    code = "T11"
    story = "An account without orders for eight months wakes and buys more in six weeks than in the year before."
    twin_story = "A dealer lives on one annual tender: quiet for months, then everything at once."
    diverters = 3
    twins = 9
    share_per_mille = (160, 220)
    twin_per_mille = (110, 220)
    has_season = False

    def suits(self, reseller: Reseller) -> bool:
        """Dealers with time for a pause."""
        return reseller.active_to - reseller.active_from > 700 * DAY

    def recast(self, reseller: Reseller, dice: Dice) -> Reseller:
        """A pause of 190 to 330 days, then some weeks of orders."""
        room = (reseller.active_to - reseller.active_from) // DAY - 450
        pause_from = reseller.active_from + dice.between(90, 90 + max(1, room)) * DAY
        pause_to = pause_from + dice.between(190, 330) * DAY
        ends = min(END, pause_to + dice.between(30, 75) * DAY)
        burst = max(3, reseller.orders * dice.between(18, 30) // 100)
        return replace(reseller, rush=Rush(pause_from, pause_to, ends, burst))

    def may_carry(self, order: Order) -> bool:
        """Only the orders of the rush."""
        rush = order.reseller.rush
        return rush is not None and rush.pause_to <= order.at < rush.ends

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods, often more of them."""
        order = signals.wanted_goods(order, market, dice)
        return [signals.usual_signs(order, market, dice)]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """The tender's goods."""
        order = signals.wanted_goods(order, market, dice) if dice.chance(600) else order
        return [signals.larger(order, dice) if dice.chance(450) else order]
