"""Honest orders of a week: who orders, when, what, for whom and whereto."""

from datetime import UTC, datetime

import numpy as np

from features.measures import DAY, SECOND
from training.simulator import habits, places
from training.simulator.draws import Bools, Draws, Ints, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import NEVER

_BUSY = (0, 850, 650, 1000, 950, 950, 900, 800, 750, 950, 1000, 1000, 1000)
"""How busy each month is, in thousandths (index 1..12): public budgets are spent late in the year. Our choice."""

FRESH_PER_MILLE = 200
"""Honest orders for an end user whom the reseller had most likely not served before."""

LARGE_PER_MILLE = 160
"""Honest orders whose first line asks for two to four times the usual quantity."""

CALLED_OFF_PER_MILLE = 45
"""Honest orders that are repeated within nine days: a second delivery of the same."""

_BLANK_PER_MILLE = 50
"""Honest orders, not for stock, that name no end user."""


def week_of_orders(market: Market, first: int, last: int, draws: Draws) -> Orders:
    """The honest orders of one week, not yet in order of time."""
    firms = market.resellers
    week = (first - market.scenario.start) // (7 * DAY)
    number = np.arange(firms.count, dtype=np.int64)
    rolls = draws.of(number, np.full(firms.count, week))
    reseller = np.repeat(number, _counts(market, first, last, rolls))
    place_in_week = np.arange(len(reseller)) - np.searchsorted(reseller, reseller)
    order = draws.of(reseller, np.full(len(reseller), week), place_in_week + 1)
    return honest_orders(market, reseller, moments(market, reseller, first, last, order), order)


def _counts(market: Market, first: int, last: int, rolls: Rolls) -> Ints:
    """Orders of each reseller in the week: what is expected, made lumpy."""
    mean = expected(market, first, last) * rolls.narrow(940) // 1000
    return mean // 1_000_000 + (rolls.below(1_000_000) < mean % 1_000_000)


def expected(market: Market, first: int, last: int) -> Ints:
    """Expected orders of each reseller in a week, in millionths: busy months, a pause and a rush where it has them."""
    firms, middle = market.resellers, (first + last) // 2
    days = np.clip(np.minimum(firms.active_to, last) - np.maximum(firms.active_from, first), 0, 7 * DAY) // DAY
    busy = _BUSY[datetime.fromtimestamp(middle // 1_000_000, tz=UTC).month]
    mean = firms.rate * days // 7 * busy // 1000
    paused = (firms.pause_from <= middle) & (middle < firms.pause_to)
    rushed = (firms.pause_to <= middle) & (middle < firms.rush_to)
    return np.where(paused, 0, np.where(rushed, mean * firms.rush_percent // 100, mean))


def moments(market: Market, reseller: Ints, first: int, last: int, rolls: Rolls) -> Ints:
    """A moment of each order in office hours of the reseller's city; weekends are quiet."""
    days = max(1, (last - first) // DAY)
    day, again = rolls.below(days), rolls.below(days)
    weekend = ((first // DAY + day) % 7 == 2) | ((first // DAY + day) % 7 == 3)  # 1970-01-01 was a Thursday
    day = np.where(weekend & rolls.chance(900), again, day)
    local = rolls.between(8 * 3600, 18 * 3600)
    at = first + day * DAY + (local - places.UTC_HOURS[market.resellers.place[reseller]] * 3600) * SECOND
    # An evening in the west is already the next day in UTC, a morning in the east still the day before.
    begins = np.maximum(first, market.resellers.active_from[reseller])
    return np.clip(at, begins, last - SECOND)


def honest_orders(market: Market, reseller: Ints, at: Ints, rolls: Rolls) -> Orders:
    """One honest order for each reseller and moment."""
    firms, count = market.resellers, len(reseller)
    key = rolls.bits()
    customer = np.where(
        rolls.chance(FRESH_PER_MILLE), market.stranger(reseller, rolls), market.customer(reseller, rolls)
    )
    kind = market.end_users.kind[customer]
    lines, product, quantity, price = market.lines(reseller, kind, customer, at, rolls)
    large = rolls.chance(LARGE_PER_MILLE)
    quantity[:, 0] = np.where(large, quantity[:, 0] * rolls.between(20, 40) // 10, quantity[:, 0])
    orders = Orders(
        key=key,
        at=at,
        reseller=reseller,
        end_user=customer,
        kind=kind,
        use=habits.use_of(rolls.point(), kind, market.category(product[:, 0])),
        place=market.end_users.place[customer],
        latitude=market.end_users.latitude[customer],
        longitude=market.end_users.longitude[customer],
        stock=np.zeros(count, np.bool_),
        lines=lines,
        product=product,
        quantity=quantity,
        price=price,
        typology=np.zeros(count, np.int64),
        twin=np.zeros(count, np.int64),
        line_diverted=np.zeros(product.shape, np.bool_),
    )
    own, hub = rolls.chance(firms.own_site[reseller]), rolls.chance(firms.hub_share[reseller])
    to_own_site(market, orders, own & ~hub)
    to_hub(market, orders, hub)
    stock = rolls.chance(firms.stock[reseller])
    for_stock(market, orders, stock, rolls)
    orders.end_user = np.where(~stock & rolls.chance(_BLANK_PER_MILLE), -1, orders.end_user)
    return orders


def for_stock(market: Market, orders: Orders, rows: Bools, rolls: Rolls) -> None:
    """Order some for the reseller's shelf: mostly no end user, delivered to the reseller, unless that is abroad."""
    nameless = rows & ~rolls.chance(150)
    orders.stock |= rows
    orders.end_user = np.where(nameless, -1, orders.end_user)
    orders.kind = np.where(nameless, habits.UNKNOWN, orders.kind)
    orders.use = np.where(rows & ~rolls.chance(350), 0, orders.use)
    home = places.COUNTRY[market.resellers.place[orders.reseller]] == places.COUNTRY[orders.place]
    to_own_site(market, orders, rows & home)


def to_own_site(market: Market, orders: Orders, rows: Bools) -> None:
    """Deliver some to the reseller's own site, as it is at the time."""
    firms = market.resellers
    moved = (firms.moves_at[orders.reseller] != NEVER) & (firms.moves_at[orders.reseller] <= orders.at)
    place = np.where(moved, firms.moves_to[orders.reseller], firms.place[orders.reseller])
    latitude = np.where(moved, places.LATITUDE[place], firms.latitude[orders.reseller])
    longitude = np.where(moved, places.LONGITUDE[place], firms.longitude[orders.reseller])
    deliver(orders, rows, place, latitude, longitude)


def to_hub(market: Market, orders: Orders, rows: Bools) -> None:
    """Deliver some to a trading hub."""
    hub = market.resellers.hub[orders.reseller]
    deliver(orders, rows, hub, places.LATITUDE[hub], places.LONGITUDE[hub])


def to_end_user(market: Market, orders: Orders, rows: Bools) -> None:
    """Deliver some to the named end user."""
    named = np.maximum(orders.end_user, 0)
    site = market.end_users
    deliver(orders, rows & (orders.end_user >= 0), site.place[named], site.latitude[named], site.longitude[named])


def deliver(
    orders: Orders,
    rows: Bools,
    place: Ints,
    latitude: Ints,
    longitude: Ints,
) -> None:
    """Change the ship-to of some."""
    orders.place = np.where(rows, place, orders.place)
    orders.latitude = np.where(rows, latitude, orders.latitude)
    orders.longitude = np.where(rows, longitude, orders.longitude)


def repeated(market: Market, orders: Orders, draws: Draws) -> Orders:
    """Second deliveries of some orders, one to nine days later."""
    rolls = draws.of(orders.key)
    again = rolls.chance(CALLED_OFF_PER_MILLE)
    copies, own = orders.take(again), rolls[again]
    copies.at = copies.at + own.between(1, 9) * DAY + own.between(-7200, 7200) * SECOND
    copies.key = own.bits()
    return copies.take(copies.at < np.minimum(market.resellers.active_to[copies.reseller], market.scenario.end))
