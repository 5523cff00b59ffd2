"""From data files into the record: one transaction, every refused row told, nothing counted twice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.exchange import Exchange
from features.mapping.mapping import Mapping
from features.mapping.rejects import Rejected, Rejects
from features.record import Event, Receipt, Record
from features.trade import Rate

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows: the record's receipt, how many were rejected, and the first of these."""

    receipt: Receipt
    rejected: int
    first: tuple[Rejected, ...]

    @property
    def complete(self) -> bool:
        """Whether every row stands in the record now."""
        return self.receipt.complete and not self.rejected


_SHOWN = 5


class _Orders:
    """The order ids of a record, asked for one by one."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def __contains__(self, order_id: object) -> bool:
        return self._record.order(str(order_id)) is not None


def import_data(
    record: Record,
    mapping: Mapping,
    data: Sequence[Path],
    *,
    rejects: Path,
    now: int,
    progress: Progress | None = None,
) -> Imported:
    """Read data files through a mapping into the record.

    Rows that cannot be taken go to the file `rejects`, with column, value, why and mend; all others are appended in
    one transaction, so that an interrupted import leaves nothing behind. What the record holds already is left as it
    is. Raises `Refused` where the mapping or a whole file is at fault.
    """
    exchange = Exchange(record.currency, [entry.event for entry in record.entries((Rate,))])
    rejects.parent.mkdir(parents=True, exist_ok=True)
    first: list[Rejected] = []
    with Rejects(rejects) as refused:

        def taken() -> Iterator[Event]:
            found = mapping.read(data, exchange=exchange, now=now, known_orders=_Orders(record), progress=progress)
            for item in found:
                if isinstance(item, Rejected):
                    refused.add(item)
                    if len(first) < _SHOWN:
                        first.append(item)
                else:
                    yield item

        receipt = record.append(taken(), source=", ".join(path.name for path in data), recorded_at=now)
    return Imported(receipt, refused.count, tuple(first))
