"""What every story of diversion has: a mechanism, a weak signal, an honest twin that shares it, and a few words."""

from abc import ABC, abstractmethod
from typing import ClassVar

from features.measures import DAY
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller


class Typology(ABC):
    """One way goods are diverted.

    `diverters` and `twins` are how many resellers of 420 play the part; `share_per_mille` and `twin_per_mille` bound
    how many of their orders carry it. The seller never sees the diverter: nothing here writes it into an order.
    """

    code: ClassVar[str]
    story: ClassVar[str]
    twin_story: ClassVar[str]
    diverters: ClassVar[int]
    twins: ClassVar[int]
    share_per_mille: ClassVar[tuple[int, int]] = (200, 290)
    twin_per_mille: ClassVar[tuple[int, int]] = (150, 350)
    keeps_orders: ClassVar[bool] = False
    """Whether `recast` decides how many orders a diverter places."""
    has_season: ClassVar[bool] = True
    """Whether diversion fills only a part of a reseller's time; otherwise `may_carry` says when."""

    def suits(self, reseller: Reseller) -> bool:
        """Whether a reseller could play this part, as diverter or as twin: most need somebody who stays."""
        return reseller.active_to - reseller.active_from > 600 * DAY

    def recast(self, reseller: Reseller, dice: Dice) -> Reseller:  # noqa: ARG002  # most parts leave it as it is
        """The reseller with what diverter and twin have in common (age, address, pauses)."""
        return reseller

    def may_carry(self, order: Order) -> bool:  # noqa: ARG002  # most parts take any order
        """Whether an order is one that could carry the mechanism or the twin's signal."""
        return True

    @abstractmethod
    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """The diverted order, or orders, that take the place of an honest one."""

    @abstractmethod
    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """The honest order, or orders, that look like it."""
