"""Sales read through a mapping into lines on disk; what cannot be read goes to the rejects, row by row."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.exchange import Exchange
from features.facts.lines import SCHEMA, tabulate
from features.mapping import Mapping, Rejected, Rejects
from features.measures import Refused, iso
from features.record import Entry
from features.stream.checkpoint import whole
from features.trade import Order
from models.model import Model

ROWS_TRIED = 2_000
"""Events that are read before a long run, to see whether the mapping fits the data."""

_ORDERS_AT_ONCE = 20_000

Told = Callable[[str, int], None]


def fits(mapping: Mapping, data: Sequence[Path], exchange: Exchange, now: int, model: Model) -> None:
    """Refuse, before the long run, data whose first rows mostly do not fit the mapping, or that the model cannot read.

    Every column that the mapping names is looked up in every file. Raises `Refused`.
    """
    lacking = sorted(set(model.features.attributes) - set(mapping.attributes))
    if lacking:
        why = "is what the model learned from, and the mapping does not name it"
        raise Refused("[attributes]", lacking[0], why, "add it to [attributes], or score with another model")
    tried = list(islice(mapping.read(data, exchange=exchange, now=now), ROWS_TRIED))
    rejected = [each for each in tried if isinstance(each, Rejected)]
    if 2 * len(rejected) > len(tried):
        (column, why, mend), count = Counter((each.column, each.why, each.mend) for each in rejected).most_common(1)[0]
        first = next(each for each in rejected if (each.column, each.why, each.mend) == (column, why, mend))
        told = (
            f"{why}, and so for {count} of the first {len(tried)} ({first.file} line {first.row}); nothing was scored"
        )
        raise Refused(column, first.value, told, mend)


def take(
    events: Iterable[object], out: Path, rejects: Rejects, base: int, told: Callable[[int], None] | None = None
) -> int:
    """Write the lines of all orders among `events` into a Parquet file with the columns of `Record.lines`.

    Positions go on from `base` in the order of the data. Orders without a moment are rejected. Returns how many orders.
    """
    orders = _orders(events, rejects)
    taken = 0
    with whole(out) as part, pq.ParquetWriter(part, SCHEMA, compression="zstd") as file:
        while some := list(islice(orders, _ORDERS_AT_ONCE)):
            entries = [Entry(base + taken + number, _t(order), order) for number, order in enumerate(some, start=1)]
            file.write_table(pa.Table.from_pydict(tabulate(entries), schema=SCHEMA))
            taken += len(some)
            if told:
                told(taken)
    return taken


def _orders(events: Iterable[object], rejects: Rejects) -> Iterator[Order]:
    for event in events:
        if isinstance(event, Rejected):
            rejects.add(event)
        elif isinstance(event, Order):
            yield event


def _t(order: Order) -> int:
    if order.known_at is None:
        raise ValueError(f"order {order.order_id!r} has no moment; set known_at")
    return order.known_at


def unplaced(order_id: str, revision: int, t: int | None, why: str) -> Rejected:
    """The rejection of a whole order of the data, for what stands in the record or in other rows."""
    raw = {"order_id": order_id, "revision": str(revision)} | ({} if t is None else {"t": iso(t)})
    return Rejected("(orders)", 0, "order_id", f"{order_id}, revision {revision}", why, "mend the order", raw)
