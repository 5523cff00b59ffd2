"""What can be ordered, by whom and for what: the lookups that honest demand and every story share."""

from dataclasses import dataclass

import numpy as np

from training.simulator import habits, products
from training.simulator.draws import Bools, Ints, Odds, Rolls
from training.simulator.orders import MOST_LINES
from training.simulator.parties import EndUsers, Resellers, Territory
from training.simulator.products import Catalogue
from training.simulator.scenario import Scenario

LINES_ODDS = Odds([800, 130, 45, 15, 6, 4])
_INSTRUMENTS = Odds([88, 9, 3])
_LOYAL_PER_MILLE = 650
_DEARER_PER_MILLE = 150


@dataclass(slots=True)
class Market:
    """All that exists before the first order."""

    scenario: Scenario
    catalogue: Catalogue
    end_users: EndUsers
    territory: Territory
    resellers: Resellers
    seed: int

    def product(self, category: Ints, buyer: Ints, at: Ints, rolls: Rolls) -> Ints:
        """A product of each category: mostly the one that this buyer's laboratory is set up for."""
        first, count = products.FIRST[category], products.COUNT[category]
        loyal = rolls.chance(_LOYAL_PER_MILLE)
        product = first + np.where(loyal, buyer % count, rolls.below(count))
        return np.where(self.catalogue.known_at[product] < at, product, first)

    def quantity(self, category: Ints, rolls: Rolls) -> Ints:
        """Usual units of a line."""
        usual = np.maximum(1, rolls.wide(products.QUANTITY[category]))
        return np.where(products.INSTRUMENT[category], 1 + rolls.choose(_INSTRUMENTS), usual)

    def price(self, reseller: Ints, rolls: Rolls) -> Ints:
        """The reseller's price give or take 5 %; one line in some is dearer: rush fees, bundled service."""
        price = self.resellers.price[reseller] + rolls.between(-50, 50)
        return price + np.where(rolls.chance(_DEARER_PER_MILLE), rolls.between(40, 160), 0)

    def customer(self, reseller: Ints, rolls: Rolls) -> Ints:
        """One of each reseller's customers; the first ones buy most."""
        slot = rolls.below(rolls.between(1, self.resellers.customer_count[reseller]))
        chosen: Ints = self.resellers.customers[self.resellers.first_customer[reseller] + slot]
        return chosen

    def customer_for(self, reseller: Ints, category: Ints, rolls: Rolls) -> Ints:
        """A customer of a class that usually buys the category, drawn as an honest order would show it."""
        chosen = self.customer(reseller, rolls)
        waiting = np.ones(len(chosen), np.bool_)
        for _ in range(6):
            kind = self.end_users.kind[chosen]
            waiting &= rolls.below(420) >= habits.AFFINITY[kind, category]
            chosen = np.where(waiting, self.customer(reseller, rolls), chosen)
        return chosen

    def stranger(self, reseller: Ints, rolls: Rolls) -> Ints:
        """An end user near each reseller whom it has most likely never served."""
        return self.territory.client(self.resellers.place[reseller], rolls)

    def lines(self, reseller: Ints, kind: Ints, buyer: Ints, at: Ints, rolls: Rolls) -> tuple[Ints, Ints, Ints, Ints]:
        """Lines of ordinary orders: their number (n,), and (n, 6) products, quantities and prices."""
        number = 1 + rolls.choose(LINES_ODDS)
        shape = (len(reseller), MOST_LINES)
        product, quantity, price = np.zeros(shape, np.int64), np.ones(shape, np.int64), np.full(shape, 1000)
        for line in range(MOST_LINES):
            rows = np.flatnonzero(number > line)
            if not len(rows):
                break
            own = rolls[rows]
            who = reseller[rows]
            category = habits.goods_of(own.point(), kind[rows], self.resellers.segment[who])
            product[rows, line] = self.product(category, buyer[rows], at[rows], own)
            quantity[rows, line] = self.quantity(category, own)
            price[rows, line] = self.price(who, own)
        return number, product, quantity, price

    def category(self, product: Ints) -> Ints:
        """The family of each product."""
        return self.catalogue.family[product]


def in_country(market: Market, end_user: Ints, mask: Bools) -> Bools:
    """Of the named end users, those whose place passes a mask over `PLACES`."""
    named: Bools = (end_user >= 0) & mask[market.end_users.place[np.maximum(end_user, 0)]]
    return named
