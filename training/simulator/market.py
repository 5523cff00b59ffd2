"""What can be ordered, by whom and for what: the lookups that honest demand and every story share."""

from training.simulator.dice import Dice, Odds
from training.simulator.habits import DECLARED_USE, GOODS, affinity
from training.simulator.parties import Territory
from training.simulator.products import QUANTITY
from training.simulator.trade import EndUser, Line, Product, Reseller

_NUMBER_OF_LINES: Odds[int] = Odds({1: 800, 2: 130, 3: 45, 4: 15, 5: 6, 6: 4})
_LOYAL_PER_MILLE = 650
_INSTRUMENTS: Odds[int] = Odds({1: 88, 2: 9, 3: 3})


class Market:
    """The goods and end users of one world."""

    def __init__(self, products: tuple[Product, ...], end_users: tuple[EndUser, ...]) -> None:
        self._territory = Territory(end_users)
        self._by_category: dict[str, list[Product]] = {}
        for product in products:
            self._by_category.setdefault(product.category, []).append(product)

    def category(self, reseller: Reseller, kind: str, dice: Dice) -> str:
        """A category that a reseller would sell to a class of end user."""
        return dice.weighted(GOODS[kind, reseller.segment])

    def product(self, category: str, at: int, dice: Dice) -> Product:
        """A product of the category that is already on sale at the moment `at`."""
        product = dice.pick(self._by_category[category])
        return product if product.known_at < at else self._by_category[category][0]

    def usual(self, buyer_id: str, category: str, at: int, dice: Dice) -> Product:
        """A product of the category: mostly the one that this buyer's laboratory is set up for."""
        if dice.chance(_LOYAL_PER_MILLE):
            choices = self._by_category[category]
            product = choices[int(buyer_id[1:]) % len(choices)]
            if product.known_at < at:
                return product
        return self.product(category, at, dice)

    def line(self, reseller: Reseller, buyer_id: str, category: str, at: int, dice: Dice) -> Line:
        """An ordinary line: a product, a usual quantity, the reseller's price give or take 5 %."""
        instrument = category.endswith(("/instrument", "-instrument"))
        quantity = dice.weighted(_INSTRUMENTS) if instrument else max(1, dice.wide(QUANTITY[category]))
        price = reseller.price_per_mille + dice.between(-50, 50)
        if dice.chance(150):
            # Rush fees and bundled service: honest buyers pay above their usual price too.
            price += dice.between(40, 160)
        return Line(self.usual(buyer_id, category, at, dice), quantity, price)

    def lines(self, reseller: Reseller, customer: EndUser, at: int, dice: Dice) -> tuple[Line, ...]:
        """The lines of one order, about 1.3 of them."""
        buyer_id, kind = customer.end_user_id, customer.kind
        return tuple(
            self.line(reseller, buyer_id, self.category(reseller, kind, dice), at, dice)
            for _ in range(dice.weighted(_NUMBER_OF_LINES))
        )

    def declared_use(self, kind: str, product: Product, dice: Dice) -> str:
        """What an end user of this class says that such goods are for."""
        return dice.weighted(DECLARED_USE[kind, product.category.startswith("forensics")])

    def customer(self, reseller: Reseller, dice: Dice) -> EndUser:
        """One of the reseller's customers; the first ones buy most."""
        known = reseller.customers
        return known[dice.below(dice.between(1, len(known)))]

    def customer_for(self, reseller: Reseller, category: str, dice: Dice) -> EndUser:
        """A customer of a class that usually buys the category, drawn as an honest order would show it."""
        for _ in range(12):
            customer = self.customer(reseller, dice)
            if dice.below(420) < affinity(customer.kind, category):
                return customer
        return self.customer(reseller, dice)

    def stranger(self, reseller: Reseller, dice: Dice) -> EndUser:
        """An end user near the reseller whom it has most likely never served."""
        return self._territory.client(reseller.site.place, dice)

    def stranger_of(self, reseller: Reseller, kinds: tuple[str, ...], dice: Dice) -> EndUser:
        """A stranger of one of some classes, if one turns up in twelve draws."""
        for _ in range(12):
            stranger = self.stranger(reseller, dice)
            if stranger.kind in kinds:
                return stranger
        return stranger
