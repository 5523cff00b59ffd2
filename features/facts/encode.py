"""From order lines as the record holds them to the engine's integer rows, many lines at a time.

Lists of a few lines go through `features.facts.few`, which gives the same rows without the cost of arrays.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.few import MOST_TIMES_LIST, NEAR_SITE, NEAR_SITE_M, encode_few
from features.facts.places import Spot
from features.facts.reference import CATEGORY_FACTS, Reference
from features.windows.codes import Codes, Column, numbers
from features.windows.columns import ATTRIBUTE, CODED, FILTERS, NULL, columns
from features.windows.compiled import compiled

Ints = NDArray[np.int64]
Columns = Mapping[str, Column]
Arrow = Mapping[str, Any]
"""Columns as `pyarrow.ChunkedArray`."""

_TEXTS = {
    "reseller": "reseller_id",
    "sku": "sku",
    "end_user": "end_user_id",
    "end_user_class": "end_user_class",
    "declared_use": "declared_use",
}
_UNITS = {"units": "each", "grams": "g", "millilitres": "ml"}
_BLOCK = 1_024
_PLACE = ("ship_country", "ship_region", "ship_city", "ship_latitude", "ship_longitude")


def encode(lines: Columns, reference: Reference, attributes: tuple[str, ...]) -> Ints:
    """Rows of shape (n_lines, columns), int64, in the order of `features.windows.columns.columns`.

    `lines` has the columns of `Record.lines`, as arrow arrays or as lists; lines of one order stand together.
    """
    if not isinstance(lines["t"], pa.ChunkedArray):
        return encode_few(lines, reference, attributes)
    return _encode_many(lines, reference, attributes)


def _encode_many(lines: Arrow, reference: Reference, attributes: tuple[str, ...]) -> Ints:
    t, position = numbers(lines["t"]), numbers(lines["position"])
    made: dict[str, Ints] = {}
    for name, source in _TEXTS.items():
        made[name] = reference.codes.encode(CODED[name], lines[source])
    made |= _amounts(lines, reference.codes)
    made |= _places(lines, reference)
    made |= _known(made, reference, lines, t)
    made |= _policies(made, reference, t)
    made["price_to_list"] = _price_to_list(made["unit_value"], made["list_price"])
    made |= _order_context(position, made["value"], made["sku"])
    made |= _attributes(lines["attributes"], attributes, reference.codes)
    made["order"] = np.full_like(t, NULL)  # the engine knows an order by its number, see `features.vector`
    exact = lines["ship_latitude"].is_valid().to_numpy()
    made["flags"] = _flags(made, position, _at_own_site(made, exact))
    return _rows([made[name] for name in columns(attributes)])


def _rows(made: Sequence[Ints]) -> Ints:
    """Columns side by side, turned a block at a time: column by column, each value would cost a line of the cache."""
    rows = np.empty((made[0].size, len(made)), np.int64)
    for start in range(0, len(rows), _BLOCK):
        rows[start : start + _BLOCK] = np.array([column[start : start + _BLOCK] for column in made]).T
    return rows


def _amounts(lines: Arrow, codes: Codes) -> dict[str, Ints]:
    milli, unit = numbers(lines["quantity_milli"]), codes.encode("unit", lines["unit"])
    made = {name: np.where(unit == codes.code("unit", text), milli, NULL) for name, text in _UNITS.items()}
    value, units = numbers(lines["value"]), made["units"]
    priced = (value != NULL) & (units != NULL) & (units > 0)
    safe = np.where(priced, units, 1)
    made["unit_value"] = np.where(priced, (np.where(priced, value, 0) * 1000 + safe // 2) // safe, NULL)
    made["value"] = value
    made["for_stock"] = numbers(lines["for_stock"].cast(pa.int8()))
    return made


def _price_to_list(price: Ints, listed: Ints) -> Ints:
    known = (price != NULL) & (listed != NULL) & (listed > 0)
    safe = np.where(known, listed, 1)
    return np.where(known, np.minimum((np.where(known, price, 0) * 1000 + safe // 2) // safe, MOST_TIMES_LIST), NULL)


def _places(lines: Arrow, reference: Reference) -> dict[str, Ints]:
    """Where the goods go; what the names leave open is filled in by the gazetteer."""
    spots = reference.places.many([lines[name] for name in _PLACE])
    made = {f"ship_{name}": column for name, column in zip(Spot._fields, spots.T, strict=True)}
    return made | {"ship_x": _metres(lines["ship_x_km"]), "ship_y": _metres(lines["ship_y_km"])}


def _metres(column: pa.ChunkedArray) -> Ints:
    km = column.fill_null(np.nan).to_numpy()
    known = ~np.isnan(km)
    return np.where(known, np.rint(np.where(known, km, 0.0) * 1e3).astype(np.int64), NULL)


def _known(made: dict[str, Ints], reference: Reference, lines: Arrow, t: Ints) -> dict[str, Ints]:
    """What the record knew of the reseller and the product; a category on the line itself goes first."""
    known = reference.reseller_facts(made["reseller"], t) | reference.product_facts(made["sku"], t)
    own = reference.codes.encode("category", lines["category"])
    if (own != NULL).any():
        paths = [reference.category(path) for path in lines["category"].unique().to_pylist()]
        of_code = np.full((max(paths)[0] + 2, len(CATEGORY_FACTS)), NULL, np.int64)  # the last row is that of no path
        for path in paths:
            of_code[path[0] if path[0] != NULL else -1] = path
        facts = of_code[np.where(own != NULL, own, -1)]
        for name, column in zip(CATEGORY_FACTS, facts.T, strict=True):
            known[name] = np.where(own != NULL, column, known[name])
    return known


def _policies(made: dict[str, Ints], reference: Reference, t: Ints) -> dict[str, Ints]:
    """What dated policy says of goods and places at the line's moment, and how far goods go on a plane."""
    graded, place = made["sensitivity"], (made["ship_country"], made["ship_region"])
    by_policy = reference.goods.levels(made["category"], made["goods"], t)
    return {
        "sensitivity": np.where(graded != NULL, graded, by_policy),
        "region_sensitivity": reference.regions.levels(*place, t),
        "site_sensitivity": reference.regions.levels(made["site_country"], made["site_region"], t),
        "ship_hub": reference.hubs.are(*place, t),
        "in_territory": reference.territories.hold(made["territory"], *place),
        "plane_distance": _plane_distance(*(made[name] for name in ("ship_x", "ship_y", "site_x", "site_y"))),
    }


def _plane_distance(x: Ints, y: Ints, other_x: Ints, other_y: Ints) -> Ints:
    """Whole metres, rounded down; below 2**52 the root of a double is exact enough for that."""
    known = (x != NULL) & (other_x != NULL)
    east, north = np.where(known, x - other_x, 0), np.where(known, y - other_y, 0)
    return np.where(known, np.sqrt((east * east + north * north).astype(np.float64)).astype(np.int64), NULL)


def _at_own_site(made: dict[str, Ints], exact: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines (n_lines,) that go where the reseller sits; a ship-to known by the name of its city is not `exact`."""
    north, east = (made[f"ship_{axis}"] - made[f"site_{axis}"] for axis in ("latitude", "longitude"))
    given = exact & (made["site_latitude"] != NULL)
    on_earth = given & (np.abs(north) <= NEAR_SITE) & (np.abs(east) <= NEAR_SITE)
    plane = made["plane_distance"]
    there: NDArray[np.bool_] = on_earth | ((plane != NULL) & (plane <= NEAR_SITE_M))
    return there


def _order_context(position: Ints, value: Ints, sku: Ints) -> dict[str, Ints]:
    made = {name: np.empty(position.size, np.int64) for name in ("order_lines", "order_value", "order_skus")}
    _sum_orders(position, value, sku, made["order_lines"], made["order_value"], made["order_skus"])
    return made


@compiled
def _sum_orders(position, value, sku, lines, total, skus):  # type: ignore[no-untyped-def]
    start = 0
    while start < position.size:
        stop = start
        money, different = NULL, 0
        while stop < position.size and position[stop] == position[start]:
            if value[stop] != NULL:
                money = value[stop] if money == NULL else money + value[stop]
            fresh = 1
            for before in range(start, stop):
                if sku[before] == sku[stop]:
                    fresh = 0
                    break
            different += fresh
            stop += 1
        lines[start:stop], total[start:stop], skus[start:stop] = stop - start, money, different
        start = stop


def _attributes(column: pa.ChunkedArray, names: tuple[str, ...], codes: Codes) -> dict[str, Ints]:
    if not names:
        return {}
    parsed = [json.loads(text) if text else {} for text in column.to_pylist()]
    return {ATTRIBUTE + name: codes.encode(ATTRIBUTE + name, [row.get(name) for row in parsed]) for name in names}


def _flags(made: dict[str, Ints], position: Ints, at_own_site: NDArray[np.bool_]) -> NDArray[np.int64]:
    first = np.ones(position.size, bool)
    first[1:] = position[1:] != position[:-1]
    known = (made["ship_country"] != NULL) & (made["site_country"] != NULL)
    passed = {
        "orders": first,
        "sensitive": made["sensitivity"] >= 2,
        "restricted": made["region_sensitivity"] >= 2,
        "abroad": known & (made["ship_country"] != made["site_country"]),
        "stock": made["for_stock"] == 1,
        "undeclared": made["end_user"] == NULL,
        "declared": made["end_user"] != NULL,
        "use_undeclared": made["declared_use"] == NULL,
        "to_own_site": at_own_site,
        "via_hubs": (made["ship_hub"] == 1) & (made["ship_country"] != made["site_country"]),
        "outside_territory": made["in_territory"] == 0,
        "vaguely_addressed": made["ship_vague"] == 1,
        "to_bordering_regions": made["region_sensitivity"] == 1,
    }
    flags = np.full(position.size, FILTERS["lines"], np.int64)
    for name, which in passed.items():
        flags |= np.where(which, FILTERS[name], 0)
    return flags
