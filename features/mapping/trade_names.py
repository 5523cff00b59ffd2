"""Tables whose columns are called as the trade objects call them: their mapping goes without saying.

>>> source = source_of("orders", ["order_id", "reseller_id", "sku", "ordered_at", "port"], ("port",), "USD", None)
>>> source.line.line_id.sequence, sorted(source.attributes)
(True, ['port'])
"""

from collections.abc import Collection, Iterable
from typing import Any

from pydantic import BaseModel

from features.mapping.kinds import near
from features.mapping.tables import (
    FindingTable,
    LineTable,
    OrderTable,
    PlaceTable,
    ProductTable,
    RateTable,
    ResellerTable,
    SiteTable,
    Source,
    StatusTable,
)
from features.measures import Refused

ALWAYS = "1938-05-01T00:00:00Z"
"""Since when a reseller or product is known whose table does not say: before any order that the record can hold."""


def _columns(table: type[BaseModel], *but: str) -> tuple[str, ...]:
    """The keys of a mapping's table that are columns here."""
    return tuple(name for name in table.model_fields if name not in but)


_ORDER = _columns(OrderTable, "revision")  # a table holds one revision of each order, as a file does
_LINE = _columns(LineTable, "ship_to")
_PLACE, _SPOT = _columns(PlaceTable), _columns(SiteTable)
_RESELLER = _columns(ResellerTable, "site")
_FINDING = _columns(FindingTable, "about")

KNOWN: dict[str, tuple[str, ...]] = {
    "orders": (*_ORDER, *_LINE, *(f"ship_{name}" for name in _PLACE)),
    "resellers": (*_RESELLER, *(f"site_{name}" for name in _SPOT)),
    "products": _columns(ProductTable),
    "findings": _FINDING,
    "statuses": _columns(StatusTable),
    "rates": _columns(RateTable),
}
"""The columns that each table may have, besides attributes among those of orders."""

NEEDED: dict[str, tuple[str, ...]] = {
    "orders": ("order_id", "reseller_id", "ordered_at", "sku"),
    "resellers": ("reseller_id",),
    "products": ("sku",),
    "findings": ("outcome", "known_at"),
    "statuses": ("order_id", "status", "happened_at"),
    "rates": ("currency", "rate", "valid_from"),
}
"""The columns that each table must have."""


def source_of(
    table: str, names: Collection[str], attributes: Collection[str], currency: str | None, zone: str | None
) -> Source:
    """The source that reads a table of this kind (a key of `KNOWN`) with these columns.

    `currency` is that of amounts without a column of their own, `zone` that of times that name none. Raises
    `Refused` for a column that is not known, twice there or missing.
    """
    own = tuple(attributes) if table == "orders" else ()
    _check(table, list(names), own)
    made = _TABLES[table](set(names), currency)
    if own:
        made["attributes"] = {name: name for name in own}
    return Source.model_validate({"zone": zone, **made})


def _check(table: str, names: list[str], own: tuple[str, ...]) -> None:
    known = (*KNOWN[table], *own)
    for name in own:
        if name in KNOWN[table]:
            raise Refused("attributes", name, f"is a column of {table} already", "leave it out of `attributes`")
    for name in (*NEEDED[table], *own):
        if name not in names:
            mend = f"rename the column that holds it; the columns are {', '.join(names)}"
            raise Refused(table, name, "is not among the columns", mend)
    for name in names:
        if names.count(name) > 1:
            raise Refused(table, name, "stands twice among the columns", "rename one of them")
        if name not in known:
            hint = near(name, known)
            mine = ", or name it in `attributes`" if table == "orders" else ""
            listed = f"; known are {', '.join(known)}" if hint.startswith("did") else ""
            raise Refused(table, name, "is not a known column", f"{hint}{listed}; rename or drop it{mine}")


def _plain(wanted: Iterable[str], names: Collection[str], prefix: str = "") -> dict[str, Any]:
    return {name: prefix + name for name in wanted if prefix + name in names}


def _money(made: dict[str, Any], names: Collection[str], currency: str | None, *amounts: str) -> dict[str, Any]:
    """Amounts with their currency: a column, or one for all."""
    given = [name for name in amounts if name in names]
    if not given or "currency" in names:
        return made
    if currency is None:
        raise Refused(given[0], None, "has no currency", "add a column `currency`, or name it: currency='USD'")
    return {**made, "currency": {"const": currency}}


def _orders(names: Collection[str], currency: str | None) -> dict[str, Any]:
    line = _plain(_LINE, names) | {"ship_to": _plain(_PLACE, names, "ship_")}
    if not line["ship_to"]:
        del line["ship_to"]
    if "line_id" not in names:
        line["line_id"] = {"sequence": True}
    return {"order": _plain(_ORDER, names), "line": _money(line, names, currency, "amount", "unit_price")}


def _resellers(names: Collection[str], _currency: str | None) -> dict[str, Any]:
    site = _plain(_SPOT, names, "site_")
    made = {"known_at": {"const": ALWAYS}} | _plain(_RESELLER, names)
    return {"reseller": {**made, "site": site} if site else made}


def _products(names: Collection[str], currency: str | None) -> dict[str, Any]:
    made = {"known_at": {"const": ALWAYS}} | _plain(KNOWN["products"], names)
    return {"product": _money(made, names, currency, "list_price")}


def _findings(names: Collection[str], _currency: str | None) -> dict[str, Any]:
    return {"finding": {"happened_at": "known_at"} | _plain(_FINDING, names)}


def _statuses(names: Collection[str], _currency: str | None) -> dict[str, Any]:
    return {"status": _plain(KNOWN["statuses"], names)}


def _rates(names: Collection[str], _currency: str | None) -> dict[str, Any]:
    return {"rate": _plain(KNOWN["rates"], names)}


_TABLES = {
    "orders": _orders,
    "resellers": _resellers,
    "products": _products,
    "findings": _findings,
    "statuses": _statuses,
    "rates": _rates,
}
