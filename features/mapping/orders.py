"""Orders: the rows of one order become its lines, with what was found and what became of it where the rows say so."""

from collections.abc import Callable, Hashable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from features.exchange import Exchange
from features.mapping.columns import ABSENT, Columns, Reader, blame, joint
from features.mapping.findings import FindingReader, StatusReader, past
from features.mapping.kinds import Amount, Column, Number
from features.mapping.notation import number_parser, whole_parser
from features.mapping.rows import Cells, Row, Rows
from features.mapping.streams import Event, Faults, Recipe
from features.mapping.tables import LineTable, OrderTable, Source
from features.measures import MAX_VALUE, Money, Quantity, Refused, minor_digits
from features.trade import Finding, Order, OrderLine, StatusChange

Header = tuple[str, int, int, int]
"""What all rows of an order share: reseller, ordered_at, known_at, revision."""


_EXACT = Context(prec=60)  # two numbers of 28 digits multiply without rounding


def orders(rows: Rows, source: Source, units: dict[str, str], exchange: Exchange, now: int) -> Recipe:
    """How a source with [order] and [line] makes orders."""
    columns = Columns(rows, source)
    builder = OrderBuilder(columns, source, units, exchange, now)
    return Recipe(columns, builder.build, builder.key, "order")


def money(columns: Columns, amount: Amount, currency: Column) -> Reader[Money | None]:
    """An amount with its currency."""
    number, code = columns.number(amount, number_parser), columns.parsed(currency, str.upper).needed()
    names: dict[str, Reader[object]] = {"amount": number, "currency": code}

    def build(cells: Cells) -> Money | None:
        major = number.read(cells)
        if major is None:
            return None
        unit = code.read(cells)
        try:
            return Money.of(major.scaleb(-minor_digits(unit)) if amount.minor else major, unit)
        except Refused as refused:
            raise blame(refused, cells, names) from None

    return joint((number, code), build)


class LineReader:
    """Makes an order line of a row."""

    def __init__(self, columns: Columns, source: Source, table: LineTable, units: dict[str, str]) -> None:
        self.line_id = None if table.line_id.sequence else columns.text(table.line_id).needed()
        self._sku, self._category = columns.text(table.sku).needed(), columns.text(table.category)
        self._quantity = quantity(columns, table.quantity, table.unit, units)
        self._amount = _amount(columns, table)
        self._end_user, self._class = columns.text(table.end_user_id), columns.text(table.end_user_class)
        self._use, self._stock = columns.text(table.declared_use), columns.flag(table.for_stock)
        self._ship_to = columns.place(table.ship_to)
        named = sorted(source.attributes.items())
        self._attributes = [columns.parsed(field, _pair(name)).read for name, field in named]
        self._names: dict[str, Reader[object]] = {
            "sku": self._sku,
            "currency": columns.text(table.currency),
            "amount": self._amount,
            "value": self._amount,
            "end_user_id": self._end_user,
        }
        if self.line_id:
            self._names["line_id"] = self.line_id

    def read(self, cells: Cells, number: int, ordered_at: int, exchange: Exchange) -> OrderLine:
        """The row's line, its value in the currency of the exchange at the order's time."""
        line_id = str(number) if self.line_id is None else self.line_id.read(cells)
        sku, quantity, amount = self._sku.read(cells), self._quantity.read(cells), self._amount.read(cells)
        # Order of the fields of OrderLine from `category` on.
        told = (self._category.read(cells), self._end_user.read(cells), self._class.read(cells), self._use.read(cells))
        place, stock = self._ship_to.read(cells), self._stock.read(cells)
        own = tuple([pair for read in self._attributes if (pair := read(cells)) is not None])
        try:
            value = None if amount is None else exchange.convert(amount, ordered_at)
            return OrderLine(line_id, sku, quantity, amount, value, *told, place, stock, own)
        except Refused as refused:
            raise blame(refused, cells, self._names) from None


def _pair(name: str) -> Callable[[str], tuple[str, str]]:
    return lambda text: (name, text)


class OrderBuilder:
    """Makes an order of its rows; whatever is wrong with one of them is wrong with the order."""

    def __init__(self, columns: Columns, source: Source, units: dict[str, str], exchange: Exchange, now: int) -> None:
        if source.order is None or source.line is None:
            raise ValueError("needs a source with [order] and [line]")
        table: OrderTable = source.order
        self._exchange, self._now = exchange, now
        self.key: Reader[Hashable] = columns.text(table.order_id)
        self._order_id = columns.text(table.order_id).needed()
        self._reseller, self._ordered = (
            columns.text(table.reseller_id).needed(),
            columns.time(table.ordered_at).needed(),
        )
        self._known = columns.time(table.known_at)
        self._lag = table.known_at.lag_micros if table.known_at else 0
        self._revision = columns.number(table.revision, whole_parser)
        self._line = LineReader(columns, source, source.line, units)
        self._finding = FindingReader(columns, source.finding, now) if source.finding else None
        self._whole = source.finding is not None and source.finding.about == "order"
        self._status = StatusReader(columns, source.status, now) if source.status else None
        self._shared = (self._reseller, self._ordered, self._known, self._revision)
        self._names: dict[str, Reader[object]] = {
            "order_id": self._order_id,
            "reseller_id": self._reseller,
            "ordered_at": self._ordered,
            "revision": self._revision,
            "lines": self._order_id,
        }

    def build(self, rows: list[Row]) -> list[Event]:
        """The order, then its status changes and findings."""
        lines: dict[str, tuple[int, OrderLine]] = {}
        after: dict[Hashable, StatusChange | Finding] = {}
        faults: dict[int, Refused] = {}
        header, first = None, rows[0]
        for count, row in enumerate(rows, 1):
            try:
                order_id = self._order_id.read(row.cells)
                own = self._header(row.cells)
                header = header or own
                self._same(own, header, row, first)
                line = self._line.read(row.cells, count, header[1], self._exchange)
                self._add_line(lines, line, row)
                self._add_after(after, row, order_id, line.line_id)
            except Refused as refused:
                faults[row.number] = refused
        if faults or header is None:
            raise Faults(faults)
        return [self._order(first.cells, order_id, header, [line for _, line in lines.values()]), *after.values()]

    def _header(self, cells: Cells) -> Header:
        ordered_at = past(self._ordered, cells, self._ordered.read(cells), self._now)
        known_at, revision = self._known.read(cells), self._revision.read(cells)
        if known_at is None:
            known_at = ordered_at + self._lag
        past(self._known if self._known.places else self._ordered, cells, known_at, self._now)
        return self._reseller.read(cells), ordered_at, known_at, 1 if revision is None else revision

    def _same(self, own: Header, header: Header, row: Row, first: Row) -> None:
        if own == header:
            return
        for reader, here, there in zip(self._shared, own, header, strict=True):
            if here != there:
                why = f"differs from {reader.raw(first.cells)!r} in row {first.number} of the same order"
                raise reader.refuse(row.cells, why, "an order has one reseller, time and revision: mend the rows")

    def _add_line(self, lines: dict[str, tuple[int, OrderLine]], line: OrderLine, row: Row) -> None:
        number, _ = lines.setdefault(line.line_id, (row.number, line))
        if number != row.number and self._line.line_id:
            why = f"stands in row {number} of the same order too"
            mend = "number the lines, or map `line_id = { sequence = true }`"
            raise self._line.line_id.refuse(row.cells, why, mend)

    def _add_after(self, after: dict[Hashable, StatusChange | Finding], row: Row, order_id: str, line_id: str) -> None:
        status = self._status.read(row.cells, order_id) if self._status else None
        if status:
            after[status] = status
        if self._finding is None:
            return
        found = self._finding.read(row.cells, order_id, None if self._whole else line_id)
        if found and after.setdefault(found.finding_id, found) != found:
            why = f"makes another finding {found.finding_id!r} in the same order"
            mend = "make the rows agree, or give each finding its own `finding_id`"
            raise self._finding.outcome.refuse(row.cells, why, mend)

    def _order(self, cells: Cells, order_id: str, header: Header, lines: list[OrderLine]) -> Order:
        reseller_id, ordered_at, known_at, revision = header
        if self._line.line_id:
            # Ids of their own give the lines their order, so that it does not hang on the file's.
            lines.sort(key=lambda line: (len(line.line_id) if line.line_id.isdigit() else 999, line.line_id))
        try:
            return Order(order_id, reseller_id, tuple(lines), ordered_at, revision, known_at)
        except Refused as refused:
            raise blame(refused, cells, self._names) from None


def quantity(
    columns: Columns, count: Number | None, unit_of: Column | None, units: dict[str, str]
) -> Reader[Quantity | None]:
    """How many of what; pieces where no unit is mapped."""
    if count is None:
        return ABSENT
    number, unit = columns.number(count, number_parser), columns.text(unit_of or Column(const="each")).needed()
    names: dict[str, Reader[object]] = {"quantity": number, "unit": unit}

    def build(cells: Cells) -> Quantity | None:
        many = number.read(cells)
        if many is None:
            return None
        name = unit.read(cells)
        try:
            return Quantity.of(many, units.get(name, name))
        except Refused as refused:
            raise blame(refused, cells, names) from None

    return joint((number, unit), build)


def _amount(columns: Columns, table: LineTable) -> Reader[Money | None]:
    if table.currency is None:
        return ABSENT
    if table.amount is not None:
        return money(columns, table.amount, table.currency)
    return _price_times_quantity(columns, table, table.currency)


def _price_times_quantity(columns: Columns, table: LineTable, currency: Column) -> Reader[Money | None]:
    """Unit price times the number of units as the file counts them, rounded to the minor unit, halves to even."""
    price, count = columns.number(table.unit_price, number_parser), columns.number(table.quantity, number_parser)
    code, minor = columns.parsed(currency, str.upper).needed(), table.unit_price is not None and table.unit_price.minor
    names: dict[str, Reader[object]] = {"amount": price, "currency": code}

    def build(cells: Cells) -> Money | None:
        each, number = price.read(cells), count.read(cells)
        if each is None or number is None:
            return None
        unit = code.read(cells)
        total = _EXACT.multiply(each, number).scaleb(0 if minor else minor_digits(unit))
        if abs(total) > MAX_VALUE:
            raise price.refuse(cells, f"comes to more than {MAX_VALUE} minor units", "check price and quantity")
        try:
            return Money(int(total.quantize(Decimal(1), ROUND_HALF_EVEN)), unit)
        except Refused as refused:
            raise blame(refused, cells, names) from None

    return joint((price, count, code), build)
