"""T04: a firm is founded, orders a few times and vanishes."""

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from training.simulator import places, signals
from training.simulator.draws import Bools, Ints, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import NEVER, SHARED_OFFICES, Resellers
from training.simulator.scenario import WEEK, Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology


class NewShell(Typology):
    """Mechanism: two to five orders through a firm without a past. Signal: its age and its shared address."""

    code = "T04"
    story = "A firm of a few months, in an office that it shares with strangers, buys, forwards and is gone."
    twin_story = "A start-up distributor in the same office building tries the trade; some give up within the year."
    signs = Signs(new_name=770, larger=150, dearer=250, own_site=770, blank_use=350)
    diverters = 12
    twins = 40
    # Of so few orders the share is high; over all diverters it stays within 15 to 35 %.
    share_per_mille = (450, 700)
    twin_per_mille = (350, 650)

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:  # noqa: ARG002 - any length of stay
        """Any reseller not in the restricted region."""
        outside: Bools = ~places.SENSITIVE[firms.place]
        return outside

    def recast(self, firms: Resellers, rows: NDArray[np.intp], scenario: Scenario, rolls: Rolls) -> None:
        """A young firm with few orders, often in a shared office, not always authorised."""
        days = (scenario.end - scenario.start) // DAY - 120
        begins = scenario.start + rolls.below(days) * DAY
        life, orders = rolls.between(90, 270), rolls.between(2, 5)
        known_at = begins - rolls.between(5, 60) * DAY
        offices = SHARED_OFFICES + rolls.below(4 + firms.count // 40)
        firms.active_from[rows], firms.active_to[rows] = begins, np.minimum(scenario.end, begins + life * DAY)
        firms.known_at[rows], firms.owner_known_at[rows] = known_at, known_at
        firms.founded_on[rows] = (known_at - rolls.between(20, 330) * DAY) // DAY * DAY
        firms.address[rows] = np.where(rolls.chance(450), offices, firms.address[rows])
        authorised = (known_at + rolls.between(0, 40) * DAY) // DAY * DAY
        firms.authorised_from[rows] = np.where(rolls.chance(650), authorised, NEVER)
        firms.authorised_to[rows] = NEVER
        firms.moves_at[rows] = NEVER
        firms.pause_from[rows], firms.pause_to[rows], firms.rush_to[rows] = NEVER, NEVER, NEVER
        # Rates are scaled to the size of the world later; a negative one is taken as it stands.
        firms.rate[rows] = -(orders * 1_000_000 * WEEK // (life * DAY))

    def season(
        self,
        firms: Resellers,
        rows: NDArray[np.intp],
        scenario: Scenario,  # noqa: ARG002
        rolls: Rolls,  # noqa: ARG002
    ) -> tuple[Ints, Ints]:
        """All of its short life."""
        return firms.active_from[rows], firms.active_to[rows]

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods, at times for a price that nobody haggled over."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """A newcomer's first real customers."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(650))
        signals.dearer(orders, rolls.chance(150), rolls)
        return orders
