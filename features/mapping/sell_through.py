"""Sell-through reports, one row each."""

from features.mapping.columns import Columns, Reader, blame
from features.mapping.findings import past
from features.mapping.kinds import span_micros
from features.mapping.orders import quantity
from features.mapping.rows import Cells, Row, Rows
from features.mapping.streams import Event, Recipe
from features.mapping.tables import SellThroughTable, Source
from features.measures import Refused
from features.sell_through import SellThrough


def sell_through(rows: Rows, source: Source, table: SellThroughTable, units: dict[str, str], now: int) -> Recipe:
    """How a file of sell-through reports is read; a report that lies in the future is refused."""
    columns = Columns(rows, source)
    reseller_id = columns.text(table.reseller_id).needed()
    sku, category, end_user = (columns.text(field) for field in (table.sku, table.category, table.end_user_id))
    sold = quantity(columns, table.quantity, table.unit, units).needed()
    ends, known_at = columns.time(table.period_to).needed(), columns.time(table.known_at)
    begins = columns.time(table.period_from).needed() if table.period_from else ends
    lasts = span_micros(table.lasts, "lasts") if table.lasts else 0
    told = known_at if known_at.places else ends
    names: dict[str, Reader[object]] = {
        "reseller_id": reseller_id,
        "sku": sku if table.sku else category,
        "category": category,
        "end_user_id": end_user,
        "period_from": begins,
        "period_to": ends,
        "known_at": told,
    }

    def build(together: list[Row]) -> list[Event]:
        cells: Cells = together[0].cells
        until, known = ends.read(cells), known_at.read(cells)
        since = begins.read(cells) - lasts
        reported = past(told, cells, until + table.known_at.lag_micros if known is None else known, now)
        goods = sku.read(cells), category.read(cells), end_user.read(cells)
        try:
            return [SellThrough(reseller_id.read(cells), since, until, sold.read(cells), reported, *goods)]
        except Refused as refused:
            raise blame(refused, cells, names) from None

    return Recipe(columns, build)
