"""For notebooks: tables of orders, resellers, products and findings in, a table of features out.

The values are those of a record that holds the same, bit for bit: the same rows are read by the code that imports
files, and the same kernel computes. Whatever cannot be taken raises `Refused` with table, row, column, value and mend.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.exchange import Exchange
from features.facts.book import Book
from features.mapping.columns import Columns
from features.mapping.findings import Known
from features.mapping.orders import orders as order_recipe
from features.mapping.registers import findings as finding_recipe
from features.mapping.registers import products as product_recipe
from features.mapping.registers import rates as rate_recipe
from features.mapping.registers import resellers as reseller_recipe
from features.mapping.registers import statuses as status_recipe
from features.mapping.rejects import Rejected
from features.mapping.rows import Row, TableRows
from features.mapping.streams import Event, Recipe, events
from features.mapping.tables import Source
from features.mapping.trade_names import source_of
from features.measures import Refused
from features.record.kinds import kind_of
from features.record.ledger import Entry
from features.trade import Order, Rate
from features.vector import feature_table
from features.windows.feature_set import FeatureSet
from features.windows.steps import Progress

Table = Any
"""A pandas DataFrame or a pyarrow Table."""

_EVER = 10**17  # no row is refused for lying in the future: histories may be made up
_OF_A_MAPPING = re.compile(r", or (declare|give the key|map |name the zone).*| or map it under \[units\]")


def feature_frame(
    orders: Table,
    resellers: Table = None,
    products: Table = None,
    findings: Table = None,
    *,
    statuses: Table = None,
    rates: Table = None,
    features: FeatureSet | None = None,
    attributes: Sequence[str] = (),
    currency: str | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
) -> "pd.DataFrame":
    """The features of each order line as of its own moment; one row for each row of `orders`, indexed like it.

    Tables are pandas or arrow; their columns are called as those of the trade objects (`mapping.trade_names.KNOWN`),
    one row an order line, a site of a reseller, a product, a finding, a change of status, a rate. Columns of one's
    own are named in `attributes`. Without `line_id` the lines of an order are numbered as they come; without
    `known_at` an order is known when it was ordered, and a reseller or product always was.

    `features` are the definitions, the whole catalogue unless given. Values count in `currency`, that of the orders
    unless named; other currencies need `rates`. Times carry their zone, or `zone` names it.

    The columns are `t` (the line's moment, UTC), `position` (of its order among all events in order of time), and
    the features, float64, NaN where a value is missing. Raises `Refused`.
    """
    named = {"orders": orders, "resellers": resellers, "products": products, "findings": findings}
    named |= {"statuses": statuses, "rates": rates}
    tables = {name: _Table.of(name, table) for name, table in named.items() if table is not None}
    own = tuple(sorted({*attributes, *(features.attributes if features else ())}))
    counted = currency or _currency(tables["orders"].arrow)
    reading = _Reading(Exchange(counted), currency, zone, own)
    for name in ("rates", "products", "resellers", "orders", "statuses", "findings"):
        if name in tables:
            reading.read(name, tables[name])
    found = feature_table(reading.book(), features or catalogue(own), progress=progress)
    return _framed(found.lines, found.values, found.features.names, reading.line_rows(), tables["orders"].index)


@dataclass(frozen=True)
class _Table:
    """A user's table as arrow, and the labels of its rows."""

    arrow: pa.Table
    index: Any

    @classmethod
    def of(cls, name: str, table: Table) -> "_Table":
        if isinstance(table, pa.Table):
            return cls(table, pd.RangeIndex(table.num_rows))
        if not isinstance(table, pd.DataFrame):
            raise Refused(name, type(table).__name__, "is not a table", "give a pandas DataFrame or a pyarrow Table")
        columns: list[Any] = []
        for heading, column in table.items():
            try:
                columns.append(_arrow(column))
            except (pa.ArrowException, OverflowError) as error:
                mend = "give the column one kind of value"
                raise Refused(name, str(heading), f"mixes kinds of values ({error})", mend) from None
        return cls(pa.table(columns, [str(column) for column in table.columns]), table.index)


def _arrow(column: Any) -> pa.Array:
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return pa.array(column, from_pandas=True)
    naive = pa.array(column.dt.tz_convert(None).to_numpy(), from_pandas=True)
    return pc.assume_timezone(naive, "UTC")


class _Reading:
    """Events from tables, each once; and which row each order line came from."""

    def __init__(self, exchange: Exchange, currency: str | None, zone: str | None, own: tuple[str, ...]) -> None:
        self._exchange, self._currency, self._zone, self._own = exchange, currency, zone, own
        self._events: dict[tuple[str, str, int], Event] = {}
        self._rows: dict[str, list[int]] = {}

    def read(self, name: str, table: _Table) -> None:
        """Take in a table; raises `Refused` at its first fault."""
        rows = TableRows(name, table.arrow)
        source = source_of(name, rows.names, self._own, self._currency, self._zone)
        recipe = self._recipe(name, rows, source)
        where = [0]

        def build(together: list[Row]) -> Iterable[Event]:
            where[0] = together[0].number
            return recipe.build(together)

        for event in events(rows, replace(recipe, build=build), _silent):
            if isinstance(event, Rejected):
                raise _refusal(name, table.index[event.row], event)
            try:
                self._take(event)
            except Refused as refused:
                label = f"{name}, row {table.index[where[0]]!s}, {refused.column}"
                raise Refused(label, refused.value, refused.why, refused.mend) from None

    def book(self) -> Book:
        """All events in order of time."""
        timed = sorted((event for event in self._events.values() if not isinstance(event, Rate)), key=_known)
        entries = (Entry(position, _known(event), event) for position, event in enumerate(timed, start=1))
        return Book.empty(self._exchange.currency).extended(entries)

    def line_rows(self) -> dict[str, list[int]]:
        """The rows of each order, in the order of its lines."""
        return self._rows

    def _recipe(self, name: str, rows: TableRows, source: Source) -> Recipe:
        if source.order and source.line:
            recipe = order_recipe(rows, source, {}, self._exchange, _EVER)
            by_id = None if source.line.line_id.sequence else Columns(rows, source).text(source.line.line_id)

            def build(together: list[Row]) -> Iterable[Event]:
                made = list(recipe.build(together))
                for order in made:
                    if isinstance(order, Order):
                        numbers = {by_id.read(row.cells): row.number for row in together} if by_id else {}
                        in_turn = [numbers[line.line_id] for line in order.lines] if by_id else None
                        self._rows[order.order_id] = in_turn or [row.number for row in together]
                return made

            return replace(recipe, build=build)
        if source.reseller:
            return reseller_recipe(rows, source, source.reseller)
        if source.product:
            return product_recipe(rows, source, source.product)
        if source.rate:
            return rate_recipe(rows, source, source.rate)
        if source.status:
            return status_recipe(rows, source, source.status, _EVER, self._ordered)
        if source.finding:
            return finding_recipe(rows, source, source.finding, _EVER, self._ordered)
        raise ValueError(f"no table is called {name!r}")

    @property
    def _ordered(self) -> Known:
        return self._rows.__contains__

    def _take(self, event: Event) -> None:
        """The same event twice is one; the same id with another content is a fault, as it is in a record."""
        if isinstance(event, Rate):
            self._exchange.add(event)
        kind = kind_of(event)
        subject, version = kind.identity(event)
        if kind.revised and version > 1 and (kind.name, subject, version - 1) not in self._events:
            raise Refused("revision", version, "comes without the one before", "give the earlier revisions before it")
        if self._events.setdefault((kind.name, subject, version), event) != event:
            mend = "give each its own id or time, or count its revisions"
            raise Refused(kind.name, subject, "stands there twice with different contents", mend)


def _framed(lines: pa.Table, values: Any, names: Sequence[str], rows: dict[str, list[int]], index: Any) -> Any:
    """The table in the order of the user's rows."""
    heads = lines["order_id"].to_pylist()
    line_no = lines["line_no"].to_numpy()
    taken_from = np.array([rows[order_id][line] for order_id, line in zip(heads, line_no, strict=True)], np.int64)
    place: NDArray[np.int64] = np.argsort(taken_from)
    frame = pd.DataFrame(values[place], index=index, columns=list(names))
    frame.insert(0, "position", lines["position"].to_numpy()[place])
    frame.insert(0, "t", pd.to_datetime(lines["t"].to_numpy()[place], unit="us", utc=True))
    return frame


def _currency(orders: pa.Table) -> str:
    """The one currency of the orders; dollars where they name none and have no amounts to speak of."""
    if "currency" not in orders.column_names:
        return "USD"
    different = [str(code).strip().upper() for code in pc.unique(orders["currency"]).drop_null().to_pylist()]
    if len(set(different)) > 1:
        mend = "name the one to count in, such as currency='USD', and give `rates` of the others"
        raise Refused("orders, currency", ", ".join(sorted(different)), "are several currencies", mend)
    return different[0] if different else "USD"


def _refusal(name: str, label: object, rejected: Rejected) -> Refused:
    """The refusal of a row in the words of a notebook, where there is no mapping file to mend."""
    mend = (
        _OF_A_MAPPING.sub("", rejected.mend).replace("name it in `map`; ", "").replace("name it in `map` as ", "write ")
    )
    if "names no zone" in rejected.why:
        mend = "localise the column, such as .dt.tz_localize('UTC'), or name the `zone`"
    return Refused(f"{name}, row {label!s}, {rejected.column}", rejected.value, rejected.why, mend)


def _known(event: Any) -> int:
    known_at: int = event.known_at
    return known_at


def _silent(_count: int) -> None:
    """Progress that nobody watches."""
