"""Sources of one row an event: products, rates, findings, status changes; and resellers, of one row a site."""

import re
from collections.abc import Callable, Hashable
from dataclasses import replace

from features.location.gazetteer import country_code
from features.mapping.columns import Columns, Reader, blame, joint
from features.mapping.findings import FindingReader, Known, StatusReader
from features.mapping.notation import number_parser, whole_parser
from features.mapping.orders import money
from features.mapping.rows import Cells, Row, Rows
from features.mapping.streams import Event, Faults, Recipe
from features.mapping.tables import FindingTable, ProductTable, RateTable, ResellerTable, SiteTable, Source, StatusTable
from features.measures import Money, Refused
from features.trade import Product, Rate, Reseller, Site, territory


def findings(rows: Rows, source: Source, table: FindingTable, now: int, known: Known | None) -> Recipe:
    """How a file of findings is read."""
    columns = Columns(rows, source)
    reader = FindingReader(columns, table, now, known)
    return Recipe(columns, lambda together: [found] if (found := reader.read(together[0].cells)) else [])


def statuses(rows: Rows, source: Source, table: StatusTable, now: int, known: Known | None) -> Recipe:
    """How a file of status changes is read."""
    columns = Columns(rows, source)
    reader = StatusReader(columns, table, now, known)
    return Recipe(columns, lambda together: [change] if (change := reader.read(together[0].cells)) else [])


def rates(rows: Rows, source: Source, table: RateTable) -> Recipe:
    """How a file of rates is read."""
    columns = Columns(rows, source)
    currency = columns.parsed(table.currency, str.upper).needed()
    valid_from, known_at = columns.time(table.valid_from).needed(), columns.time(table.known_at)
    rate = columns.number(table.rate, number_parser).needed()
    lag = table.known_at.lag_micros if table.known_at else 0
    names: dict[str, Reader[object]] = {"rate": rate, "currency": currency}

    def build(cells: Cells) -> Rate:
        start, known = valid_from.read(cells), known_at.read(cells)
        code = Money(0, currency.read(cells)).currency  # which knows what a currency looks like
        return Rate(code, start, rate.read(cells), start + lag if known is None else known)

    return Recipe(columns, _each(build, names))


def products(rows: Rows, source: Source, table: ProductTable) -> Recipe:
    """How a register of products is read; rows of orders may be one, and repeat themselves."""
    columns = Columns(rows, source)
    sku, known_at = columns.text(table.sku).needed(), columns.time(table.known_at).needed()
    category, name = columns.text(table.category), columns.text(table.name)
    hs_code, eccn = columns.text(table.hs_code), columns.text(table.eccn)
    sensitivity = columns.number(table.sensitivity, whole_parser)
    price = money(columns, table.list_price, table.currency) if table.list_price and table.currency else None
    names: dict[str, Reader[object]] = {"sku": sku, "known_at": known_at, "sensitivity": sensitivity}

    def build(cells: Cells) -> Product:
        told = (category.read(cells), name.read(cells), hs_code.read(cells), eccn.read(cells))
        listed = price.read(cells) if price else None
        return Product(sku.read(cells), known_at.read(cells), *told, sensitivity.read(cells), listed)

    return Recipe(columns, _once(_each(build, names)))


def resellers(rows: Rows, source: Source, table: ResellerTable) -> Recipe:
    """How a register of resellers is read: rows that agree on the reseller and `known_at` are its sites."""
    columns = Columns(rows, source)
    reseller_id, known_at = columns.text(table.reseller_id).needed(), columns.time(table.known_at).needed()
    name, address = columns.text(table.name), columns.text(table.address_id)
    phone, owner = columns.text(table.phone_id), columns.text(table.owner_id)
    areas = columns.parsed(table.territory, _territory)
    founded = columns.time(table.founded_at)
    since, until = columns.time(table.authorised_from), columns.time(table.authorised_to)
    site = _site(columns, table.site) if table.site else None
    names: dict[str, Reader[object]] = {
        "reseller_id": reseller_id,
        "known_at": known_at,
        "phone_id": phone,
        "owner_id": owner,
        "territory": areas,
    }

    def version(cells: Cells) -> Hashable:
        return reseller_id.read(cells), known_at.read(cells)

    def one(cells: Cells) -> Reseller:
        key = (reseller_id.read(cells), known_at.read(cells))
        times = (founded.read(cells), since.read(cells), until.read(cells))
        try:
            shared = (phone.read(cells), owner.read(cells))
            return Reseller(*key, name.read(cells), (), address.read(cells), *times, *shared, areas.read(cells) or ())
        except Refused as refused:
            raise blame(refused, cells, names) from None

    def build(together: list[Row]) -> list[Event]:
        faults: dict[int, Refused] = {}
        sites: dict[Site, None] = {}
        first: Reseller | None = None
        for row in together:
            try:
                this = one(row.cells)
                first = first or this
                if this != first:
                    raise _other_version(reseller_id, row, together[0])
                place = site.read(row.cells) if site else None
                sites.update({place: None} if place else {})
            except Refused as refused:
                faults[row.number] = refused
        if faults or first is None:
            raise Faults(faults)
        return [replace(first, sites=tuple(sites))]

    return Recipe(columns, build, joint((reseller_id, known_at), version), "reseller")


def _territory(text: str) -> tuple[str, ...]:
    """Codes of countries and regions, or names of countries, with commas or semicolons between them."""
    return territory(country_code(area) for area in re.split(r"[,;]", text) if area.strip())


def _other_version(reader: Reader[str | None], row: Row, first: Row) -> Refused:
    why = f"says something else of the reseller than row {first.number}, known at the same time"
    return reader.refuse(row.cells, why, "mend one of them, or give the later version a later `known_at`")


def _site(columns: Columns, table: SiteTable) -> Reader[Site | None]:
    place, kind = columns.place(table), columns.text(table.kind)
    since, until = columns.time(table.valid_from), columns.time(table.valid_to)

    def build(cells: Cells) -> Site | None:
        there = place.read(cells)
        if there is None:
            return None
        return Site(there, kind.read(cells) or "registered", since.read(cells), until.read(cells))

    return joint((place, kind, since, until), build)


def _each(build: Callable[[Cells], Event], names: dict[str, Reader[object]]) -> Callable[[list[Row]], list[Event]]:
    """One event of one row; what the trade object refuses is told of the user's column."""

    def one(together: list[Row]) -> list[Event]:
        cells = together[0].cells
        try:
            return [build(cells)]
        except Refused as refused:
            raise blame(refused, cells, names) from None

    return one


def _once(build: Callable[[list[Row]], list[Event]]) -> Callable[[list[Row]], list[Event]]:
    """The same event only the first time."""
    seen: set[Event] = set()

    def unseen(together: list[Row]) -> list[Event]:
        new = [event for event in build(together) if event not in seen]
        seen.update(new)
        return new

    return unseen
