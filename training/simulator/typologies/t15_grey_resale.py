"""T15: used instruments are bought up and sold on; what is ordered from us keeps them running."""

import numpy as np

from training.simulator import products, signals
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_UPKEEP = np.array([products.SPARE, products.SPARE, products.HID_KIT, products.SEQ_REAGENT])


class GreyResale(Typology):
    """Mechanism: an instrument's second life is out of sight. Signal: parts and kits for instruments never bought here.

    It appears only after the training period.
    """

    code = "T15"
    story = "An analyser sold as scrap is set up again for a buyer who could not have bought it new."
    twin_story = "A refurbisher overhauls used instruments and sells them with papers."
    signs = Signs(new_name=770, larger=150, dearer=150, own_site=770, blank_use=400)
    diverters = 3
    appears = "after training"

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Parts and kits."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders), _UPKEEP[rolls.below(len(_UPKEEP))])
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The refurbisher's parts."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders), _UPKEEP[rolls.below(len(_UPKEEP))])
        signals.larger(orders, rolls.chance(250), rolls)
        return orders
