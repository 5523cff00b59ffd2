"""T06: one large purchase is cut into orders that each stay below the threshold for review."""

from dataclasses import replace

from features.measures import DAY, SECOND
from training.simulator import signals
from training.simulator.dates import END
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller
from training.simulator.typologies.typology import Typology


class Splitting(Typology):
    """Mechanism: three or four orders of one product within about ten days. Signal: the burst, the values."""

    code = "T06"
    story = "Thirty kits for one hidden buyer arrive as four orders in ten days, each a little under the threshold."
    twin_story = "A framework contract is called off in equal parts, several calls in a busy fortnight."
    diverters = 3
    twins = 10
    # One chosen order becomes three or four.
    share_per_mille = (50, 70)
    twin_per_mille = (60, 110)

    def suits(self, reseller: Reseller) -> bool:
        """Resellers with enough orders to hide a burst in."""
        return super().suits(reseller) and reseller.orders >= 15

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods in parts."""
        order = signals.wanted_goods(order, market, dice)
        order = signals.usual_signs(replace(order, lines=order.lines[:1]), market, dice)
        return _parts(order, dice.between(3, 4), dice)

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """A contract called off in parts."""
        order = signals.wanted_goods(order, market, dice) if dice.chance(600) else order
        return _parts(replace(order, lines=order.lines[:1]), dice.between(3, 4), dice)


def _parts(order: Order, count: int, dice: Dice) -> list[Order]:
    line = order.lines[0]
    unit = max(1, replace(line, quantity=1).value)
    fitting = signals.REVIEW_THRESHOLD // unit
    parts, at = [], order.at
    for _ in range(count):
        # What is too dear for the threshold, or far too cheap to need it, is cut into parts of the usual size.
        quantity = fitting * dice.between(60, 97) // 100 if 0 < fitting < 4 * line.quantity + 6 else line.quantity
        parts.append(replace(order, at=at, lines=(replace(line, quantity=max(1, quantity)),)))
        at = at + dice.between(1, 4) * DAY + dice.between(-7200, 7200) * SECOND
    return [part for part in parts if part.at < END]
