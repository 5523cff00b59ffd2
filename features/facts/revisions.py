"""The revisions of the orders that something else speaks of: a finding, a cancellation, a later revision."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.facts.encode import Columns, Ints
from features.facts.events import Version
from features.facts.lines import tabulate
from features.record.ledger import Entry
from features.trade import Order


def revisions_in(lines: pa.Table, rows: Ints, order_ids: Iterable[str]) -> dict[str, list[Version]]:
    """The revisions of some orders out of a table of lines and its encoded rows, oldest first."""
    wanted = pa.array(sorted(set(order_ids)), pa.string())
    index = np.flatnonzero(pc.is_in(lines["order_id"], wanted).to_numpy())
    few = lines.select(["order_id", "position", "t", "line_id"]).take(pa.array(index)).to_pydict()
    found: dict[str, list[Version]] = {}
    start = 0
    for stop in range(1, index.size + 1):
        if stop < index.size and few["position"][stop] == few["position"][start]:
            continue
        version = Version(few["position"][start], few["t"][start], few["line_id"][start:stop], rows[index[start:stop]])
        found.setdefault(few["order_id"][start], []).append(version)
        start = stop
    return found


def revisions_of(entries: Sequence[Entry[Order]], encode: Callable[[Columns], Ints]) -> list[Version]:
    """The revisions of one order from its entries, oldest first."""
    return [
        Version(entry.position, entry.known_at, [line.line_id for line in entry.event.lines], encode(tabulate([entry])))
        for entry in entries
    ]
