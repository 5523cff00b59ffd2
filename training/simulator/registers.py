"""The registers: resellers with their dated sites, owners, products, rates. Small files, written row by row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from features.measures import DAY, iso
from training.simulator import places
from training.simulator.draws import Draws
from training.simulator.market import Market
from training.simulator.parties import NEVER, SHARED_OFFICES, Resellers
from training.simulator.products import CATEGORIES, FAMILIES
from training.simulator.rates import CURRENCIES, Rates
from training.simulator.scenario import Scenario

RESELLERS = (
    *("reseller_id", "name", "country", "region", "city", "latitude", "longitude", "site_valid_from", "site_valid_to"),
    *("address_id", "phone_id", "owner_id", "territory"),
    *("founded_on", "authorised_from", "authorised_to", "known_at"),
)
PRODUCTS = ("sku", "name", "category", "hs_code", "eccn", "sensitivity", "list_price", "currency", "known_at")
RATES = ("currency", "valid_from", "usd_per_unit")
OWNERS = ("reseller_id", "owner_id", "share", "known_at")

_CHINESE = ("Bai", "Chuo", "Dui", "Fei", "Gou", "Jie", "Kuo", "Lun", "Mou", "Nuo", "Pei", "Qun", "Ruo", "Shuo", "Tuo")
_OTHER = ("var", "nel", "ost", "rick", "mar", "ved", "ul", "dorn", "hes", "pel", "ing", "zand", "oke", "bry", "tam")
_TRADES = (
    *("Instruments", "Biosystems", "Scientific", "Laboratory Supply", "Trading", "Life Sciences"),
    "Diagnostics",
)
_FORMS = {"CN": "Co., Ltd.", "HK": "Limited", "SG": "Pte. Ltd.", "US": "LLC", "DE": "GmbH", "AE": "FZE"}


def reseller_id(number: int) -> str:
    """The id of the reseller at a position."""
    return f"R{number + 1:05d}"


def names(firms: Resellers, seed: int) -> tuple[str, ...]:
    """Invented names, in the order of the resellers."""
    rolls = Draws(seed, "names").upto(firms.count)
    draws = zip(*(rolls.below(15).tolist() for _ in range(3)), rolls.below(len(_TRADES)).tolist(), strict=True)
    return tuple(_name(places.PLACES[place].country, draw) for place, draw in zip(firms.place, draws, strict=True))


def _name(country: str, draw: tuple[int, int, int, int]) -> str:
    syllables = _CHINESE if country in {"CN", "HK"} else _OTHER
    stem = "".join(syllables[part] for part in draw[:3]).capitalize()
    return f"{stem} {_TRADES[draw[3]]} {_FORMS.get(country, 'Ltd')}"


def write_registers(out: Path, market: Market, rates: Rates, named: tuple[str, ...]) -> None:
    """`resellers.csv`, `products.csv`, `rates.csv` and `evidence/owners.csv`."""
    _write(out / "resellers.csv", RESELLERS, _resellers(market, named))
    _write(out / "products.csv", PRODUCTS, _products(market))
    _write(out / "rates.csv", RATES, _rates(rates))
    _write(out / "evidence" / "owners.csv", OWNERS, _owners(market.resellers, market.scenario))


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _resellers(market: Market, named: tuple[str, ...]) -> Iterator[Sequence[object]]:
    """A row a version and site: who moves has both sites from three weeks ahead; an owner shows when it is known."""
    firms = market.resellers
    for number in range(firms.count):
        known_at, moves_at = int(firms.known_at[number]), int(firms.moves_at[number])
        told, owner_known_at = max(known_at + DAY, moves_at - 21 * DAY), int(firms.owner_known_at[number])
        first = _site(int(firms.place[number]), int(firms.latitude[number]), int(firms.longitude[number]))
        later = {told} if moves_at != NEVER else set()
        later |= {owner_known_at} if known_at < owner_known_at < market.scenario.end else set()
        for since in (known_at, *sorted(later)):
            if moves_at == NEVER or since < told:
                yield _reseller(firms, number, named[number], first, NEVER, NEVER, since)
            else:
                second = _middle(int(firms.moves_to[number]))
                yield _reseller(firms, number, named[number], first, NEVER, moves_at, since)
                yield _reseller(firms, number, named[number], second, moves_at, NEVER, since)


def _reseller(
    firms: Resellers, number: int, name: str, site: Sequence[object], since: int, until: int, known_at: int
) -> Sequence[object]:
    country = places.PLACES[int(firms.place[number])].country
    return (
        reseller_id(number),
        name,
        *site,
        _day(since),
        _day(until),
        _shared("A", int(firms.address[number])),
        _shared("P", int(firms.phone[number])),
        _shared("W", int(firms.owner[number])) if firms.owner_known_at[number] <= known_at else "",
        f"{country};CN" if places.IS_HUB[firms.place[number]] else country,
        _day(int(firms.founded_on[number])),
        _day(int(firms.authorised_from[number])),
        _day(int(firms.authorised_to[number])),
        iso(known_at),
    )


def _shared(letter: str, number: int) -> str:
    """An id of one's own, or one above `SHARED_OFFICES` that others have too."""
    return f"{letter}{number:05d}" if number >= SHARED_OFFICES else f"{letter}{number + 1:05d}"


def _owners(firms: Resellers, scenario: Scenario) -> Iterator[Sequence[object]]:
    """Who owns more than half of whom, when the register shows it."""
    for number in range(firms.count):
        known_at = int(firms.owner_known_at[number])
        if known_at < scenario.end:
            yield reseller_id(number), _shared("W", int(firms.owner[number])), "0.51", iso(known_at)


def _products(market: Market) -> Iterator[Sequence[object]]:
    goods = market.catalogue
    for number, sku in enumerate(goods.sku):
        family = FAMILIES[int(goods.family[number])]
        yield (
            sku,
            goods.name[number],
            CATEGORIES[int(goods.family[number])],
            family.hs_code,
            family.eccn,
            family.sensitivity,
            f"{goods.list_price[number] // 100}.{goods.list_price[number] % 100:02d}",
            "USD",
            iso(int(goods.known_at[number])),
        )


def _rates(rates: Rates) -> Iterator[Sequence[object]]:
    for code, levels in zip(CURRENCIES, rates.level, strict=True):
        for since, level in zip(rates.since, levels, strict=True):
            yield code, iso(int(since)), f"{level // 1_000_000}.{level % 1_000_000:06d}"


def _site(place: int, latitude: int, longitude: int) -> tuple[str, str, str, str, str]:
    where = places.PLACES[place]
    return where.country, where.region, where.name, _degrees(latitude), _degrees(longitude)


def _middle(place: int) -> tuple[str, str, str, str, str]:
    return _site(place, places.PLACES[place].latitude, places.PLACES[place].longitude)


def _degrees(units: int) -> str:
    sign, units = ("-" if units < 0 else ""), abs(units)
    return f"{sign}{units // 10_000}.{units % 10_000:04d}"


def _day(moment: int) -> str:
    return "" if moment == NEVER else f"{iso(moment)[:10]}T00:00:00Z"
