"""From a notice to the sales that it may speak of: graded, explained, and from what was known before it and no more.

Candidates are sales to the supplier that the notice names, where that is one of ours, of the goods that it names; else
all sales of such goods in just this quantity. They lie in blocks sorted by time (see `Sales`), so that a notice looks
at few of them.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from features.awards.fit import HIGH, LOW, MOST, fitting, room
from features.awards.sales import Sales, place_codes
from features.awards.suppliers import Supplier, Suppliers
from features.evidence import AwardLine, Grade, Link, LinkedLine, Linking, Notice
from features.facts.book import Book
from features.location.resolver import Resolver
from features.measures import DAY

CLEAR = 0.8
"""Weight from which a sale stands clear of the others: four times as likely as all of them together."""

FEW = 10
"""Without a known supplier, more sales than this that fit say nothing: none is named."""

LEAST = 0.01
"""Lighter links are left out."""

_NOTHING = -1


class Linker:
    """Links notices to the sales of one book."""

    def __init__(self, book: Book, sales: Sales | None = None) -> None:
        self.sales = Sales.of(book) if sales is None else sales
        self._resolver = Resolver()
        self._suppliers = Suppliers(book.resellers)

    def link(self, notice: Notice, revision: int = 1) -> Linking:
        """All links of a notice. Sees sales and resellers with ``known_at < notice.known_at`` only."""
        place = place_codes(self.sales.codes, self._resolver, notice.buyer_place)
        links: list[Link] = []
        lines: list[LinkedLine] = []
        for number, line in enumerate(notice.lines):
            supplier = self._suppliers.named(line, notice.known_at)
            found = self._links(number, notice, line, supplier, place)
            links += found
            explained = any(link.grade in {Grade.A, Grade.B} for link in found)
            exceeds = self._exceeds(notice, line, supplier)
            lines.append(LinkedLine(supplier.reseller_id if supplier else None, explained, exceeds))
        return Linking(notice.notice_id, notice.known_at, notice.revision, tuple(lines), tuple(links), revision)

    def _links(
        self, number: int, notice: Notice, line: AwardLine, supplier: Supplier | None, place: tuple[int, int]
    ) -> list[Link]:
        serial = self._by_serial(number, notice, line)
        if serial:
            return serial
        rows, weights = self._candidates(notice, line, supplier, place)
        if rows:
            kept = [(row, weight) for row, weight in zip(rows, weights, strict=True) if weight >= LEAST]
            total = sum(weight for _, weight in kept)
            return [self._link(number, notice, line, supplier, place, row, weight / total) for row, weight in kept]
        if supplier is None:
            return []
        terms = (*_said_of(supplier), ("goods", "no sale of such goods to this supplier fits the date"))
        return [Link(number, Grade.D, 1.0, tuple(sorted(terms)), supplier.reseller_id)]

    def _by_serial(self, number: int, notice: Notice, line: AwardLine) -> list[Link]:
        held: Sequence[int] = self.sales.serials.get(line.serial or "", ())
        rows = [row for row in held if self._seen(row, notice.known_at)]
        terms = (("serial", f"{line.serial} is a serial or lot of this sale"),)
        return [self._made(number, Grade.A, 1.0 / len(rows), terms, row) for row in rows]

    def _seen(self, row: int, known_at: int) -> bool:
        return bool(self.sales.t[row] < known_at <= self.sales.until[row])

    def _candidates(
        self, notice: Notice, line: AwardLine, supplier: Supplier | None, place: tuple[int, int]
    ) -> tuple[list[int], list[float]]:
        """Rows that fit and their weights, which sum to 1; none where nothing tells them apart."""
        sales = self.sales
        category = _known(sales.codes.code("category", line.category))
        quantity = line.quantity.milli if line.quantity else _NOTHING
        if supplier is not None:
            block = sales.reseller_starts.get((sales.codes.code("reseller", supplier.reseller_id), category))
            order = sales.by_reseller
        elif quantity >= 0 and line.value is not None:
            block, order = sales.goods_starts.get((category, quantity)), sales.by_goods
        else:
            return [], []
        if block is None or category < 0:
            return [], []
        sku = _known(sales.codes.code("sku", line.sku))
        worth = _NOTHING if line.value is None else line.value
        wanted = np.array([notice.known_at, notice.dated, quantity, worth, *place, sku], np.int64)
        found, weight = room()
        fits = fitting(
            order, *block, wanted, sales.t, sales.until, sales.sku, sales.quantity, sales.value, sales.region,
            sales.city, supplier is None, found, weight,
        )  # fmt: skip
        if not fits or (supplier is None and fits > FEW):
            return [], []
        kept = weight[: min(fits, MOST)]
        return found[: kept.size].tolist(), (kept / kept.sum()).tolist()

    def _link(
        self,
        number: int,
        notice: Notice,
        line: AwardLine,
        supplier: Supplier | None,
        place: tuple[int, int],
        row: int,
        weight: float,
    ) -> Link:
        terms = dict(self._terms(notice, line, place, row))
        if supplier is None:
            return self._made(number, Grade.C, weight, terms.items(), row)
        terms |= dict(_said_of(supplier))
        grade = Grade.C
        if weight >= CLEAR and "price" not in _against(terms):
            if supplier.by == "identifier" and "model" in terms:
                grade = Grade.A
            elif "city" in terms or ("quantity" in terms and "quantity" not in _against(terms)):
                grade = Grade.B
        return self._made(number, grade, weight, terms.items(), row)

    def _terms(self, notice: Notice, line: AwardLine, place: tuple[int, int], row: int) -> Iterator[tuple[str, str]]:
        """What speaks for and against a sale, in words."""
        sales = self.sales
        yield "goods", f"both are {line.category}"
        lag = (notice.dated - int(sales.t[row])) / DAY
        yield "lag", f"ordered {abs(lag):.0f} days {'before' if lag >= 0 else 'after'} the award"
        if line.sku is not None and sales.codes.code("sku", line.sku) == sales.sku[row]:
            yield "model", f"{line.sku} is named"
        if line.quantity is not None and sales.quantity[row] >= 0:
            own, told = int(sales.quantity[row]) / 1000, line.quantity.milli / 1000
            yield "quantity", f"{told:g} were awarded and {own:g} ordered" if own != told else f"{own:g} in both"
        if line.value is not None and sales.value[row] > 0:
            ratio = line.value / int(sales.value[row])
            fits = "as a dealer's price" if LOW <= ratio <= HIGH else "not a dealer's price"
            yield "price", f"awarded for {ratio:.2f} times our price, {fits}"
        if place[1] >= 0 and place[1] == sales.city[row]:
            yield "city", "the buyer's city is the ship-to"
        elif place[0] >= 0 and place[0] == sales.region[row]:
            yield "region", "the buyer's region is the ship-to's"

    def _made(self, number: int, grade: Grade, weight: float, terms: Iterable[tuple[str, str]], row: int) -> Link:
        reseller = self.sales.resellers[int(self.sales.reseller[row])]
        order_id, line_id = self.sales.order_id[row].as_py(), self.sales.line_id[row].as_py()
        return Link(number, grade, min(1.0, weight), tuple(sorted(terms)), reseller, order_id, line_id)

    def _exceeds(self, notice: Notice, line: AwardLine, supplier: Supplier | None) -> bool | None:
        """Whether more was awarded than we ever sold of such goods to this supplier: in pieces, else in money."""
        if supplier is None or line.category is None:
            return None
        sales = self.sales
        pair = (sales.codes.code("reseller", supplier.reseller_id), sales.codes.code("category", line.category))
        start, stop = sales.reseller_starts.get(pair, (0, 0))
        rows = sales.by_reseller[start:stop]
        seen = rows[(sales.t[rows] < notice.known_at) & (notice.known_at <= sales.until[rows])]
        if line.quantity is not None:
            return bool(np.maximum(sales.quantity[seen], 0).sum() < line.quantity.milli)
        return None if line.value is None else bool(HIGH * np.maximum(sales.value[seen], 0).sum() < line.value)


def _known(code: int) -> int:
    return max(code, _NOTHING)


def _said_of(supplier: Supplier) -> tuple[tuple[str, str], ...]:
    how = "by its identifier" if supplier.by == "identifier" else f"by its name (likeness {supplier.likeness:.2f})"
    return (("supplier", f"{supplier.reseller_id} is named {how}"),)


def _against(terms: dict[str, str]) -> set[str]:
    """Terms that speak against a link."""
    return {
        name
        for name, text in terms.items()
        if text.endswith("not a dealer's price") or (name == "quantity" and "ordered" in text)
    }
