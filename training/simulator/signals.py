"""The weak signals that stories and their honest twins share.

Each is one small change to an order. None is rare among honest orders: a diverted order carries one to four of them,
each with a likelihood ratio of about 3 at most (our choice, so that no single sign gives the answer).
"""

from dataclasses import replace

from training.simulator.dice import Dice, Odds
from training.simulator.market import Market
from training.simulator.places import RESTRICTED
from training.simulator.trade import CLASSES, Order, Reseller

WANTED: Odds[str] = Odds(
    {
        "forensics/hid-kit": 310,
        "forensics/hid-instrument": 60,
        "sequencing/instrument": 95,
        "sequencing/reagent": 125,
        "pcr/instrument": 150,
        "pcr/kit": 130,
        "ivd/test-kit": 40,
        "reagents/general": 60,
        "plastics/plate": 30,
    }
)
"""What the hidden buyers want: sensitive goods first, but also what any laboratory uses up."""

REVIEW_THRESHOLD = 2_500_000
"""US cents (25,000 USD): above it the old checklist looked twice. Our choice."""


def wanted_goods(order: Order, market: Market, dice: Dice) -> Order:
    """Put what the hidden buyer wants into the first line, and a customer on paper who would buy such goods."""
    wants = order.reseller.wants
    category = dice.pick(wants) if wants and dice.chance(880) else dice.weighted(WANTED)
    line = market.line(order.reseller, order.reseller.reseller_id, category, order.at, dice)
    customer = market.customer_for(order.reseller, category, dice)
    order = replace(
        order,
        lines=(line, *order.lines[1:]),
        declared_use=market.declared_use(customer.kind, line.product, dice),
    )
    if order.end_user is None:
        return order
    # The papers fit: goods that go to a customer go to the one who is named.
    ship_to = customer.site if order.ship_to is order.end_user.site else order.ship_to
    return replace(order, end_user=customer, kind=customer.kind, ship_to=ship_to)


def larger(order: Order, dice: Dice) -> Order:
    """Between twice and four times the usual quantity in the first line."""
    first = order.lines[0]
    more = first.quantity * dice.between(20, 40) // 10
    return replace(order, lines=(replace(first, quantity=max(more, first.quantity)), *order.lines[1:]))


def dearer(order: Order, dice: Dice) -> Order:
    """Pay 4 to 16 % more than this reseller usually does."""
    extra = dice.between(40, 160)
    return replace(
        order, lines=tuple(replace(line, price_per_mille=line.price_per_mille + extra) for line in order.lines)
    )


def new_name(order: Order, market: Market, kinds: tuple[str, ...], dice: Dice) -> Order:
    """Name an end user whom the reseller had not served before, of one of some classes."""
    stranger = market.stranger_of(order.reseller, kinds, dice)
    use = market.declared_use(stranger.kind, order.lines[0].product, dice)
    return replace(order, end_user=stranger, kind=stranger.kind, declared_use=use)


def usual_signs(order: Order, market: Market, dice: Dice) -> Order:
    """What stories have in common, each sign in a third to a half of the orders: none shows them all."""
    if order.end_user is not None and dice.chance(620):
        order = new_name(order, market, CLASSES, dice)
    order = larger(order, dice) if dice.chance(480) else order
    order = dearer(order, dice) if dice.chance(360) else order
    order = replace(order, declared_use="") if dice.chance(90) else order
    return to_own_site(order) if dice.chance(470) else order


def to_own_site(order: Order) -> Order:
    """Deliver to the reseller instead of the end user."""
    return replace(order, ship_to=order.reseller.site)


def is_restricted(reseller: Reseller) -> bool:
    """Whether the reseller itself sits in a restricted region."""
    return reseller.site.place.region in RESTRICTED
