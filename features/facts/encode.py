"""From order lines as the record holds them to the engine's integer rows, many lines or one order at a time."""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.reference import Reference
from features.windows.codes import Codes, Column, degrees, numbers
from features.windows.columns import ATTRIBUTE, CODED, FILTERS, NULL, columns
from features.windows.compiled import compiled

Ints = NDArray[np.int64]
Columns = Mapping[str, Column]
_TEXTS = {
    "order": "order_id",
    "reseller": "reseller_id",
    "sku": "sku",
    "end_user": "end_user_id",
    "end_user_class": "end_user_class",
    "declared_use": "declared_use",
    "ship_country": "ship_country",
    "ship_region": "ship_region",
    "ship_city": "ship_city",
}
_UNITS = {"units": "each", "grams": "g", "millilitres": "ml"}


def encode(lines: Columns, reference: Reference, attributes: tuple[str, ...]) -> Ints:
    """Rows of shape (n_lines, columns), int64, in the order of `features.windows.columns.columns`.

    `lines` has the columns of `Record.lines`, as arrow arrays or as lists; lines of one order stand together.
    """
    names = columns(attributes)
    t, position = numbers(lines["t"]), numbers(lines["position"])
    made: dict[str, Ints] = {}
    for name, source in _TEXTS.items():
        made[name] = reference.codes.encode(CODED[name], lines[source])
    made |= _amounts(lines, reference.codes)
    made |= _known(made, reference, lines, t)
    made |= _order_context(position, made["value"], made["sku"])
    made |= _attributes(lines["attributes"], attributes, reference.codes)
    made["ship_latitude"], made["ship_longitude"] = degrees(lines["ship_latitude"]), degrees(lines["ship_longitude"])
    made["region_sensitivity"] = reference.regions.levels(made["ship_country"], made["ship_region"], t)
    made["flags"] = _flags(made, position)
    rows = np.empty((t.size, len(names)), np.int64)
    for index, name in enumerate(names):
        rows[:, index] = made[name]
    return rows


def _amounts(lines: Columns, codes: Codes) -> dict[str, Ints]:
    milli, unit = numbers(lines["quantity_milli"]), codes.encode("unit", lines["unit"])
    made = {name: np.where(unit == codes.code("unit", text), milli, NULL) for name, text in _UNITS.items()}
    value, units = numbers(lines["value"]), made["units"]
    priced = (value != NULL) & (units != NULL) & (units > 0)
    safe = np.where(priced, units, 1)
    made["unit_value"] = np.where(priced, (np.where(priced, value, 0) * 1000 + safe // 2) // safe, NULL)
    made["value"] = value
    stock = lines["for_stock"]
    made["for_stock"] = numbers(stock.cast(pa.int8()) if isinstance(stock, pa.ChunkedArray) else stock)
    return made


def _known(made: dict[str, Ints], reference: Reference, lines: Columns, t: Ints) -> dict[str, Ints]:
    """What the record knew of the reseller and the product; a category on the line itself goes first."""
    known = reference.reseller_facts(made["reseller"], t) | reference.product_facts(made["sku"], t)
    own = reference.codes.encode("category", lines["category"])
    if (own != NULL).any():
        tops = dict(reference.category(path) for path in _different(lines["category"]))
        top = np.array([tops[code] for code in own.tolist()], np.int64)
        known["category"] = np.where(own != NULL, own, known["category"])
        known["category_top"] = np.where(own != NULL, top, known["category_top"])
    return known


def _different(column: Column) -> set[str | None]:
    return set(column.unique().to_pylist() if isinstance(column, pa.ChunkedArray) else column)


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


def _attributes(column: Column, names: tuple[str, ...], codes: Codes) -> dict[str, Ints]:
    if not names:
        return {}
    texts = column.to_pylist() if isinstance(column, pa.ChunkedArray) else column
    parsed = [json.loads(text) if text else {} for text in texts]
    return {ATTRIBUTE + name: codes.encode(ATTRIBUTE + name, [row.get(name) for row in parsed]) for name in names}


def _flags(made: dict[str, Ints], position: Ints) -> NDArray[np.int64]:
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
    }
    flags = np.full(position.size, FILTERS["lines"], np.int64)
    for name, which in passed.items():
        flags |= np.where(which, FILTERS[name], 0)
    return flags
