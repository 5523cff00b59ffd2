"""The files of a world: what a maker would hold lies open, what really happened lies apart under `sealed`.

`orders`, `findings` and `statuses` are read by the mapping, as are the registers, and of `evidence` the awards and the
sell-through reports; owners and the draws of the exploration lie there too.
"""

from pathlib import Path

import numpy as np

from features.measures import iso
from training.simulator import registers
from training.simulator.awards import Awards, release
from training.simulator.checks import OUTCOMES, RANDOM, RANDOM_PER_MILLE, SOURCES, Findings, Looks
from training.simulator.draws import Bools, Ints
from training.simulator.habits import CLASSES, USES
from training.simulator.ink import Ink, Sheet
from training.simulator.market import Market
from training.simulator.orders import MOST_LINES, NO_AMOUNT, Orders
from training.simulator.places import PLACES
from training.simulator.products import CATEGORIES
from training.simulator.rates import CURRENCIES, Rates
from training.simulator.typologies import TYPOLOGIES

ORDERS = (
    *("order_id", "line", "ordered_at", "reseller_id", "sku", "quantity", "unit", "amount", "currency"),
    *("end_user_id", "end_user_class", "declared_use", "ship_to_country", "ship_to_region", "ship_to_city"),
    *("ship_to_latitude", "ship_to_longitude", "for_stock"),
)
FINDINGS = (
    *("finding_id", "order_id", "line", "outcome", "happened_at", "known_at", "source", "confidence", "propensity"),
)
STATUSES = ("order_id", "status", "happened_at")
EXPLORATION = ("order_id", "drawn_at", "propensity", "looked_at")
SELL_THROUGH = ("reseller_id", "category", "quarter_ends", "units_sold_on", "known_at")
TRUTH = ("order_id", "line", "diverted", "typology", "twin_of", "shipped")
SEALED_AWARDS = ("ocid", "order_id", "diverted")

_FLAGS = ("false", "true")
_CODES = ("", *(typology.code for typology in TYPOLOGIES))


class Files:
    """All files of one world while it is being written."""

    def __init__(self, out: Path, market: Market, rates: Rates) -> None:
        scenario = market.scenario
        kind = "parquet" if scenario.parquet else "csv"
        self._market, self._rates = market, rates
        self._named = registers.names(market.resellers, market.seed)
        self._plain = Ink(scenario.start, scenario.end, typed=False)
        self._typed = Ink(scenario.start, scenario.end, typed=True) if scenario.parquet else self._plain
        self._resellers = [registers.reseller_id(number) for number in range(market.resellers.count)]
        self.orders = Sheet(out / f"orders.{kind}", ORDERS)
        self.truth = Sheet(out / "sealed" / f"truth.{kind}", TRUTH)
        self.findings = Sheet(out / "findings.csv", FINDINGS)
        self.statuses = Sheet(out / "statuses.csv", STATUSES)
        self.exploration = Sheet(out / "evidence" / "exploration.csv", EXPLORATION)
        self.sell_through = Sheet(out / "evidence" / "sell_through.csv", SELL_THROUGH)
        self.sealed_awards = Sheet(out / "sealed" / "awards.csv", SEALED_AWARDS)
        self._awards = (out / "evidence" / "awards.jsonl").open("w", encoding="utf-8", newline="\n")
        self.awards = 0
        registers.write_registers(out, market, rates, self._named)
        _write_parts(out / "sealed" / "resellers.csv", market)

    def write_orders(self, orders: Orders, number: Ints) -> None:
        """A week's orders, in time order, one row a line; `number` (n_orders,) counts orders from 0."""
        row = np.repeat(np.arange(len(orders)), orders.lines)
        line = np.arange(len(row)) - np.repeat(np.cumsum(orders.lines) - orders.lines, orders.lines)
        of, ink, firms = orders.take(row), self._typed, self._market.resellers
        product, price = of.product[np.arange(len(row)), line], of.price[np.arange(len(row)), line]
        quantity, currency = of.quantity[np.arange(len(row)), line], firms.currency[of.reseller]
        cents = self._market.catalogue.list_price[product] * quantity * np.maximum(price, 0) // 1000
        ids = ink.label("O", number[row] + 1, 8)
        self.orders.add(
            [
                ids,
                ink.number(line + 1),
                ink.time(of.at),
                ink.word(self._resellers, of.reseller),
                ink.word(self._market.catalogue.sku, product),
                ink.number(quantity),
                ink.word(("each",), np.zeros(len(row), np.int64)),
                ink.decimal(self._rates.convert(cents, currency, of.at), 2, price == NO_AMOUNT),
                ink.word(CURRENCIES, currency),
                ink.label("E", of.end_user + 1, 6, of.end_user < 0),
                ink.word(CLASSES, of.kind),
                ink.word(USES, of.use),
                ink.word([place.country for place in PLACES], of.place),
                ink.word([place.region for place in PLACES], of.place),
                ink.word([place.name for place in PLACES], of.place),
                ink.decimal(of.latitude, 4),
                ink.decimal(of.longitude, 4),
                ink.word(_FLAGS, of.stock.astype(np.int64)),
            ]
        )

    def write_truth(self, orders: Orders, number: Ints, withheld: Bools) -> None:
        """What really happened. Only whoever grades a finished model may open it."""
        row = np.repeat(np.arange(len(orders)), orders.lines)
        line = np.arange(len(row)) - np.repeat(np.cumsum(orders.lines) - orders.lines, orders.lines)
        ink = self._typed
        self.truth.add(
            [
                ink.label("O", number[row] + 1, 8),
                ink.number(line + 1),
                ink.word(_FLAGS, orders.line_diverted[row, line].astype(np.int64)),
                ink.word(_CODES, orders.typology[row]),
                ink.word(_CODES, orders.twin[row]),
                ink.word(_FLAGS, (~withheld[row]).astype(np.int64)),
            ]
        )

    def write_looks(self, orders: Orders, number: Ints, seen: Looks) -> None:
        """The draws of the exploration, and the orders that were withheld."""
        ink = self._plain
        drawn, held = np.flatnonzero(seen.drawn), np.flatnonzero(seen.withheld)
        share = ink.decimal(np.full(len(drawn), RANDOM_PER_MILLE), 3)
        looked = ink.word(_FLAGS, seen.done[drawn].astype(np.int64))
        self.exploration.add([ink.label("O", number[drawn] + 1, 8), ink.time(orders.at[drawn]), share, looked])
        word = ink.word(("withheld",), np.zeros(len(held), np.int64))
        self.statuses.add([ink.label("O", number[held] + 1, 8), word, ink.time(orders.at[held])])

    def write_findings(self, found: Findings) -> None:
        """Findings in the order in which they became known."""
        ink, first = self._plain, self.findings.rows + 1
        random = found.source == RANDOM
        self.findings.add(
            [
                ink.label("F", np.arange(first, first + len(found)), 7),
                ink.label("O", found.order + 1, 8),
                ink.word(("", *map(str, range(1, MOST_LINES + 1))), found.line),
                ink.word(OUTCOMES, found.outcome),
                ink.time(found.happened_at),
                ink.time(found.known_at),
                ink.word(SOURCES, found.source),
                ink.decimal(found.confidence, 2),
                ink.decimal(np.full(len(found), RANDOM_PER_MILLE), 3, ~random),
            ]
        )

    def write_awards(self, found: Awards) -> None:
        """Awards in the order in which they were published, and, sealed, which order is behind each."""
        first = self.awards + 1
        for row in range(len(found)):
            self._awards.write(release(found, row, self._named, first + row) + "\n")
        self.awards += len(found)
        ids = self._plain.label("ocds-tier2-", np.arange(first, first + len(found)), 7)
        diverted = self._plain.word(_FLAGS, found.diverted.astype(np.int64))
        self.sealed_awards.add([ids, self._plain.label("O", found.order + 1, 8), diverted])

    def write_release(self, text: str) -> None:
        """A release that was written elsewhere."""
        self._awards.write(text + "\n")
        self.awards += 1

    def write_sell_through(self, reseller: Ints, category: Ints, units: Ints, known_at: Ints, ends: int) -> None:
        """A quarter's sell-through reports."""
        ink = self._plain
        self.sell_through.add(
            [
                ink.word(self._resellers, reseller),
                ink.word(CATEGORIES, category),
                ink.time(np.full(len(reseller), ends)),
                ink.number(units),
                ink.time(known_at),
            ]
        )

    def close(self) -> None:
        """All files are complete."""
        self._awards.close()
        sheets = (self.orders, self.truth, self.findings, self.statuses, self.exploration, self.sell_through)
        for sheet in (*sheets, self.sealed_awards):
            sheet.close()


def _write_parts(path: Path, market: Market) -> None:
    """Who plays which part, sealed."""
    firms = market.resellers
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("reseller_id,typology,diverts,begins,ends\n")
        for number in np.flatnonzero(firms.part >= 0).tolist():
            code, diverts = TYPOLOGIES[firms.part[number]].code, _FLAGS[int(not firms.honest[number])]
            begins, ends = iso(int(firms.begins[number])), iso(int(firms.ends[number]))
            file.write(f"{registers.reseller_id(number)},{code},{diverts},{begins},{ends}\n")
