"""From rows to events: one row each, or several rows that only together make one event."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass

from features.mapping.columns import Columns, Reader
from features.mapping.rejects import Rejected
from features.mapping.rows import Row, Rows, raw_of
from features.measures import Refused
from features.sell_through import SellThrough
from features.trade import Finding, Order, Product, Rate, Reseller, StatusChange

Event = Reseller | Product | Rate | Order | StatusChange | Finding | SellThrough
"""What a mapping makes of rows."""

Tick = Callable[[int], None]
"""Is told now and then how many rows were read."""

_EVERY = 10_000


class Faults(Exception):
    """Why some of an event's rows were refused, by row number; the event goes with them."""

    def __init__(self, by_row: dict[int, Refused]) -> None:
        super().__init__(f"{len(by_row)} rows refused")
        self.by_row = by_row


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one section of a source makes events of the rows with one key (of each row, where `key` is None).

    `build` raises `Faults` where rows are refused, or `Refused` where there is but one row.
    """

    columns: Columns
    build: Callable[[list[Row]], Iterable[Event]]
    key: Reader[Hashable] | None = None
    noun: str = "row"


def events(rows: Rows, recipe: Recipe, tick: Tick) -> Iterator[Event | Rejected]:
    """The events of a file and its refused rows.

    Rows of one key need not stand together. Keys are counted first, so that each event leaves with its last row
    and only unfinished ones are held.
    """
    left = Counter[Hashable](_key(row, recipe) for row in rows.read(recipe.key.places)) if recipe.key else None
    waiting: dict[Hashable, list[Row]] = {}
    count = 0
    for count, row in enumerate(rows.read(recipe.columns.used), 1):
        if count % _EVERY == 0:
            tick(count)
        key = None if left is None else _key(row, recipe)
        if left is None or key is None:
            yield from _made(rows, recipe, [row])
            continue
        together = waiting.setdefault(key, [])
        together.append(row)
        left[key] -= 1
        if not left[key]:
            del left[key], waiting[key]
            yield from _made(rows, recipe, together)
    if waiting:
        raise Refused(rows.path.name, "", "changed while it was read", "import it again when it is complete")
    tick(count)


def _key(row: Row, recipe: Recipe) -> Hashable:
    """The row's key, or None: a row without one stands alone. Of a broken row it is the best guess."""
    try:
        return None if recipe.key is None else recipe.key.read(row.cells)
    except (Refused, IndexError):
        return None


def _made(rows: Rows, recipe: Recipe, together: list[Row]) -> Iterator[Event | Rejected]:
    try:
        _unbroken(together)
        yield from recipe.build(together)
    except Faults as faults:
        yield from _rejected(rows, recipe, together, faults.by_row)
    except Refused as refused:
        yield from _rejected(rows, recipe, together, {together[0].number: refused})


def _unbroken(together: list[Row]) -> None:
    broken = {row.number: row.broken for row in together if row.broken}
    if broken:
        raise Faults(broken)


def _rejected(rows: Rows, recipe: Recipe, together: list[Row], faults: dict[int, Refused]) -> Iterator[Rejected]:
    """Each row with its own fault, or with its sibling's: half an order must not pass for the whole."""
    first = min(faults)
    for row in together:
        refused = faults.get(row.number)
        if refused is None and recipe.key is not None:
            why = f"its {recipe.noun} was refused because of row {first}"
            refused = recipe.key.refuse(row.cells, why, f"mend row {first}")
        if refused is not None:
            yield Rejected.of(refused, rows.path.name, row.number, raw_of(rows, row.cells))
