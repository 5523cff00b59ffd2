"""T01: a reseller in the restricted region orders for itself and hands the goods on to a buyer next door."""

from dataclasses import replace

from training.simulator import signals
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.parties import spot
from training.simulator.places import NEXT_DOOR, RESTRICTED
from training.simulator.trade import EndUser, Order, Reseller
from training.simulator.typologies.typology import Typology


class RegionalReseller(Typology):
    """Mechanism: a hospital or university of the region stands on the paper. Signal: a ship-to in the region."""

    code = "T01"
    story = "A dealer in the region names a local laboratory; the goods go to a security buyer in the same city."
    twin_story = "Hospitals, universities and public health in the region buy from the same kind of local dealer."
    diverters = 2
    twins = 5

    def suits(self, reseller: Reseller) -> bool:
        """Only resellers that sit in the region."""
        return super().suits(reseller) and signals.is_restricted(reseller)

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods for a local name; otherwise to a forwarder in the next province."""
        order = signals.wanted_goods(order, market, dice)
        order = signals.usual_signs(order, market, dice)
        return [_for_somebody_local(order) if dice.chance(650) else _to_next_door(order, dice)]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """A local laboratory buys such goods for itself."""
        order = signals.wanted_goods(order, market, dice) if dice.chance(500) else order
        return [_for_somebody_local(order)]


def _for_somebody_local(order: Order) -> Order:
    local = [customer for customer in order.reseller.customers if _in_region(customer)]
    if not local:
        return signals.to_own_site(order)
    named = next((customer for customer in local if customer.kind == order.kind), local[0])
    return replace(order, end_user=named, kind=named.kind, ship_to=named.site)


def _to_next_door(order: Order, dice: Dice) -> Order:
    return replace(order, ship_to=spot(dice.pick(NEXT_DOOR), dice))


def _in_region(customer: EndUser) -> bool:
    return customer.site.place.region in RESTRICTED
