"""The rows of a few order lines, field by field: for one order, arrays cost more than what they hold.

The same rows as `features.facts.encode.encode` makes of arrow columns; a test keeps the two equal.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.facts.reference import CATEGORY_FACTS, PRODUCT_FACTS, RESELLER_FACTS, Reference, metres
from features.trade import Order, OrderLine, Place
from features.windows.columns import ATTRIBUTE, FILTERS, NULL, columns

Ints = NDArray[np.int64]
Row = Mapping[str, Any]
Made = dict[str, int]
_UNITS = {"each": "units", "g": "grams", "ml": "millilitres"}
NEAR_SITE, NEAR_SITE_M = 10_000, 1_100
"""How far from the reseller's site goods still go to it: millionths of a degree both ways, and metres on a plane (a
hundredth of a degree of latitude is 1.1 km). Our choice: a site and its loading ramp."""

MOST_TIMES_LIST = 1_000_000
"""A price above a thousand times the list price counts as that: it is an error of units, and would drown all means."""

_NO_AMOUNT = {"units": NULL, "grams": NULL, "millilitres": NULL, "unit_value": NULL}


def encode_few(lines: Mapping[str, Sequence[Any]], reference: Reference, attributes: tuple[str, ...]) -> Ints:
    """Rows of shape (n_lines, columns), int64, of lists with the columns of `Record.lines`."""
    rows = [dict(zip(lines, values, strict=True)) for values in zip(*lines.values(), strict=True)]
    made = [made for _, order in groupby(rows, itemgetter("position")) for made in _order([*order], reference)]
    pick = _pick(attributes)
    encoded = np.empty((len(rows), len(columns(attributes))), np.int64)
    for number, (each, row) in enumerate(zip(made, rows, strict=True)):
        if attributes:
            each.update(_attributes(row["attributes"], attributes, reference))
        encoded[number] = pick(each)
    return encoded


def encode_order(order: Order, t: int, reference: Reference, attributes: tuple[str, ...]) -> Ints:
    """Rows of shape (n_lines, columns), int64, of one order at its moment."""
    pick, made = _pick(attributes), _order([_row(order, line, t) for line in order.lines], reference)
    encoded: list[tuple[int, ...]] = []
    for each, line in zip(made, order.lines, strict=True):
        if attributes:
            each.update(_coded(dict(line.attributes), attributes, reference))
        encoded.append(pick(each))
    return np.array(encoded, np.int64)


def _row(order: Order, line: OrderLine, t: int) -> dict[str, Any]:
    """What `Record.lines` holds of a line, as far as features read it."""
    quantity, place = line.quantity, line.ship_to or _NOWHERE
    return {
        "t": t,
        "reseller_id": order.reseller_id,
        "sku": line.sku,
        "quantity_milli": quantity.milli if quantity else None,
        "unit": quantity.unit if quantity else None,
        "value": line.value,
        "category": line.category,
        "end_user_id": line.end_user_id,
        "end_user_class": line.end_user_class,
        "declared_use": line.declared_use,
        "ship_country": place.country,
        "ship_region": place.region,
        "ship_city": place.city,
        "ship_latitude": place.latitude,
        "ship_longitude": place.longitude,
        "ship_x_km": place.x_km,
        "ship_y_km": place.y_km,
        "for_stock": line.for_stock,
    }


_NOWHERE = Place()


@cache
def _pick(attributes: tuple[str, ...]) -> Callable[[Made], tuple[int, ...]]:
    return itemgetter(*columns(attributes))


def _order(rows: list[dict[str, Any]], reference: Reference) -> Iterator[Made]:
    """The lines of one order, each with what the whole order says."""
    values = [row["value"] for row in rows if row["value"] is not None]
    money, skus = sum(values) if values else NULL, len({row["sku"] for row in rows})
    for number, row in enumerate(rows):
        made = _line(row, reference)
        made["order_lines"], made["order_value"], made["order_skus"] = len(rows), money, skus
        made["flags"] = _flags(made) | (FILTERS["orders"] if number == 0 else 0)
        yield made


def _line(row: Row, reference: Reference) -> Made:
    code, t, stock = reference.codes.code, row["t"], row["for_stock"]
    made = {
        "order": NULL,
        "reseller": code("reseller", row["reseller_id"]),
        "sku": code("sku", row["sku"]),
        "end_user": code("end_user", row["end_user_id"]),
        "end_user_class": code("end_user_class", row["end_user_class"]),
        "declared_use": code("declared_use", row["declared_use"]),
        "for_stock": NULL if stock is None else int(stock),
        "ship_x": metres(row["ship_x_km"]),
        "ship_y": metres(row["ship_y_km"]),
        **_NO_AMOUNT,
    }
    _amounts(made, row)
    made.update(zip(RESELLER_FACTS, reference.resellers.at(made["reseller"], t), strict=True))
    made.update(zip(PRODUCT_FACTS, reference.products.at(made["sku"], t), strict=True))
    if row["category"] is not None:
        made.update(zip(CATEGORY_FACTS, reference.category(row["category"]), strict=True))
    _place(made, row, reference, t)
    if made["sensitivity"] == NULL:
        made["sensitivity"] = reference.goods.level(made["category"], made["goods"], t)
    made["site_sensitivity"] = reference.regions.level(made["site_country"], made["site_region"], t)
    made["plane_distance"] = _plane_distance(made)
    made["price_to_list"] = _price_to_list(made["unit_value"], made["list_price"])
    made["at_own_site"] = _at_own_site(made, row["ship_latitude"] is not None)
    return made


def _amounts(made: Made, row: Row) -> None:
    value, milli, unit = row["value"], row["quantity_milli"], _UNITS.get(row["unit"])
    made["value"] = NULL if value is None else value
    if milli is not None and unit is not None:
        made[unit] = milli
        if unit == "units" and milli > 0 and value is not None:
            made["unit_value"] = (value * 1000 + milli // 2) // milli


def _place(made: Made, row: Row, reference: Reference, t: int) -> None:
    spot = reference.places.one(
        row["ship_country"], row["ship_region"], row["ship_city"], row["ship_latitude"], row["ship_longitude"]
    )
    made["ship_country"], made["ship_region"], made["ship_prefecture"], made["ship_city"] = spot[:4]
    made["ship_latitude"], made["ship_longitude"], made["ship_confidence"], made["ship_vague"] = spot[4:]
    made["region_sensitivity"] = reference.regions.level(spot.country, spot.region, t)
    made["ship_hub"] = reference.hubs.is_one(spot.country, spot.region, t)
    made["in_territory"] = reference.territories.holds(made["territory"], spot.country, spot.region)


def _plane_distance(made: Made) -> int:
    """Whole metres, rounded down."""
    x, other_x = made["ship_x"], made["site_x"]
    if NULL in (x, other_x):
        return NULL
    return math.isqrt((x - other_x) ** 2 + (made["ship_y"] - made["site_y"]) ** 2)


def _price_to_list(price: int, listed: int) -> int:
    if NULL in (price, listed) or listed <= 0:
        return NULL
    return min((price * 1000 + listed // 2) // listed, MOST_TIMES_LIST)


def _at_own_site(made: Made, exact: bool) -> int:
    plane = made["plane_distance"]
    if plane != NULL and plane <= NEAR_SITE_M:
        return 1
    if not exact or made["site_latitude"] == NULL:
        return 0
    north = abs(made["ship_latitude"] - made["site_latitude"])
    return int(north <= NEAR_SITE and abs(made["ship_longitude"] - made["site_longitude"]) <= NEAR_SITE)


def _attributes(text: str | None, names: tuple[str, ...], reference: Reference) -> Made:
    return _coded(json.loads(text) if text else {}, names, reference)


def _coded(held: Mapping[str, str], names: tuple[str, ...], reference: Reference) -> Made:
    return {ATTRIBUTE + name: reference.codes.code(ATTRIBUTE + name, held.get(name)) for name in names}


_TOLD = (
    "sensitive", "restricted", "to_bordering_regions", "stock", "undeclared", "outside_territory", "vaguely_addressed",
    "declared", "use_undeclared", "to_own_site",
)  # fmt: skip
_BITS = tuple(FILTERS[name] for name in _TOLD)


def _flags(made: Made) -> int:
    country, site = made["ship_country"], made["site_country"]
    passed = (
        made["sensitivity"] >= 2,
        made["region_sensitivity"] >= 2,
        made["region_sensitivity"] == 1,
        made["for_stock"] == 1,
        made["end_user"] == NULL,
        made["in_territory"] == 0,
        made["ship_vague"] == 1,
        made["end_user"] != NULL,
        made["declared_use"] == NULL,
        made["at_own_site"] == 1,
    )
    flags = FILTERS["lines"] | sum(bit for bit, passes in zip(_BITS, passed, strict=True) if passes)
    if made["ship_hub"] == 1 and country != site:
        flags |= FILTERS["via_hubs"]
    return flags | (FILTERS["abroad"] if NULL not in (country, site) and country != site else 0)
