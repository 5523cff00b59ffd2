"""What every story of diversion has: a mechanism, a weak signal, an honest twin that shares it, and a few words."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs


class Typology(ABC):
    """One way goods are diverted.

    `diverters` and `twins` are how many of 1,000 resellers play the part; `share_per_mille` and `twin_per_mille` bound
    how many of their orders in its season carry it. `appears` says when a season may begin: at any time, or only once
    the score is in service. The seller never sees the diverter: nothing here writes it into an order.
    """

    code: ClassVar[str]
    story: ClassVar[str]
    twin_story: ClassVar[str]
    diverters: ClassVar[int] = 4
    twins: ClassVar[int] = 12
    share_per_mille: ClassVar[tuple[int, int]] = (620, 810)
    twin_per_mille: ClassVar[tuple[int, int]] = (300, 550)
    signs: ClassVar[Signs]
    """What its diverted orders show, beside what is its own."""
    surfaces: ClassVar[int] = 100
    """How often it comes out in public procurement papers, in thousandths of the scenario's usual share.

    Ways that end in a public tender come out often; shells, hubs and second-hand instruments hardly ever: what is found
    is no fair sample of what happens.
    """
    appears: ClassVar[Literal["any time", "after training"]] = "any time"
    together: ClassVar[tuple[int, int]] = (1, 1)
    """How many resellers act as one."""
    adapts: ClassVar[bool] = False
    """Whether its diverters drop the signs that they are caught by."""

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Which resellers could play this part, as diverter or as twin: most need somebody who stays."""
        stays: Bools = firms.active_to - firms.active_from > 600 * DAY
        if self.appears == "after training":
            stays &= firms.active_to > scenario.rule_date + 120 * DAY
        return stays

    def recast(  # noqa: B027 - most stories leave their resellers as they are
        self, firms: Resellers, rows: NDArray[np.intp], scenario: Scenario, rolls: Rolls
    ) -> None:
        """Give the chosen resellers what diverter and twin have in common (age, address, pauses)."""

    def season(
        self, firms: Resellers, rows: "NDArray[np.intp]", scenario: Scenario, rolls: Rolls
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """From when to when each of the resellers plays the part: 25 to 45 % of its time; half go on to the end."""
        begins, ends = firms.active_from[rows], firms.active_to[rows]
        if self.appears == "after training":
            return np.maximum(begins, scenario.rule_date) + rolls.below(150) * DAY, ends
        length = (ends - begins) // 100 * rolls.between(25, 45)
        late = rolls.chance(500)
        start = np.where(late, ends - length, begins + rolls.below((ends - begins - length) // DAY) * DAY)
        return start, start + length

    def may_carry(self, market: Market, orders: Orders) -> Bools:  # noqa: ARG002 - most stories take any order
        """Which orders could carry the mechanism or the twin's signal."""
        return np.ones(len(orders), np.bool_)

    @abstractmethod
    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The diverted orders that take the place of honest ones."""

    @abstractmethod
    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The honest orders that look like them."""
