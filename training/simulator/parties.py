"""End users and resellers before anybody plays a part in a story, as columns. All names are invented."""

from dataclasses import dataclass

import numpy as np

from features.measures import DAY
from training.simulator import places
from training.simulator.draws import Bools, Draws, Ints, Odds, Rolls
from training.simulator.habits import CLASS_ODDS, SEGMENT_ODDS
from training.simulator.products import CATEGORIES
from training.simulator.scenario import Scenario

YEAR = 365 * DAY
NEVER = -(2**61 // DAY) * DAY
"""Stands for a moment that is not there."""

_GROUP_ODDS = Odds([40, 400, 80, 180, 190, 110])  # restricted, China, hubs, United States, Europe, elsewhere
SHARED_OFFICES = 90_000
"""Address ids from here on are offices that unrelated parties share; one in ten resellers sits in one."""


@dataclass(slots=True)
class EndUsers:
    """End users by position, each an array (n_end_users,); degrees are times 10,000."""

    kind: Ints
    place: Ints
    latitude: Ints
    longitude: Ints


@dataclass(slots=True)
class Resellers:
    """Resellers by position, each an array (n_resellers,): master data, habits, and the part that each plays.

    `rate` is how many orders a week it places on average, in millionths; shares are in thousandths of its orders.
    `customers` holds positions of end users, those of reseller i from `first_customer[i]` on. `wants` (n, 2) are the
    families that its one large buyer, hidden or not, asks for most; `buyer` names that buyer's laboratory. A pause
    without orders from `pause_from` to `pause_to` is followed by a rush until `rush_to`. `part` is a position in the
    list of typologies, -1 for none; it is played from `begins` to `ends`. `ring` names those who act together.
    """

    place: Ints
    latitude: Ints
    longitude: Ints
    address: Ints
    phone: Ints
    owner: Ints
    owner_known_at: Ints
    founded_on: Ints
    authorised_from: Ints
    authorised_to: Ints
    known_at: Ints
    moves_at: Ints
    moves_to: Ints
    segment: Ints
    currency: Ints
    rate: Ints
    active_from: Ints
    active_to: Ints
    stock: Ints
    own_site: Ints
    hub_share: Ints
    hub: Ints
    price: Ints
    reports: Ints
    customers: Ints
    first_customer: Ints
    customer_count: Ints
    wants: Ints
    buyer: Ints
    pause_from: Ints
    pause_to: Ints
    rush_to: Ints
    rush_percent: Ints
    part: Ints
    honest: Bools
    share: Ints
    begins: Ints
    ends: Ints
    ring: Ints
    adapts: Bools

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.place)


class Territory:
    """Which end users a reseller of some place would come to know."""

    def __init__(self, end_users: EndUsers) -> None:
        self._count = len(end_users.place)
        self._region = _grouped(places.REGION[end_users.place], len(places.REGIONS))
        self._country = _grouped(places.COUNTRY[end_users.place], len(places.COUNTRIES))

    def client(self, place: Ints, rolls: Rolls) -> Ints:
        """An end user near each place: half in its region, most of the others in its country."""
        draw = rolls.below(100)
        hub = places.IS_HUB[place]
        # A hub sells on: two in five of its clients are in China.
        country = np.where(hub & (draw < 40), places.CHINESE, places.COUNTRY[place])
        in_region = ~hub & (draw < 50)
        in_country = (hub & (draw < 65)) | (~hub & (draw >= 50) & (draw < 93))
        point = rolls.point()
        anywhere = (point * self._count) >> 32
        near = _member(self._region, places.REGION[place], point, anywhere)
        wider = _member(self._country, country, point, anywhere)
        return np.where(in_region, near, np.where(in_country, wider, anywhere))


_Grouped = tuple[Ints, Ints, Ints]


def _grouped(group: Ints, count: int) -> _Grouped:
    sizes = np.bincount(group, minlength=count)
    return np.argsort(group, kind="stable"), np.cumsum(sizes) - sizes, sizes


def _member(grouped: _Grouped, group: Ints, point: Ints, otherwise: Ints) -> Ints:
    members, starts, sizes = grouped
    size = sizes[group]
    chosen = members[np.minimum(starts[group] + ((point * size) >> 32), len(members) - 1)]
    return np.where(size > 0, chosen, otherwise)


def end_users(count: int, seed: int) -> EndUsers:
    """End users of all classes; each class is as common in the restricted regions as elsewhere."""
    rolls = Draws(seed, "end users").upto(count)
    place = _somewhere(rolls)
    latitude, longitude = spot(place, rolls)
    return EndUsers(rolls.choose(CLASS_ODDS), place, latitude, longitude)


def _somewhere(rolls: Rolls) -> Ints:
    group = rolls.choose(_GROUP_ODDS)
    return places.GROUP_START[group] + rolls.below(places.GROUP_SIZE[group])


def spot(place: Ints, rolls: Rolls) -> tuple[Ints, Ints]:
    """Latitude and longitude within about 6 km of the middle of each city."""
    return places.LATITUDE[place] + rolls.between(-500, 500), places.LONGITUDE[place] + rolls.between(-500, 500)


def resellers(count: int, territory: Territory, scenario: Scenario, seed: int) -> Resellers:
    """Plain resellers without a part."""
    rolls = Draws(seed, "resellers").upto(count)
    number = np.arange(count, dtype=np.int64)
    place = _somewhere(rolls)
    latitude, longitude = spot(place, rolls)
    days = (scenario.end - scenario.start) // DAY
    early = rolls.chance(640)
    active_from = np.where(early, scenario.start, scenario.start + rolls.below(days * 8 // 10) * DAY)
    left = (scenario.end - active_from) // DAY
    active_to = np.where(rolls.chance(850), scenario.end, active_from + left * rolls.between(4, 9) // 10 * DAY)
    known_at = active_from - np.where(early, 1 + rolls.wide(900), rolls.between(6, 90)) * DAY
    authorised, limited = rolls.chance(820), rolls.chance(250)
    authorised_from = np.where(authorised, known_at + rolls.between(0, 120) * DAY, NEVER)
    until = active_from + rolls.between(2, 9) * YEAR
    young = ~early & rolls.chance(600)
    age = np.where(young, rolls.between(20, 500), rolls.wide(2300))
    hub = np.where(places.IS_HUB[place], place, places.HUB[rolls.below(len(places.HUB))])
    customer_count = rolls.between(4, 18)
    first_customer = np.cumsum(customer_count) - customer_count
    of = np.repeat(number, customer_count)
    customers = territory.client(place[of], Draws(seed, "customers").upto(len(of)))
    moves_at = np.where(rolls.chance(80), active_from + left * rolls.between(20, 80) // 100 * DAY, NEVER)
    pause_from, pause_to, rush_to, rush_percent = _rush(active_from, active_to, scenario.end, rolls)
    parent = rolls.chance(150)
    return Resellers(
        place=place,
        latitude=latitude,
        longitude=longitude,
        address=np.where(rolls.chance(100), SHARED_OFFICES + rolls.below(4 + count // 40), number),
        phone=np.where(rolls.chance(40), SHARED_OFFICES + rolls.below(4 + count // 60), number),
        owner=np.where(parent, SHARED_OFFICES + rolls.below(4 + count // 20), number),
        owner_known_at=known_at + np.where(rolls.chance(300), rolls.wide(300), 0) * DAY,
        founded_on=(known_at - age * DAY) // DAY * DAY,
        authorised_from=authorised_from // DAY * DAY,
        authorised_to=np.where(authorised & limited, until // DAY * DAY, NEVER),
        known_at=known_at,
        moves_at=moves_at // DAY * DAY,
        moves_to=_somewhere_alike(place, rolls),
        segment=rolls.choose(SEGMENT_ODDS),
        currency=_currency(place, rolls),
        rate=rolls.wide(1_000_000),
        active_from=active_from,
        active_to=active_to,
        stock=np.where(rolls.chance(150), rolls.between(150, 350), rolls.between(0, 60)),
        own_site=rolls.between(80, 450),
        hub_share=np.where(places.IS_HUB[place] | rolls.chance(90), rolls.between(100, 450), 0),
        hub=hub,
        price=rolls.between(900, 980),
        reports=np.where(rolls.chance(250), rolls.between(350, 800), rolls.between(850, 1000)),
        customers=customers,
        first_customer=first_customer,
        customer_count=customer_count,
        wants=np.stack([rolls.below(len(CATEGORIES)), rolls.below(len(CATEGORIES))], axis=1),
        buyer=number,
        pause_from=pause_from,
        pause_to=pause_to,
        rush_to=rush_to,
        rush_percent=rush_percent,
        part=np.full(count, -1),
        honest=np.zeros(count, np.bool_),
        share=np.zeros(count, np.int64),
        begins=np.full(count, NEVER),
        ends=np.full(count, NEVER),
        ring=number,
        adapts=np.zeros(count, np.bool_),
    )


def _rush(active_from: Ints, active_to: Ints, end: int, rolls: Rolls) -> tuple[Ints, Ints, Ints, Ints]:
    """One lasting reseller in five lives on a tender: quiet for more than half a year, then a burst."""
    lasting = (active_to - active_from >= 700 * DAY) & rolls.chance(200)
    pause_from = active_from + rolls.between(90, 500) * DAY
    pause_to = pause_from + rolls.between(150, 330) * DAY
    rush_to = np.minimum(end, pause_to + rolls.between(30, 75) * DAY)
    percent = rolls.between(150, 600)
    return tuple(np.where(lasting, each, NEVER) for each in (pause_from, pause_to, rush_to, percent))  # type: ignore[return-value]


def _somewhere_alike(place: Ints, rolls: Rolls) -> Ints:
    """Another city of the same group."""
    group = np.searchsorted(places.GROUP_START, place, side="right") - 1
    return places.GROUP_START[group] + rolls.below(places.GROUP_SIZE[group])


def _currency(place: Ints, rolls: Rolls) -> Ints:
    """Positions in `CURRENCIES`: three in five Chinese firms pay in CNY, those of the euro countries in EUR."""
    euro = np.isin(places.COUNTRY[place], [places.COUNTRIES.index(code) for code in ("DE", "FR", "NL", "IT", "ES")])
    return np.where(places.IN_CHINA[place] & rolls.chance(600), 1, np.where(euro, 2, 0))
