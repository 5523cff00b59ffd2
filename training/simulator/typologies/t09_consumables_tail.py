"""T09: instruments that were sold long ago, or to somebody else, are fed with kits."""

import numpy as np
from numpy.typing import NDArray

from training.simulator import products, signals
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_CONSUMABLES = np.array([products.HID_KIT, products.SEQ_REAGENT, products.PCR_KIT])


class ConsumablesTail(Typology):
    """Mechanism: an analyser out of sight uses up kits month by month. Signal: kits without an instrument."""

    code = "T09"
    story = "No analyser was ever sold here, yet kits for one are ordered every month."
    twin_story = "A laboratory bought its instruments before our records begin and uses them honestly."
    signs = Signs(new_name=730, larger=150, dearer=150, own_site=770, blank_use=400)
    diverters = 3

    def recast(self, firms: Resellers, rows: NDArray[np.intp], scenario: Scenario, rolls: Rolls) -> None:  # noqa: ARG002
        """One kind of consumables, again and again."""
        kind = _CONSUMABLES[rolls.below(len(_CONSUMABLES))]
        firms.wants[rows] = np.stack([kind, kind], axis=1)

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The kits, in usual or larger quantities."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The same kits for who is named."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(850))
        signals.larger(orders, rolls.chance(150), rolls)
        return orders
