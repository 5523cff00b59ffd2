"""Who plays which part: few resellers divert, and some three times as many honest ones look like them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.signals import WANTED
from training.simulator.trade import Order, Reseller
from training.simulator.typologies import Typology

_COMPANY = 420
"""The number of resellers that `Typology.diverters` and `twins` count of.

In a much smaller world each typology still has one diverter, so that the share of diverted orders is higher there.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one reseller does: a typology, as diverter or as honest twin, from `begins` to `ends`.

    `per_mille` is the share of all its orders that carry the part, if enough of them can.
    """

    typology: Typology
    honest: bool
    per_mille: int
    begins: int
    ends: int

    def play(self, orders: Sequence[Order], market: Market, dice: Dice) -> list[Order]:
        """The reseller's orders with some of them replaced, and the truth written on those."""
        open_to_it = [position for position, order in enumerate(orders) if self._takes(order)]
        chosen = set(dice.sample(open_to_it, (len(orders) * self.per_mille + 500) // 1000))
        played: list[Order] = []
        for position, order in enumerate(orders):
            played += self._replaced(order, market, dice) if position in chosen else [order]
        return played

    def _takes(self, order: Order) -> bool:
        return self.begins <= order.at < self.ends and self.typology.may_carry(order)

    def _replaced(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        code = self.typology.code
        if self.honest:
            return [replace(twin, twin_of=code) for twin in self.typology.imitate(order, market, dice)]
        return [replace(_mark(diverted, dice), typology=code) for diverted in self.typology.divert(order, market, dice)]


def cast(
    resellers: Sequence[Reseller], mean_orders: int, typologies: Sequence[Typology], dice: Dice
) -> tuple[list[Reseller], dict[str, Part]]:
    """Give parts to resellers; returns all resellers as they then are, and the parts by reseller id."""
    company = {reseller.reseller_id: reseller for reseller in resellers}
    parts: dict[str, Part] = {}
    for typology in typologies:
        suiting = [r for r in company.values() if r.reseller_id not in parts and typology.suits(r)]
        diverters = max(1, typology.diverters * len(resellers) // _COMPANY)
        twins = max(1, typology.twins * len(resellers) // _COMPANY)
        for rank, reseller in enumerate(dice.sample(suiting, diverters + twins)):
            recast = typology.recast(_sized(reseller, typology, mean_orders, dice), dice)
            company[reseller.reseller_id] = recast
            parts[reseller.reseller_id] = _part(typology, recast, honest=rank >= diverters, dice=dice)
    return list(company.values()), parts


def _sized(reseller: Reseller, typology: Typology, mean_orders: int, dice: Dice) -> Reseller:
    """A part needs a reseller of some size; twins get the same sizes, so that size does not tell them apart."""
    wants = tuple(dice.weighted(WANTED) for _ in range(2))
    if typology.keeps_orders:
        return replace(reseller, wants=wants, rush=None)
    return replace(reseller, wants=wants, rush=None, orders=mean_orders * dice.between(85, 140) // 100)


def _part(typology: Typology, reseller: Reseller, *, honest: bool, dice: Dice) -> Part:
    per_mille = dice.between(*(typology.twin_per_mille if honest else typology.share_per_mille))
    begins, ends = reseller.active_from, reseller.active_to
    if typology.has_season:
        # Most who have begun go on to the end; some stop in time.
        length = (ends - begins) // 100 * dice.between(40, 70)
        begins = ends - length if dice.chance(700) else begins + dice.below(ends - begins - length)
        ends = begins + length
    return Part(typology, honest, per_mille, begins, ends)


def _mark(order: Order, dice: Dice) -> Order:
    """The first line is what the hidden buyer wanted; of the others seven in ten go along with it."""
    first, *others = order.lines
    return replace(
        order,
        lines=(
            replace(first, diverted=True),
            *(replace(line, diverted=dice.chance(700)) for line in others),
        ),
    )
