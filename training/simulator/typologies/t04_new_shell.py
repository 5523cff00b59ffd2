"""T04: a firm is founded, orders a few times and vanishes."""

from dataclasses import replace

from features.measures import DAY
from training.simulator import signals
from training.simulator.dates import END, START
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Reseller
from training.simulator.typologies.typology import Typology

_SHARED_OFFICES = 12
_LIFE_DAYS = (90, 270)


class NewShell(Typology):
    """Mechanism: two to five orders through a firm without a past. Signal: its age and its shared address."""

    code = "T04"
    story = "A firm of a few months, in an office that it shares with strangers, buys, forwards and is gone."
    twin_story = "A start-up distributor in the same office building tries the trade; some give up within the year."
    diverters = 6
    twins = 20
    # Of so few orders the share is high; over all diverters it stays within 15 to 35 %.
    share_per_mille = (550, 750)
    twin_per_mille = (400, 700)
    keeps_orders = True
    has_season = False

    def suits(self, reseller: Reseller) -> bool:
        """Any reseller not in the restricted region."""
        return not signals.is_restricted(reseller)

    def recast(self, reseller: Reseller, dice: Dice) -> Reseller:
        """A young firm with few orders, often in a shared office, not always authorised."""
        active_from = START + dice.between(0, (END - START) // DAY - 150) * DAY
        known_at = active_from - dice.between(5, 60) * DAY
        shared = f"A{90000 + dice.below(_SHARED_OFFICES)}"
        return replace(
            reseller,
            address_id=shared if dice.chance(500) else reseller.address_id,
            founded_on=known_at - dice.between(20, 330) * DAY,
            known_at=known_at,
            authorised_from=known_at + dice.between(0, 40) * DAY if dice.chance(650) else None,
            authorised_to=None,
            orders=dice.between(2, 5),
            active_from=active_from,
            active_to=min(END, active_from + dice.between(*_LIFE_DAYS) * DAY),
        )

    def divert(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """Wanted goods, at times for a price that nobody haggled over."""
        order = signals.wanted_goods(order, market, dice)
        return [signals.usual_signs(order, market, dice)]

    def imitate(self, order: Order, market: Market, dice: Dice) -> list[Order]:
        """A newcomer's first real customers."""
        order = signals.wanted_goods(order, market, dice) if dice.chance(600) else order
        return [signals.dearer(order, dice) if dice.chance(150) else order]
