"""T06: one large purchase is cut into orders that each stay below the threshold for review."""

import numpy as np

from features.measures import DAY, SECOND
from training.simulator import signals
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders, joined
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class Splitting(Typology):
    """Mechanism: three or four orders of one product within about ten days. Signal: the burst, the values."""

    code = "T06"
    story = "Thirty kits for one hidden buyer arrive as four orders in ten days, each a little under the threshold."
    twin_story = "A framework contract is called off in equal parts, several calls in a busy fortnight."
    signs = Signs(new_name=730, larger=100, dearer=150, own_site=770, blank_use=350)
    diverters = 3
    twins = 10
    # One chosen order becomes three or four.
    share_per_mille = (190, 270)
    twin_per_mille = (110, 190)

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Resellers with enough orders to hide a burst in."""
        enough: Bools = super().suits(firms, scenario) & (firms.rate >= 500_000)
        return enough

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods in parts."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return _parts(market, orders, rolls)

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """A contract called off in parts."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(700))
        signals.larger(orders, rolls.chance(200), rolls)
        return _parts(market, orders, rolls)


def _parts(market: Market, orders: Orders, rolls: Rolls) -> Orders:
    orders.lines[:] = 1
    unit = np.maximum(1, market.catalogue.list_price[orders.product[:, 0]] * orders.price[:, 0] // 1000)
    fitting = signals.REVIEW_THRESHOLD // unit
    # What is too dear for the threshold, or far too cheap to need it, is cut into parts of the usual size.
    cut = (fitting > 0) & (fitting < 4 * orders.quantity[:, 0] + 6)
    usual, count, at = orders.quantity[:, 0].copy(), rolls.between(3, 4), orders.at.copy()
    parts = []
    for number in range(4):
        part = orders.take(count > number)
        size = np.where(cut, fitting * rolls.between(60, 97) // 100, usual)
        key, later = rolls.bits(), rolls.between(1, 4) * DAY + rolls.between(-7200, 7200) * SECOND
        part.quantity[:, 0] = np.maximum(1, size)[count > number]
        part.at = at[count > number]
        part.key = part.key if number == 0 else key[count > number]
        at = at + later
        parts.append(part)
    return joined(parts)
