"""T12: two firms that look unrelated belong to one owner, whom a register names late."""

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from training.simulator import signals
from training.simulator.draws import Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_OWNERS = 200_000


class HiddenOwner(Typology):
    """Mechanism: when one firm is watched the other buys. Signal: an edge to an owner, known only later."""

    code = "T12"
    story = "Two dealers in two provinces have the same owner; the register shows it a year after the fact."
    twin_story = "A state-owned parent holds several lawful dealers and files its papers late."
    signs = Signs(new_name=770, larger=200, dearer=200, own_site=770, blank_use=300)
    together = (2, 3)

    def recast(self, firms: Resellers, rows: NDArray[np.intp], scenario: Scenario, rolls: Rolls) -> None:  # noqa: ARG002
        """One owner for a ring, known 200 to 900 days late."""
        firms.owner[rows] = _OWNERS + firms.ring[rows]
        firms.owner_known_at[rows] = firms.active_from[rows] + rolls.between(200, 900) * DAY

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods of the common buyer."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The group's common purchases."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(700))
        signals.larger(orders, rolls.chance(250), rolls)
        return orders
