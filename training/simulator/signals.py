"""The weak signals that stories and their honest twins share.

Each is one small change to an order. None is rare among honest orders: a diverted order carries one to four of them,
each with a likelihood ratio of about 3 at most (our choice, so that no single sign gives the answer).
"""

from dataclasses import dataclass

import numpy as np

from features.measures import DAY
from training.simulator import habits, places
from training.simulator.demand import to_end_user, to_own_site
from training.simulator.draws import Bools, Ints, Odds, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders

WANTED = Odds([300, 60, 90, 120, 120, 120, 45, 60, 15, 25, 45])
"""What hidden buyers want, by family: sensitive goods first, but also what any laboratory uses up."""

REVIEW_THRESHOLD = 2_500_000
"""US cents (25,000 USD): above it the old checklist looked twice. Our choice."""

_LOYAL_TO_WANTS = 850
_FADES_IN = 180 * DAY
_FADED = 500


def fading(market: Market, orders: Orders) -> Ints:
    """How much of its signs an order still shows, in thousandths: who adapts drops them in two quarters."""
    since = np.clip(orders.at - market.scenario.trained_until, 0, _FADES_IN)
    left = 1000 - (1000 - _FADED) * (since // DAY) // (_FADES_IN // DAY)
    return np.where(market.resellers.adapts[orders.reseller], left, 1000)


def wanted(market: Market, orders: Orders, rolls: Rolls) -> Ints:
    """The family that each order's large buyer asks for: mostly one of its two usual ones."""
    usual = market.resellers.wants[orders.reseller, rolls.below(2)]
    return np.where(rolls.chance(_LOYAL_TO_WANTS), usual, rolls.choose(WANTED))


def wanted_goods(market: Market, orders: Orders, rolls: Rolls, rows: Bools, category: Ints | None = None) -> None:
    """Put what the buyer wants into the first line, and a customer on paper who would buy such goods."""
    firms = market.resellers
    family = wanted(market, orders, rolls) if category is None else category
    product = market.product(family, firms.buyer[orders.reseller], orders.at, rolls)
    put(orders.product, rows, product)
    put(orders.quantity, rows, market.quantity(family, rolls))
    put(orders.price, rows, market.price(orders.reseller, rolls))
    named = rows & (orders.end_user >= 0)
    name(market, orders, named, market.customer_for(orders.reseller, family, rolls), rolls)


def put(lines: Ints, rows: Bools, first: Ints) -> None:
    """Change the first line of some orders in a column of lines."""
    lines[:, 0] = np.where(rows, first, lines[:, 0])


def name(market: Market, orders: Orders, rows: Bools, end_user: Ints, rolls: Rolls) -> None:
    """Name another end user for some; the papers fit: what went to the end user goes to the new one."""
    site, before = market.end_users, np.maximum(orders.end_user, 0)
    went_there = (
        (orders.end_user >= 0) & (orders.latitude == site.latitude[before]) & (orders.place == site.place[before])
    )
    orders.end_user = np.where(rows, end_user, orders.end_user)
    orders.kind = np.where(rows, site.kind[end_user], orders.kind)
    use = habits.use_of(rolls.point(), orders.kind, market.category(orders.product[:, 0]))
    orders.use = np.where(rows, use, orders.use)
    to_end_user(market, orders, rows & went_there)


def larger(orders: Orders, rows: Bools, rolls: Rolls) -> None:
    """Ask for two to four times the quantity in the first line of some."""
    more = orders.quantity[:, 0] * rolls.between(20, 40) // 10
    put(orders.quantity, rows, more)


def dearer(orders: Orders, rows: Bools, rolls: Rolls) -> None:
    """Pay 4 to 16 % more than this reseller usually does."""
    extra = np.where(rows, rolls.between(40, 160), 0)
    orders.price = np.where(orders.price >= 0, orders.price + extra[:, None], orders.price)


def new_name(market: Market, orders: Orders, rows: Bools, rolls: Rolls, kinds: tuple[int, ...] = ()) -> None:
    """Name an end user whom the reseller had not served before, of one of some classes if one turns up."""
    chosen = market.stranger(orders.reseller, rolls)
    for _ in range(4 if kinds else 0):
        unfit = ~np.isin(market.end_users.kind[chosen], kinds)
        chosen = np.where(unfit, market.stranger(orders.reseller, rolls), chosen)
    name(market, orders, rows & (orders.end_user >= 0), chosen, rolls)


@dataclass(frozen=True, slots=True)
class Signs:
    """How often a story's orders show each of five small signs, in thousandths."""

    new_name: int = 0
    larger: int = 0
    dearer: int = 0
    own_site: int = 0
    blank_use: int = 0


def show(market: Market, orders: Orders, rolls: Rolls, signs: Signs) -> None:
    """Give orders the signs of their story; over all diverted orders each sign is there in a quarter to a half."""
    left = fading(market, orders)
    new_name(market, orders, rolls.chance(signs.new_name * left // 1000), rolls)
    larger(orders, rolls.chance(signs.larger * left // 1000), rolls)
    dearer(orders, rolls.chance(signs.dearer * left // 1000), rolls)
    to_own_site(market, orders, rolls.chance(signs.own_site * left // 1000))
    orders.use = np.where(rolls.chance(signs.blank_use * left // 1000), 0, orders.use)


def in_restricted(market: Market, orders: Orders) -> Bools:
    """Orders whose reseller sits in a restricted region."""
    sits: Bools = places.SENSITIVE[market.resellers.place[orders.reseller]]
    return sits


def all_of(orders: Orders) -> Bools:
    """Every order of the batch."""
    return np.ones(len(orders), np.bool_)
