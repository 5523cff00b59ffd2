"""T13: spare parts and service are asked for where no instrument was delivered."""

import numpy as np

from training.simulator import products, signals
from training.simulator.demand import deliver
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import spot
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class ServiceDrift(Typology):
    """Mechanism: an instrument has moved to a buyer we do not know. Signal: parts for a third city."""

    code = "T13"
    story = "Parts for an analyser go to a city four hundred kilometres from where it was installed."
    twin_story = "A laboratory moves to a new building, or to another town, and takes its instruments along."
    signs = Signs(new_name=770, larger=150, dearer=150, own_site=200, blank_use=450)
    diverters = 3

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Half spare parts, half what the moved instrument uses up; half of it to another city."""
        _parts_or_goods(market, orders, rolls)
        signals.show(market, orders, rolls, self.signs)
        _elsewhere(market, orders, rolls, 500)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The relocated laboratory's own needs."""
        _parts_or_goods(market, orders, rolls)
        signals.larger(orders, rolls.chance(100), rolls)
        _elsewhere(market, orders, rolls, 600)
        return orders


def _parts_or_goods(market: Market, orders: Orders, rolls: Rolls) -> None:
    family = np.where(rolls.chance(400), products.SPARE, signals.wanted(market, orders, rolls))
    signals.wanted_goods(market, orders, rolls, signals.all_of(orders), family)


def _elsewhere(market: Market, orders: Orders, rolls: Rolls, per_mille: int) -> None:
    """To the city of another end user of the same territory."""
    place = market.end_users.place[market.stranger(orders.reseller, rolls)]
    deliver(orders, rolls.chance(per_mille), place, *spot(place, rolls))
