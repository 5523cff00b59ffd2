"""The orders of a file, sorted: those that the record holds, those that are new, and those that cannot be taken."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from features.facts.lines import tabulate
from features.measures import iso
from features.record import Entry
from features.record.columns import LINE_COLUMNS
from features.trade import Order

Key = tuple[str, int]

CONTENT = tuple(name for name in LINE_COLUMNS if name not in {"position", "t", "late", "ordered_at", "value"})
"""What makes two orders the same; the value follows from the amount and the rates that were known."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An order of a file that was not scored, and why."""

    order_id: str
    revision: int
    why: str

    def __str__(self) -> str:
        return f"order {self.order_id!r}, revision {self.revision}: {self.why}"


@dataclass(frozen=True, slots=True)
class Sorted:
    """`recorded` orders carry the moments and values that the record gave them; `new` ones their own."""

    recorded: list[Order]
    new: list[Order]
    rejected: list[Rejected]


@dataclass(frozen=True, slots=True)
class Held:
    """An order as the record holds it: one tuple a line."""

    t: int
    ordered_at: int | None
    content: list[tuple[Any, ...]]
    values: list[int | None]

    def differs(self, mine: list[tuple[Any, ...]], ordered_at: int | None) -> str | None:
        """What of an order's lines (tuples of `CONTENT`) or of its time is not as it is held; None if nothing is."""
        if len(mine) != len(self.content):
            return f"the record holds it with {len(self.content)} lines, not {len(mine)}; score it as a revision"
        for number, (line, other) in enumerate(zip(mine, self.content, strict=True)):
            for name, now, was in zip(CONTENT, line, other, strict=True):
                if now != was:
                    return f"line {number + 1}: the record holds {name} {was!r}, not {now!r}; score it as a revision"
        if ordered_at not in {self.ordered_at, self.t}:
            was = "no time" if self.ordered_at is None else iso(self.ordered_at)
            return f"the record holds it with {was}; score it as a revision"
        return None


def sort(orders: Iterable[Order], lines: pa.Table) -> Sorted:
    """Sort the orders of a file against the lines of a record (the columns of `Record.lines`).

    An order that stands twice in the file is taken once.
    """
    given = list(orders)
    held = held_orders(lines, {order.order_id for order in given})
    newest: dict[str, int] = {}
    for order_id, revision in held:
        newest[order_id] = max(revision, newest.get(order_id, 0))
    sorted_ = Sorted([], [], [])
    taken: dict[Key, Order] = {}
    for order in given:
        key = (order.order_id, order.revision)
        before = taken.setdefault(key, order)
        if before is not order:
            why = None if before == order else "stands twice in the file with different contents"
        elif key in held:
            why = _differs(order, held[key])
            if why is None:
                sorted_.recorded.append(_as_held(order, held[key]))
        else:
            why = _unfit(order, newest.get(order.order_id, 0))
            if why is None:
                newest[order.order_id] = order.revision
                sorted_.new.append(order)
        if why is not None:
            sorted_.rejected.append(Rejected(*key, why))
    return sorted_


def _unfit(order: Order, newest: int) -> str | None:
    if order.known_at is None:
        return "has no moment; give its exported t, or the time when it was ordered"
    if order.revision != newest + 1:
        return f"comes before revision {newest + 1}; put the revisions in order"
    return None


def _differs(order: Order, held: Held) -> str | None:
    rows = tabulate([Entry(0, held.t, order)])
    return held.differs(list(zip(*(rows[name] for name in CONTENT), strict=True)), order.ordered_at)


def _as_held(order: Order, held: Held) -> Order:
    lines = tuple(
        line if line.value == value else replace(line, value=value)
        for line, value in zip(order.lines, held.values, strict=True)
    )
    return replace(order, known_at=held.t, lines=lines)


def held_orders(lines: pa.Table, order_ids: set[str]) -> dict[Key, Held]:
    """The orders of these ids that a record holds, by id and revision."""
    among = lines.filter(pc.is_in(lines["order_id"], pa.array(sorted(order_ids), pa.string())))
    columns = {name: among[name].to_pylist() for name in LINE_COLUMNS}
    content = list(zip(*(columns[name] for name in CONTENT), strict=True))
    found: dict[Key, Held] = {}
    for row, key in enumerate(zip(columns["order_id"], columns["revision"], strict=True)):
        if key not in found:
            found[key] = Held(columns["t"][row], columns["ordered_at"][row], [], [])
        found[key].content.append(content[row])
        found[key].values.append(columns["value"][row])
    return found
