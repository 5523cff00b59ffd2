"""End users and resellers before anybody plays a part in a story. All names are invented."""

from collections.abc import Sequence

from features.measures import DAY
from training.simulator.dates import END, START, YEAR
from training.simulator.dice import Dice, Odds
from training.simulator.habits import SEGMENTS
from training.simulator.places import CHINA, ELSEWHERE, EUROPE, HUBS, IN_RESTRICTED, UNITED_STATES
from training.simulator.trade import EndUser, Place, Reseller, Rush, Site

_WHERE: Odds[Sequence[Place]] = Odds(
    {IN_RESTRICTED: 40, CHINA: 400, HUBS: 80, UNITED_STATES: 180, EUROPE: 190, ELSEWHERE: 110}
)
_CLASS: Odds[str] = Odds(
    {
        "hospital": 270,
        "university": 240,
        "research_institute": 130,
        "company": 160,
        "public_health": 80,
        "security": 90,
        "unknown": 30,
    }
)
_SYLLABLES = {
    "CN": (
        "Bai",
        "Chuo",
        "Dui",
        "Fei",
        "Gou",
        "Jie",
        "Kuo",
        "Lun",
        "Mou",
        "Nuo",
        "Pei",
        "Qun",
        "Ruo",
        "Shuo",
        "Tuo",
    ),
    "": (
        "var",
        "nel",
        "ost",
        "rick",
        "mar",
        "ved",
        "ul",
        "dorn",
        "hes",
        "pel",
        "ing",
        "zand",
        "oke",
        "bry",
        "tam",
    ),
}
_DAYS = (END - START) // DAY
_TRADES = (
    "Instruments",
    "Biosystems",
    "Scientific",
    "Laboratory Supply",
    "Trading",
    "Life Sciences",
    "Diagnostics",
)
_FORMS = {
    "CN": "Co., Ltd.",
    "HK": "Limited",
    "SG": "Pte. Ltd.",
    "US": "LLC",
    "GB": "Ltd",
    "DE": "GmbH",
    "AE": "FZE",
}
_EURO = frozenset({"DE", "FR", "NL", "IT", "ES"})


def spot(place: Place, dice: Dice) -> Site:
    """A site within about 6 km of the middle of a city."""
    return Site(place, place.latitude + dice.between(-500, 500), place.longitude + dice.between(-500, 500))


def end_users(count: int, dice: Dice) -> tuple[EndUser, ...]:
    """End users of all classes; each class is as common in the restricted regions as elsewhere."""
    return tuple(
        EndUser(f"E{number:06d}", dice.weighted(_CLASS), spot(dice.pick(dice.weighted(_WHERE)), dice))
        for number in range(1, count + 1)
    )


def resellers(count: int, mean_orders: int, clients: tuple[EndUser, ...], dice: Dice) -> tuple[Reseller, ...]:
    """Plain resellers; `mean_orders` is the usual number of orders over the whole time."""
    territory = Territory(clients)
    return tuple(_reseller(number, mean_orders, territory, dice) for number in range(1, count + 1))


class Territory:
    """Which end users a reseller of some place would come to know."""

    def __init__(self, clients: tuple[EndUser, ...]) -> None:
        self.everybody = clients
        self._in_country: dict[str, list[EndUser]] = {}
        self._in_region: dict[str, list[EndUser]] = {}
        for client in clients:
            place = client.site.place
            self._in_country.setdefault(place.country, []).append(client)
            self._in_region.setdefault(place.region or place.country, []).append(client)

    def client(self, place: Place, dice: Dice) -> EndUser:
        """An end user near a place: half in its region, most of the others in its country."""
        draw = dice.below(100)
        if place in HUBS:
            # A hub sells on: two in five of its clients are in China.
            near = self._in_country.get("CN" if draw < 40 else place.country if draw < 65 else "", [])
        else:
            near = self._in_region.get(place.region, []) if draw < 50 else self._in_country.get(place.country, [])
            near = near if draw < 93 else []
        return dice.pick(near or self.everybody)


def _reseller(number: int, mean_orders: int, territory: Territory, dice: Dice) -> Reseller:
    site = spot(dice.pick(dice.weighted(_WHERE)), dice)
    place = site.place
    active_from = START if dice.chance(640) else START + dice.below(_DAYS * 8 // 10) * DAY
    active_to = END if dice.chance(850) else active_from + (END - active_from) // DAY * dice.between(4, 9) // 10 * DAY
    known_at = active_from - (dice.between(6, 90) if active_from > START else dice.wide(900)) * DAY
    authorised = dice.chance(820)
    share_of_time = (active_to - active_from) * 1000 // (END - START)
    hub = place if place in HUBS else dice.pick(HUBS)
    orders = max(2, dice.wide(mean_orders) * (share_of_time + 150) // 1150)
    return Reseller(
        reseller_id=f"R{number:05d}",
        name=_name(place.country, dice),
        site=site,
        address_id=_address(number, dice),
        founded_on=known_at - _age_days(active_from, dice) * DAY,
        authorised_from=known_at + dice.between(0, 120) * DAY if authorised else None,
        authorised_to=active_from + dice.between(2, 9) * YEAR if authorised and dice.chance(250) else None,
        known_at=known_at,
        segment=dice.weighted(SEGMENTS),
        currency=_currency(place.country, dice),
        customers=tuple(territory.client(place, dice) for _ in range(dice.between(4, 18))),
        orders=orders,
        active_from=active_from,
        active_to=active_to,
        stock_per_mille=dice.between(150, 350) if dice.chance(150) else dice.between(0, 60),
        own_site_per_mille=dice.between(80, 450),
        hub_per_mille=dice.between(100, 450) if place in HUBS or dice.chance(90) else 0,
        hub=hub,
        price_per_mille=dice.between(840, 990),
        rush=_rush(active_from, active_to, orders, dice),
    )


def _age_days(active_from: int, dice: Dice) -> int:
    """Days from a firm's foundation to its first contact with us; newcomers are often young firms."""
    young = active_from > START and dice.chance(600)
    return dice.between(20, 500) if young else dice.wide(2300)


def _rush(active_from: int, active_to: int, orders: int, dice: Dice) -> Rush | None:
    """One lasting reseller in five lives on a tender: quiet for more than half a year, then a burst."""
    if active_to - active_from < 700 * DAY or not dice.chance(200):
        return None
    pause_from = active_from + dice.between(90, 500) * DAY
    pause_to = pause_from + dice.between(150, 330) * DAY
    ends = min(END, pause_to + dice.between(30, 75) * DAY)
    return Rush(pause_from, pause_to, ends, max(2, orders * dice.between(10, 30) // 100))


def _name(country: str, dice: Dice) -> str:
    chinese = country in {"CN", "HK"}
    stem = "".join(dice.pick(_SYLLABLES["CN" if chinese else ""]) for _ in range(3)).capitalize()
    return f"{stem} {dice.pick(_TRADES)} {_FORMS.get(country, 'Ltd')}"


def _address(number: int, dice: Dice) -> str:
    """Nine in ten have an address of their own; the others sit in shared offices with unrelated parties."""
    return f"A{90000 + dice.below(12)}" if dice.chance(100) else f"A{number:05d}"


def _currency(country: str, dice: Dice) -> str:
    if country == "CN":
        return "CNY" if dice.chance(600) else "USD"
    return "EUR" if country in _EURO else "USD"
