"""Public procurement: what was awarded to whom, as OCDS releases, and who linked an award to an order of ours.

A part of the diversions surfaces: a security buyer awards the goods to a second-tier firm that is not in our system,
or to nobody named at all. Many more awards are honest. Linking is done by people: late, in part, and at times wrongly.
Buyers have neutral names. A release holds what a release of the Open Contracting Data Standard 1.1 requires, and lacks
what real ones lack: suppliers, values, items.
"""

import json
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY, SECOND, iso
from training.simulator import checks, habits, places
from training.simulator.checks import Findings
from training.simulator.draws import Bools, Draws, Ints, Rolls
from training.simulator.market import Market
from training.simulator.orders import NO_AMOUNT, Orders
from training.simulator.products import CATEGORIES, FAMILIES
from training.simulator.typologies import TYPOLOGIES

HONEST_PER_MILLE = 25
"""Honest orders for public buyers whose award is published."""

OPEN_PER_MILLE = 650
"""Hidden buyers that publish at all; of the others nothing ever surfaces."""

LINKED_PER_MILLE = 700
WRONG_LINK_PER_MILLE = 80
FALSE_LINK_PER_MILLE = 4
LINK_DELAY_DAYS = 200
_SURFACES = np.array([0, *(typology.surfaces for typology in TYPOLOGIES)])
_PUBLIC = (
    habits.HOSPITAL,
    habits.UNIVERSITY,
    habits.INSTITUTE,
    habits.PUBLIC_HEALTH,
    habits.SECURITY,
    habits.PURCHASING,
)
BUYERS = 400
PUBLIC_ORDER = {"scheme": "COFOG", "id": "03", "description": "Public order and safety"}


@dataclass(slots=True)
class Awards:
    """Awards by row, arrays (n_awards,): the order behind each, the goods, the buyer, the dates, US cents (0: none).

    `supplier` is the reseller's position, -1 for a second-tier firm, -2 where it is left out.
    """

    order: Ints
    reseller: Ints
    supplier: Ints
    buyer: Ints
    kind: Ints
    place: Ints
    category: Ints
    quantity: Ints
    value: Ints
    awarded_at: Ints
    published_at: Ints
    diverted: Bools

    def __len__(self) -> int:
        return len(self.order)

    def take(self, rows: "Bools | NDArray[np.intp]") -> "Awards":
        """Some of the awards."""
        return Awards(*(getattr(self, field.name)[rows] for field in fields(self)))


def gathered(batches: "list[Awards]") -> Awards:
    """Several batches as one."""
    return Awards(*(np.concatenate([getattr(b, field.name) for b in batches]) for field in fields(Awards)))


def awards(market: Market, orders: Orders, number: Ints, withheld: Bools, draws: Draws) -> Awards:
    """The awards that will be published of a week's orders."""
    rolls = draws.of(orders.key)
    open_buyer = Draws(market.seed, "buyers that publish").of(market.resellers.buyer[orders.reseller])
    publishes = open_buyer.chance(OPEN_PER_MILLE)
    usual = market.scenario.published * 1000 // OPEN_PER_MILLE
    share = np.where(publishes, np.minimum(1000, usual * _SURFACES[orders.typology] // 1000), 0)
    surfaces = rolls.chance(np.where(orders.diverted, share, HONEST_PER_MILLE))
    public = orders.diverted | ((orders.end_user >= 0) & np.isin(orders.kind, _PUBLIC))
    rows = np.flatnonzero(surfaces & public & ~withheld & (orders.price[:, 0] != NO_AMOUNT))
    of, own = orders.take(rows), rolls[rows]
    award = _award(market, of, number[rows], own)
    if not market.scenario.story:
        return award
    # The planted notices are the only ones of that region's security buyers.
    return award.take(~((award.kind == habits.SECURITY) & places.SENSITIVE[award.place]))


def _award(market: Market, orders: Orders, number: Ints, rolls: Rolls) -> Awards:
    hidden = np.arange(len(places.IN_RESTRICTED))
    bad, buyer = orders.diverted, market.resellers.buyer[orders.reseller] % BUYERS
    value = orders.values(market.catalogue)[:, 0] * rolls.between(100, 300) // 100
    awarded = orders.at + (10 + rolls.delay(45)) * DAY
    named = np.where(bad & rolls.chance(750), -1, orders.reseller)
    return Awards(
        order=number,
        reseller=orders.reseller,
        supplier=np.where(rolls.chance(200), -2, named),
        buyer=np.where(bad, buyer, BUYERS + orders.end_user),
        kind=np.where(bad, habits.SECURITY, orders.kind),
        place=np.where(bad, hidden[buyer % len(hidden)], market.end_users.place[np.maximum(orders.end_user, 0)]),
        category=market.category(orders.product[:, 0]),
        quantity=orders.quantity[:, 0],
        value=np.where(rolls.chance(150), 0, value),
        awarded_at=awarded // DAY * DAY,
        published_at=(awarded + (1 + rolls.delay(15)) * DAY) // DAY * DAY + rolls.below(86_400) * SECOND,
        diverted=bad,
    )


def links(market: Market, orders: Orders, number: Ints, found: Awards, draws: Draws) -> Findings:
    """What people who read the awards will say: of the right order, of a similar one, or of an honest one."""
    rolls = draws.of(found.order)
    linked = rolls.chance(np.where(found.diverted, LINKED_PER_MILLE, FALSE_LINK_PER_MILLE))
    award, own = found.take(linked), rolls[linked]
    right = np.searchsorted(number, award.order)
    judged = np.where(own.chance(WRONG_LINK_PER_MILLE), _similar(market, orders)[right], right)
    return Findings(
        order=number[judged],
        line=checks.line_of(orders.take(judged), own),
        outcome=np.full(len(judged), checks.DIVERTED),
        happened_at=award.published_at,
        known_at=award.published_at + own.delay(LINK_DELAY_DAYS) * DAY + own.below(86_400) * SECOND,
        source=np.full(len(judged), checks.PROCUREMENT),
        confidence=own.between(75, 95),
    )


def _similar(market: Market, orders: Orders) -> "NDArray[np.intp]":
    """For each order the row of the next one of the week with the same kind of goods."""
    by_goods = np.argsort(market.category(orders.product[:, 0]), kind="stable")
    after = np.empty(len(orders), np.intp)
    after[by_goods] = np.roll(by_goods, -1)
    return after


def release(award: Awards, row: int, names: tuple[str, ...], number: int) -> str:
    """One award as a line of JSON: a release of OCDS 1.1."""
    supplier, buyer = int(award.supplier[row]), int(award.buyer[row])
    category = CATEGORIES[int(award.category[row])]
    goods = FAMILIES[int(award.category[row])]
    return ocds(
        ident=f"ocds-tier2-{number:07d}",
        published=int(award.published_at[row]),
        awarded=int(award.awarded_at[row]),
        buyer=(f"B{buyer:06d}", f"{habits.CLASSES[int(award.kind[row])].replace('_', ' ')} buyer {buyer}"),
        police=int(award.kind[row]) == habits.SECURITY,
        place=int(award.place[row]),
        supplier=None if supplier == -2 else _supplier(award, row, names),
        value=int(award.value[row]) or None,
        items=[(goods.noun, category, goods.hs_code, int(award.quantity[row]))],
    )


def _supplier(award: Awards, row: int, names: tuple[str, ...]) -> tuple[str, str]:
    if int(award.supplier[row]) == -1:
        alias = int(award.buyer[row]) * 3 + int(award.order[row]) % 3
        return f"S{alias:06d}", f"Second-tier trader {alias}"
    return f"R{int(award.supplier[row]) + 1:05d}", names[int(award.supplier[row])]


def ocds(
    *,
    ident: str,
    published: int,
    awarded: int,
    buyer: tuple[str, str],
    police: bool,
    place: int,
    supplier: tuple[str, str] | None,
    value: int | None,
    items: list[tuple[str, str, str, int]],
) -> str:
    """A release as one line of JSON; `value` in US cents, `items` as noun, category, HS code and quantity."""
    where = places.PLACES[place]
    party: dict[str, Any] = {
        "id": buyer[0],
        "name": buyer[1],
        "roles": ["buyer"],
        "address": {"locality": where.name, "region": where.region, "countryName": where.country},
    }
    if police:
        party["details"] = {"classifications": [PUBLIC_ORDER]}
    award: dict[str, Any] = {"id": f"{ident}-1", "date": iso(awarded)}
    if value is not None:
        award["value"] = {"amount": value / 100, "currency": "USD"}
    if supplier is not None:
        award["suppliers"] = [{"id": supplier[0], "name": supplier[1]}]
    award["items"] = [
        {
            "id": str(number),
            "description": f"{noun} ({category})",
            "quantity": quantity,
            "classification": {"scheme": "HS", "id": code},
        }
        for number, (noun, category, code, quantity) in enumerate(items, 1)
    ]
    content = {
        "ocid": ident,
        "id": f"{ident}-award",
        "date": iso(published),
        "tag": ["award"],
        "initiationType": "tender",
        "parties": [party],
        "buyer": {"id": buyer[0], "name": buyer[1]},
        "awards": [award],
    }
    return json.dumps(content, ensure_ascii=False)
