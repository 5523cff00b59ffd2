"""T16: instrument, kits and plastics of several brands leave as one bundle with one price."""

import numpy as np

from training.simulator import products, signals
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import NO_AMOUNT, Orders
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_HEADS = np.array([products.HID_INSTRUMENT, products.SEQUENCER, products.CYCLER, products.HID_KIT])
_TAILS = np.array([products.HID_KIT, products.PCR_KIT, products.PLATE, products.TUBE, products.SEQ_REAGENT])


class Bundles(Typology):
    """Mechanism: in a bundle nobody asks what each part is worth or for whom. Signal: lines without an amount."""

    code = "T16"
    story = "A complete laboratory in one contract: the price is on the first line, the kits are 'included'."
    twin_story = "A turnkey laboratory for a new hospital is sold in just the same way."
    signs = Signs(new_name=730, larger=150, dearer=150, own_site=770, blank_use=400)
    diverters = 3

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """A bundle around what the hidden buyer wants."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        _bundle(market, orders, rolls, 500)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """A turnkey laboratory."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(600))
        signals.larger(orders, rolls.chance(100), rolls)
        _bundle(market, orders, rolls, 600)
        return orders


def _bundle(market: Market, orders: Orders, rolls: Rolls, per_mille: int) -> None:
    chosen = rolls.chance(per_mille)
    head = _HEADS[rolls.below(len(_HEADS))]
    instrument = chosen & rolls.chance(300)
    signals.put(orders.product, instrument, market.product(head, orders.reseller, orders.at, rolls))
    signals.put(orders.quantity, instrument, market.quantity(head, rolls))
    orders.lines = np.where(chosen, rolls.between(3, 5), orders.lines)
    for line in range(1, 5):
        rows = chosen & (orders.lines > line)
        family = _TAILS[rolls.below(len(_TAILS))]
        columns = (
            (orders.product, market.product(family, orders.reseller, orders.at, rolls)),
            (orders.quantity, market.quantity(family, rolls)),
            (orders.price, np.full(len(orders), NO_AMOUNT)),
        )
        for column, value in columns:
            column[:, line] = np.where(rows, value, column[:, line])
