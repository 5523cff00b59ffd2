"""T01: a reseller in the restricted region orders for itself and hands the goods on to a buyer next door."""

import numpy as np

from training.simulator import places, signals
from training.simulator.demand import deliver, to_end_user
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market, in_country
from training.simulator.orders import Orders
from training.simulator.parties import Resellers, spot
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class RegionalReseller(Typology):
    """Mechanism: a hospital or university of the region stands on the paper. Signal: a ship-to in the region."""

    code = "T01"
    story = "A dealer in the region names a local laboratory; the goods go to a security buyer in the same city."
    twin_story = "Hospitals, universities and public health in the region buy from the same kind of local dealer."
    signs = Signs(new_name=200, larger=770, dearer=730, own_site=250, blank_use=100)
    surfaces = 1_400
    diverters = 3
    twins = 9

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Only resellers that sit in the region."""
        sits: Bools = super().suits(firms, scenario) & places.SENSITIVE[firms.place]
        return sits

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods: half of the time for a local name, else to a forwarder in the next province."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        local = rolls.chance(500)
        to_end_user(market, orders, local & in_country(market, orders.end_user, places.SENSITIVE))
        next_door = places.NEXT_DOOR[rolls.below(len(places.NEXT_DOOR))]
        deliver(orders, ~local, next_door, *spot(next_door, rolls))
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """A local laboratory buys such goods for itself."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(600))
        signals.larger(orders, rolls.chance(150), rolls)
        to_end_user(market, orders, rolls.chance(600) & np.ones(len(orders), np.bool_))
        return orders
