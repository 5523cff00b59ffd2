"""Honest orders in time: when a reseller orders, what, for whom and whereto."""

from dataclasses import replace
from operator import attrgetter

from features.measures import DAY, SECOND
from training.simulator.dates import END, month_of
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import EndUser, Order, Reseller, Site

_BUSY = (0, 850, 650, 1000, 950, 950, 900, 800, 750, 950, 1000, 1000, 1000)
"""How busy each month is, in thousandths (index 1..12): public budgets are spent late in the year. Our choice."""

_FRESH_PER_MILLE = 90
"""Honest orders for an end user whom the reseller had not served before."""

_CALLED_OFF_PER_MILLE = 45
"""Honest orders that are repeated within nine days: a second delivery of the same."""

_BLANK_PER_MILLE = 35
"""Honest orders, not for stock, that name no end user."""


def honest_orders(reseller: Reseller, market: Market, dice: Dice) -> list[Order]:
    """All orders that a reseller would place if nobody played a part, in time order."""
    orders = []
    for at in timetable(reseller, dice):
        order = honest_order(reseller, at, market, dice)
        orders.append(order)
        if dice.chance(_CALLED_OFF_PER_MILLE):
            later = at + dice.between(1, 9) * DAY + dice.between(-7200, 7200) * SECOND
            orders += [replace(order, at=later)] if later < END else []
    return sorted(orders, key=attrgetter("at"))


def timetable(reseller: Reseller, dice: Dice) -> list[int]:
    """The moments of a reseller's orders: office hours, busy months, a pause and a rush where it has them."""
    rush = reseller.rush
    moments = []
    for _ in range(reseller.orders):
        at = moment_between(reseller.active_from, reseller.active_to, reseller, dice)
        if rush is None or not rush.pause_from <= at < rush.ends:
            moments.append(at)
    if rush:
        moments += [moment_between(rush.pause_to, rush.ends, reseller, dice) for _ in range(rush.orders)]
    return sorted(moments)


def moment_between(first: int, last: int, reseller: Reseller, dice: Dice) -> int:
    """A moment in office hours of the reseller's city, from the day of `first` to the day before `last`."""
    days = max(1, (last - first) // DAY)
    start = first - first % DAY
    for _ in range(8):
        day = start + dice.below(days) * DAY
        # 1970-01-01 was a Thursday: day numbers 2 and 3 modulo 7 are Saturday and Sunday.
        if dice.below(1000) < _BUSY[month_of(day)] and (day // DAY % 7 not in {2, 3} or dice.chance(80)):
            break
    local = dice.between(8 * 3600, 18 * 3600)
    at = day + (local - reseller.site.place.utc_hours * 3600) * SECOND
    # An evening in the west is already the next day in UTC, a morning in the east still the day before.
    return min(max(at, first), END - SECOND)


def honest_order(reseller: Reseller, at: int, market: Market, dice: Dice) -> Order:
    """One honest order."""
    fresh = dice.chance(_FRESH_PER_MILLE)
    customer = market.stranger(reseller, dice) if fresh else market.customer(reseller, dice)
    lines = market.lines(reseller, customer, at, dice)
    order = Order(
        at=at,
        reseller=reseller,
        end_user=customer,
        kind=customer.kind,
        declared_use=market.declared_use(customer.kind, lines[0].product, dice),
        ship_to=destination(reseller, customer, dice),
        for_stock=False,
        lines=lines,
    )
    if dice.chance(reseller.stock_per_mille):
        return for_stock(order, dice)
    return replace(order, end_user=None) if dice.chance(_BLANK_PER_MILLE) else order


def for_stock(order: Order, dice: Dice) -> Order:
    """The same order for the reseller's shelf: mostly no end user, delivered to the reseller."""
    named = dice.chance(150)
    return replace(
        order,
        for_stock=True,
        end_user=order.end_user if named else None,
        kind=order.kind if named else "unknown",
        declared_use=order.declared_use if dice.chance(350) else "",
        ship_to=order.reseller.site
        if order.ship_to.place.country == order.reseller.site.place.country
        else order.ship_to,
    )


def destination(reseller: Reseller, customer: EndUser, dice: Dice) -> Site:
    """Where an honest order goes: a hub, the reseller's own site or the customer."""
    if reseller.hub and dice.chance(reseller.hub_per_mille):
        return Site(reseller.hub, reseller.hub.latitude, reseller.hub.longitude)
    return reseller.site if dice.chance(reseller.own_site_per_mille) else customer.site
