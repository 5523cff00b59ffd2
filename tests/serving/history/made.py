"""Sales as a company keeps them: a CSV file and its mapping, over the made world of `tests.serving.made`."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from features.measures import DAY, SECOND, iso
from features.record import Record
from features.trade import Order
from serving.history.run import Options, Sales
from tests import factory as a
from tests.serving.made import NOW

TODAY = NOW + 2 * DAY

INTERRUPTED = Options(chunk_lines=40, reasons="all")
"""Of a run that is killed: with several chunks."""

MAPPING = """
files = "*"
[order]
order_id = "order"
reseller_id = "dealer"
ordered_at = "at"
revision = "revision"
[line]
line_id = "line"
sku = "article"
quantity = "pieces"
amount = "amount"
currency = { const = "USD" }
end_user_id = "for"
"""
HEADING = ("order", "revision", "dealer", "at", "line", "article", "pieces", "amount", "for")


def rows(orders: Iterable[Order]) -> list[tuple[str, ...]]:
    """The rows of orders, one a line."""
    found: list[tuple[str, ...]] = []
    for order in orders:
        for line in order.lines:
            assert order.known_at is not None
            pieces = str(line.quantity.milli // 1000) if line.quantity else ""
            amount = f"{line.amount.minor / 100:.2f}" if line.amount else ""
            head = (order.order_id, str(order.revision), order.reseller_id, iso(order.known_at))
            found.append((*head, line.line_id, line.sku, pieces, amount, line.end_user_id or ""))
    return found


def sales(folder: Path, *contents: Iterable[tuple[str, ...]]) -> Sales:
    """Files of these rows and their mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(contents):
        with (folder / f"sales-{number}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEADING, *content])
    (folder.parent / "mapping.toml").write_text(MAPPING)
    return Sales(folder.parent / "mapping.toml", (folder,))


def named(asked: Sales) -> Path:
    """The mapping of these sales."""
    assert asked.mapping is not None
    return asked.mapping


def files(folder: Path, orders: Iterable[Order]) -> Sales:
    """These orders in two files: a mapping takes each order once a file, so revisions and repetitions stand apart."""
    first: list[Order] = []
    again: list[Order] = []
    for order in orders:
        seen = {each.order_id for each in first}
        (again if order.order_id in seen else first).append(order)
    return sales(folder, rows(first), rows(again))


def past(record: Record, count: int = 60) -> list[Order]:
    """New orders among what the record holds, some of them revised, some known to the record, one of them twice."""
    dice = np.random.default_rng(9)
    made = []
    for number in range(count):
        at = a.T0 + int(dice.integers(2, 395)) * DAY + number * SECOND
        lines = tuple(
            a.line(str(n), sku=f"kit-{dice.integers(4)}", units=int(dice.integers(1, 9)), end_user_id=f"e{n}",
                   amount=int(dice.integers(10**6)))
            for n in range(dice.integers(1, 4))
        )  # fmt: skip
        made.append(a.order(f"n{number}", reseller=f"r{dice.integers(8)}", at=at, lines=lines))
    for number in range(0, count, 7):
        made.append(replace(made[number], revision=2, known_at=TODAY - DAY, ordered_at=TODAY - DAY, reseller_id="r1"))
    known = [entry.event for entry in (record.order(f"h{number}") for number in range(0, 90, 9)) if entry is not None]
    return [*made, *known, made[3]]
