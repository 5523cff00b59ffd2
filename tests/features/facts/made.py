"""A made history of a small market, for tests of a whole catalogue: as many events as asked, in order of time."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from features.evidence import AwardLine, Grade, Link, LinkedLine, Linking, LinkVerdict, Notice, link_id
from features.measures import DAY, Money, Quantity
from features.sell_through import SellThrough
from features.trade import Finding, Order, OrderLine, Outcome, Place, Product, Reseller, Site, Status, StatusChange
from tests.factory import T0

Event = Order | Finding | StatusChange | Reseller | Product | Notice | Linking | LinkVerdict | SellThrough

_PLACES = (
    Place("CN", "CN-XJ", "Urumqi", 43.8, 87.6),
    Place("CN", "CN-GD", "Shenzhen"),
    Place("CN"),
    Place("CN", city="库尔勒"),
    Place("SG", x_km=3.0, y_km=-4.5),
    Place("US", "US-CA", "Davis", 38.5, -121.7),
    None,
)
_PORTS = ((), (("port", "Basel"),), (("port", "Bern"), ("purpose", "T")))
_STEPS = (0, 0, 1, DAY // 3, DAY, 5 * DAY, 40 * DAY)


def market(seed: int, events: int = 150, start: int = T0) -> list[Event]:
    """Resellers, products, orders with revisions, findings and reports with corrections, cancellations, awards."""
    dice = random.Random(seed)  # noqa: S311 - a made-up history
    return list(_Market(dice, start).happen(events))


class _Market:
    def __init__(self, dice: random.Random, start: int) -> None:
        self.dice, self.t = dice, start
        self.revisions: dict[str, int] = {}
        self.findings: dict[str, tuple[int, dict[str, Any]]] = {}
        self.notices: dict[str, int] = {}
        self.links: dict[str, tuple[str, Link, int]] = {}
        self.due: list[Event] = []

    def happen(self, events: int) -> Iterator[Event]:
        often: list[Callable[[int], Event]] = [self.order] * 6 + [self.finding] * 2
        kinds = [*often, self.revision, self.status, self.reseller, self.product, self.notice, self.verdict]
        kinds += [self.report] * 2
        for number in range(events):
            if self.due:
                yield self.due.pop()
                continue
            self.t += self.dice.choice(_STEPS)
            make = self.dice.choice(kinds) if self.revisions else self.order
            yield make(number)

    def order(self, number: int) -> Order:
        return self._placed(f"o{number}")

    def revision(self, _: int) -> Order:
        return self._placed(self.dice.choice([*self.revisions]))

    def _placed(self, order_id: str) -> Order:
        self.revisions[order_id] = self.revisions.get(order_id, 0) + 1
        lines = tuple(self._line(str(number)) for number in range(self.dice.choice((1, 1, 2, 3))))
        return Order(order_id, f"r{self.dice.randrange(4)}", lines, self.t, self.revisions[order_id], self.t)

    def _line(self, line_id: str) -> OrderLine:
        maybe = self.dice.choice
        return OrderLine(
            line_id,
            maybe(("kit", "device", "part")),
            maybe((None, Quantity.of(self.dice.randrange(9)), Quantity.of(2, "kg"), Quantity.of(3, "ml"))),
            value=maybe((None, self.dice.randrange(10**6), 10**11)),
            category=maybe((None, None, "kits/dna")),
            end_user_id=maybe((None, "u1", "u2", "u3")),
            end_user_class=maybe((None, "health", "security")),
            ship_to=maybe(_PLACES),
            for_stock=maybe((None, True, False)),
            attributes=maybe(_PORTS),
        )

    def finding(self, number: int) -> Finding:
        again = bool(self.findings) and self.dice.random() < 0.3
        name = self.dice.choice([*self.findings]) if again else f"f{number}"
        whole = self.dice.random() < 0.2
        judged: dict[str, Any] = (
            {"reseller_id": f"r{self.dice.randrange(4)}"} if whole else {"order_id": self._known_order()}
        )
        revision, judged = self.findings.get(name, (0, judged))
        self.findings[name] = revision + 1, judged
        return Finding(name, self.dice.choice([*Outcome]), self.t - 5, self.t, revision=revision + 1, **judged)

    def status(self, _: int) -> StatusChange:
        return StatusChange(self._known_order(), self.dice.choice((Status.CANCELLED, Status.SHIPPED)), self.t, self.t)

    def _known_order(self) -> str:
        return self.dice.choice([*self.revisions])

    def notice(self, number: int) -> Notice:
        """A notice, or an amendment of one; its links are the next event."""
        again = bool(self.notices) and self.dice.random() < 0.3
        name = self.dice.choice([*self.notices]) if again else f"n{number}"
        revision = self.notices[name] = self.notices.get(name, 0) + 1
        lines = tuple(self._award(str(each)) for each in range(self.dice.choice((1, 1, 2))))
        buyer = (self.dice.choice((None, "b1", "b2")), None, self.dice.choice(("security", "security", "health")))
        place, method = self.dice.choice(_PLACES), self.dice.choice((None, "open", "direct"))
        where = Place(place.country, place.region, place.city) if place else None
        told = (self.t, lines, self.t - DAY, self.t - 9 * DAY, None, None, None, *buyer, where, method, revision)
        self.due.append(self._linking(name, revision, len(lines)))
        return Notice(name, f"{number:064x}", *told)

    def _award(self, award_id: str) -> AwardLine:
        supplier, value = self.dice.choice((None, "r1", "r2")), self.dice.choice((None, 10**5, 10**11))
        category = self.dice.choice((None, "kits/dna", "sequencing/kit"))
        return AwardLine(award_id, supplier, category=category, value=value, bundled=value is None)

    def _linking(self, name: str, revision: int, lines: int) -> Linking:
        found: list[LinkedLine] = []
        links: list[Link] = []
        for line in range(lines):
            grade = self.dice.choice((None, Grade.B, Grade.C))
            whose = f"r{self.dice.randrange(4)}" if grade or self.dice.random() < 0.5 else None
            found.append(LinkedLine(whose, grade is Grade.B, self.dice.choice((None, True, False))))
            orders = sorted({self._known_order(), self._known_order()}) if grade else ()
            links += (Link(line, grade or Grade.C, 0.5, (), str(whose), order, "0") for order in orders)
        for link in links:
            self.links.setdefault(link_id(name, link), (name, link, 0))
        return Linking(name, self.t, revision, tuple(found), tuple(links), revision)

    def verdict(self, number: int) -> Event:
        """What somebody says of a link; an order where there is none yet."""
        if not self.links:
            return self.order(number)
        key = self.dice.choice([*self.links])
        name, link, revision = self.links[key]
        self.links[key] = name, link, revision + 1
        told = (self.dice.random() < 0.7, self.t, "analyst-1", None, link.order_id, revision + 1)
        return LinkVerdict(key, name, link.line, *told)

    def report(self, _: int) -> SellThrough:
        """What a reseller says that it sold on; a report on the same takes the place of the one before."""
        maybe, whose = self.dice.choice, f"r{self.dice.randrange(4)}"
        sku, category = maybe(((None, "kits/dna"), ("kit", None), (None, "sequencing"), ("device", "kits/dna")))
        since, end_user = self.t // (60 * DAY) * 60 * DAY, maybe((None, None, None, "b1"))
        sold = Quantity.of(maybe((0, 2, 9)))
        return SellThrough(whose, since, since + 60 * DAY, sold, self.t, sku, category, end_user)

    def reseller(self, _: int) -> Reseller:
        place = self.dice.choice(_PLACES) or Place("KZ")
        sites = (
            Site(place, valid_to=self.t + 9 * DAY),
            Site(Place("US", "US-CA", x_km=0.5, y_km=8.0), valid_from=self.t + 9 * DAY),
        )
        address = self.dice.choice((None, "a1", "a2"))
        ties = (self.dice.choice((None, "p1")), self.dice.choice((None, "w1", "w2")))
        territory = self.dice.choice(((), ("CN-GD", "US"), ("CN",)))
        dates = (self.t - 99 * DAY, self.t - DAY, self.t + DAY)
        return Reseller(f"r{self.dice.randrange(4)}", self.t, None, sites, address, *dates, *ties, territory)

    def product(self, _: int) -> Product:
        price = Money(self.dice.randrange(1, 10**6), self.dice.choice(("USD", "EUR")))
        level = self.dice.choice((None, 1, 3))
        category = self.dice.choice((None, "sequencing/kit", "kits/dna"))
        hs_code, eccn = self.dice.choice(((None, None), ("9027.20.50", "3A981.b"), ("3822", "EAR99")))
        sku = self.dice.choice(("kit", "device"))
        return Product(sku, self.t, category, None, hs_code, eccn, level, price)
