"""Years of sales at once: the orders of a file, scored each as of its own moment, as the service would have.

An order that the record holds is scored where it stands there. The others are laid behind the record, in one pass of
their own, so that they see the record and each other, while no recorded order sees what the service had not seen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts.book import Book
from features.record import Record
from features.trade import Order
from features.vector import feature_table
from features.windows.feature_set import FeatureSet
from models.decision import OrderDecision, decide
from models.model import Model
from models.reasons import Reason, explain
from models.rules import declared
from serving.draw import drawn
from serving.rows import Sheet
from serving.sorting import Rejected, sort

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
WithReasons = Literal["waiting", "all", "none"]
"""Whose reasons are written: the lines that wait, as the service does; all; or nobody's."""

_SAID_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a file: counts, orders by action, and the orders that were not scored."""

    orders: int
    lines: int
    recorded: int
    actions: dict[str, int]
    rejected: tuple[Rejected, ...]

    def __str__(self) -> str:
        actions = ", ".join(f"{self.actions.get(name, 0)} {name}" for name in ("proceed", "review", "hold"))
        return f"{self.orders} orders ({self.lines} lines; {self.recorded} known to the record): {actions}"


def score(
    record: Record,
    model: Model,
    orders: Iterable[Order],
    out: Path,
    *,
    with_reasons: WithReasons = "waiting",
    draw_key: bytes | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Score orders and write one row a line to `out` (``.csv`` or ``.parquet``), see `serving.rows.SCHEMA`.

    Each order carries its moment as `known_at`: its exported t, or the time when it was ordered. Rows stand in the
    order of the file, the orders that the record holds first. With `draw_key`, the secret of the service, orders are
    drawn for random audits as there, at the policy's rate; without it none are. Raises `Refused` for another suffix.
    """
    sheet = Sheet(out)
    actions: Counter[str] = Counter()
    lines = done = 0
    book = Book.of(record)
    given = sort(orders, book.lines)
    total = len(given.recorded) + len(given.new)
    with sheet:
        for order, values in vectors(book, model.features, given.recorded, given.new, progress):
            verdict, reasons = _judged(model, order, values, with_reasons, draw_key)
            sheet.add(order, _moment(order), verdict, reasons)
            actions[verdict.action.value] += 1
            lines += len(order.lines)
            done += 1
            if progress and (done % _SAID_EVERY == 0 or done == total):
                progress("scoring orders", done / total)
    return Summary(total, lines, len(given.recorded), dict(actions), tuple(given.rejected))


def vectors(
    book: Book,
    features: FeatureSet,
    recorded: Sequence[Order],
    new: Sequence[Order],
    progress: Progress | None = None,
) -> Iterator[tuple[Order, Floats]]:
    """Each order with its vectors, (n_lines, n_features): first the recorded ones, then the new ones."""
    if recorded:
        ids = pa.array(sorted({order.order_id for order in recorded}), pa.string())
        yield from _computed(book, features, recorded, pc.is_in(book.lines["order_id"], ids).to_numpy(), progress)
    if new:
        behind = book.with_orders(new)
        wanted = np.arange(len(behind.lines)) >= len(book.lines)
        yield from _computed(behind, features, new, wanted, progress)


def _computed(
    book: Book, features: FeatureSet, orders: Sequence[Order], wanted: NDArray[np.bool_], progress: Progress | None
) -> Iterator[tuple[Order, Floats]]:
    table = feature_table(book, features, wanted=wanted, progress=progress)
    keys = zip(table.lines["order_id"].to_pylist(), table.lines["revision"].to_pylist(), strict=True)
    first: dict[tuple[str, int], int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    for order in orders:
        start = first[order.order_id, order.revision]
        yield order, table.values[start : start + len(order.lines)]


def _judged(
    model: Model, order: Order, values: Floats, with_reasons: WithReasons, draw_key: bytes | None
) -> tuple[OrderDecision, Sequence[Sequence[Reason] | None]]:
    """The very decision that the service would take, from the same function."""
    audit = draw_key is not None and drawn(draw_key, order.order_id, model.policy.draw_rate)
    verdict = decide(model, values, [declared(order, line) for line in order.lines], _moment(order), drawn=audit)
    if with_reasons == "all":
        return verdict, explain(model, values)
    if with_reasons == "none":
        return verdict, [None] * len(verdict.lines)
    return verdict, [line.reasons for line in verdict.lines]


def _moment(order: Order) -> int:
    if order.known_at is None:
        raise ValueError(f"order {order.order_id!r} has no moment; set known_at")
    return order.known_at
