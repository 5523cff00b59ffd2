"""T11: a dealer that had gone quiet orders again, and much."""

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from training.simulator import signals
from training.simulator.draws import Bools, Ints, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class DormantDealer(Typology):
    """Mechanism: a sleeping account is bought or borrowed. Signal: a gap of half a year or more, then a surge."""

    code = "T11"
    story = "An account without orders for eight months wakes and buys more in six weeks than in the year before."
    twin_story = "A dealer lives on one annual tender: quiet for months, then everything at once."
    signs = Signs(new_name=200, larger=800, dearer=730, own_site=400, blank_use=100)
    surfaces = 1_400
    diverters = 4
    twins = 15
    share_per_mille = (500, 750)
    twin_per_mille = (350, 650)

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:  # noqa: ARG002 - a longer stay than others need
        """Dealers with time for a pause."""
        lasting: Bools = firms.active_to - firms.active_from > 700 * DAY
        return lasting

    def recast(self, firms: Resellers, rows: NDArray[np.intp], scenario: Scenario, rolls: Rolls) -> None:
        """A pause of 190 to 330 days, then some weeks of orders."""
        room = (firms.active_to[rows] - firms.active_from[rows]) // DAY - 450
        pause_from = firms.active_from[rows] + rolls.between(90, 90 + np.maximum(1, room)) * DAY
        pause_to = pause_from + rolls.between(190, 330) * DAY
        firms.pause_from[rows], firms.pause_to[rows] = pause_from, pause_to
        firms.rush_to[rows] = np.minimum(scenario.end, pause_to + rolls.between(40, 90) * DAY)
        firms.rush_percent[rows] = rolls.between(250, 600)

    def season(
        self,
        firms: Resellers,
        rows: NDArray[np.intp],
        scenario: Scenario,  # noqa: ARG002
        rolls: Rolls,  # noqa: ARG002
    ) -> tuple[Ints, Ints]:
        """The weeks of the rush."""
        return firms.pause_to[rows], firms.rush_to[rows]

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods, often more of them."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The tender's goods."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(700))
        signals.larger(orders, rolls.chance(300), rolls)
        return orders
