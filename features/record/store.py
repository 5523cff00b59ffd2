"""The record: what happened and when we knew it. Append-only, in order of position, with one writer at a time.

>>> import tempfile
>>> from features.trade import Order, OrderLine
>>> order = Order("o-1", "r-1", (OrderLine("1", "seq-900"),), known_at=60_000_000)
>>> with tempfile.TemporaryDirectory() as home, Record.open(f"sqlite:///{home}/record.db") as record:
...     print(record.append([order, order], source="example", recorded_at=61_000_000))
1 appended, 1 known before, up to position 1
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Self

import pyarrow as pa
from sqlalchemy import Connection, Engine, Table

from features.record import databases
from features.record.admission import Admission
from features.record.checkpoints import Checkpoint
from features.record.decisions import Decision
from features.record.errors import Unavailable
from features.record.findings import FINDINGS
from features.record.kinds import Event
from features.record.ledger import Entry
from features.record.products import PRODUCTS
from features.record.promotions import Promotion
from features.record.rates import RATES
from features.record.reading import Reader, follow
from features.record.receipt import Receipt, Tally
from features.record.resellers import RESELLER_SITES, RESELLERS
from features.record.statuses import STATUSES
from features.record.verification import Verification, verify
from features.record.writing import Tip, Writer
from features.trade import Finding, Order

BATCH = 1_000
"""Events judged and written together."""

BATCH_LINES = 10_000

Late = Callable[[Order], bool]


def on_time(order: Order) -> bool:  # noqa: ARG001 - answers for any order
    """No order is late: an import in order of time."""
    return False


class Record:
    """The record of one maker, in a SQLite file or a PostgreSQL database. Threads may share one."""

    def __init__(self, engine: Engine, currency: str, patience_s: float) -> None:
        self._engine, self.currency, self._patience_s = engine, currency, patience_s
        self._turns = databases.Turns(engine)
        self._tip: Tip | None = None
        self._queue = threading.Lock()  # threads wait here in line, not by asking the database again and again

    @classmethod
    def open(cls, url: str, *, currency: str | None = None, patience_s: float = 10.0) -> Self:
        """Open a record; create it, its folder and its tables where they are not there yet.

        `url` is ``sqlite:///var/record.db`` or ``postgresql+pg8000://user@host/database``. The currency is fixed
        when the record is created (USD unless named); None takes the record's own. `patience_s` is how long a
        writer waits for its turn.

        Raises `Unavailable`, `UnknownStore`, `WrongCurrency` or `NewerRecord`.
        """
        from features.record.schema import settle  # noqa: PLC0415 - who opens no record needs no Alembic

        engine = databases.engine(url, patience_s)
        try:
            return cls(engine, settle(engine, currency), patience_s)
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        """Give the connections back."""
        self._turns.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(
        self,
        events: Iterable[Event],
        *,
        source: str,
        recorded_at: int,
        late: Late = on_time,
        progress: Callable[[int], object] | None = None,
    ) -> Receipt:
        """Append events in one transaction: all that can be taken, or (on any exception) nothing.

        What is there already counts as `same`. The same id with another content, and a revision without the one
        before, are told in the receipt and not written, while the others are. Events are drawn from the iterable
        batch by batch, while the writer's turn is held. `late` tells which orders came behind the record's clock;
        `progress` is called with the number of events seen.
        """
        tally = Tally()
        with self._turn() as connection:
            admission = Admission(connection)
            for batch in _batches(events):
                flagged = [(event, isinstance(event, Order) and late(event)) for event in batch]
                tally.add(admission.admit(flagged, source, recorded_at))
                if progress is not None:
                    progress(tally.seen)
        return tally.receipt(admission.position)

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """The writer's turn, for reading and appending in one transaction; an exception takes all of it back."""
        with self._turn() as connection:
            writer = Writer(connection, self._tip)
            yield writer
            reached = writer.tip
        self._tip = reached

    def fold(self) -> None:
        """Spare the commits of a busy writer some work, see `databases.fold`; from any thread, again and again."""
        databases.fold(self._engine)

    def position(self) -> int:
        """The last position, 0 when the record is empty."""
        with self._reader() as reader:
            return reader.position()

    def clock(self) -> int | None:
        """The largest moment of an order or `known_at` of a status or finding; None when there is none."""
        with self._reader() as reader:
            return reader.clock()

    def tail(self, after: int, upto: int | None = None, without: Collection[type] = ()) -> Iterator[Entry[Event]]:
        """The entries after a position, in order, up to another one or to where the record stands now.

        Entries of the kinds in `without`, such as ``(Decision,)``, are left out and not read.
        """
        last = self.position()
        return follow(partial(self._chunk, without=without), after, last if upto is None else min(upto, last))

    def entries(self, of: Collection[type], upto: int | None = None) -> list[Entry[Any]]:
        """All entries of some kinds (such as ``(Finding, Product)``) up to a position, in order."""
        with self._reader() as reader:
            return reader.entries(of, upto)

    def about(self, of: Collection[type], subjects: Collection[str]) -> list[Entry[Any]]:
        """All entries of some kinds on some subjects (orders and notices by id, findings too), in order."""
        with self._reader() as reader:
            return reader.about(of, subjects)

    def revisions(self, order_id: str) -> list[Entry[Order]]:
        """All revisions of an order, oldest first."""
        with self._reader() as reader:
            return reader.revisions(order_id)

    def order(self, order_id: str, revision: int | None = None) -> Entry[Order] | None:
        """An order as it stands in the record; its newest revision unless one is named."""
        with self._reader() as reader:
            return reader.order(order_id, revision)

    def decision(self, order_id: str, revision: int) -> Decision | None:
        """The answer to a revision of an order."""
        with self._reader() as reader:
            return reader.decision(order_id, revision)

    def decision_by_id(self, decision_id: str) -> Decision | None:
        """The answer of this id."""
        with self._reader() as reader:
            return reader.decision_by_id(decision_id)

    def decisions(self, after: int = 0) -> Iterator[Entry[Decision]]:
        """The answers after a position, in order."""
        while True:
            with self._reader() as reader:
                entries = reader.answers(after)
            if not entries:
                return
            yield from entries
            after = entries[-1].position

    def checkpoint(self, now: int) -> Checkpoint | None:
        """The chain's newest link, to be kept outside of the store; None for an empty record."""
        with self._reader() as reader:
            return reader.checkpoint(now)

    def holds(self, checkpoint: Checkpoint) -> bool:
        """Whether the chain has a checkpoint's link: all up to there is then what it was when that was taken."""
        with self._reader() as reader:
            return reader.link(checkpoint.position) == checkpoint.link

    def verify(self, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
        """Whether every row is as it was written, and the chain the one of the checkpoints."""
        with databases.reading(self._engine) as connection:
            return verify(connection, Reader(connection).position(), checkpoints)

    def champion(self) -> Promotion | None:
        """The newest promotion."""
        with self._reader() as reader:
            return reader.champion()

    def promotions(self) -> list[Promotion]:
        """All promotions and rollbacks, in order."""
        with self._reader() as reader:
            return [entry.event for entry in reader.promotions()]

    def finding(self, finding_id: str) -> Finding | None:
        """The newest revision of a finding."""
        with self._reader() as reader:
            entry = reader.finding(finding_id)
        return entry.event if entry else None

    def counts(self) -> dict[str, int]:
        """How many events of each kind, and how many order lines."""
        with self._reader() as reader:
            return reader.counts()

    def lines(self, upto: int | None = None) -> pa.Table:
        """One row an order line up to a position, sorted by position and `line_no` (from 0).

        Columns: position, t, late, order_id, revision, ordered_at, reseller_id, line_id, line_no, sku,
        quantity_milli, unit, amount_minor, currency, value, category, end_user_id, end_user_class, declared_use,
        ship_country, ship_region, ship_city, ship_latitude, ship_longitude, ship_x_km, ship_y_km, for_stock,
        attributes (JSON text).
        """
        with self._reader() as reader:
            return reader.lines(upto)

    def resellers(self, upto: int | None = None) -> pa.Table:
        """One row a version of a reseller, in order of position."""
        return self._table(RESELLERS, upto)

    def sites(self, upto: int | None = None) -> pa.Table:
        """One row a site of a version of a reseller, in order of position and `site_no`."""
        return self._table(RESELLER_SITES, upto)

    def products(self, upto: int | None = None) -> pa.Table:
        """One row a version of a product, in order of position."""
        return self._table(PRODUCTS, upto)

    def rates(self, upto: int | None = None) -> pa.Table:
        """One row a rate, in order of position; the rate itself is decimal text."""
        return self._table(RATES, upto)

    def statuses(self, upto: int | None = None) -> pa.Table:
        """One row a change of status, in order of position."""
        return self._table(STATUSES, upto)

    def findings(self, upto: int | None = None) -> pa.Table:
        """One row a revision of a finding, in order of position."""
        return self._table(FINDINGS, upto)

    def _table(self, table: Table, upto: int | None) -> pa.Table:
        with self._reader() as reader:
            return reader.table(table, upto)

    def _chunk(self, first: int, last: int, without: Collection[type]) -> list[Entry[Event]]:
        with self._reader() as reader:
            return reader.chunk(first, last, without)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from, for what stands beside the ledger: keys, and histories of one party."""
        with databases.reading(self._engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The writer's turn, for what stands beside the ledger; an exception takes all of it back."""
        with self._turn() as connection:
            yield connection

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        with databases.reading(self._engine) as connection:
            yield Reader(connection)

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        if not self._queue.acquire(timeout=self._patience_s):
            raise Unavailable(f"another writer held its turn for more than {self._patience_s:g} s; try again")
        try:
            with self._turns.turn() as connection:
                yield connection
        finally:
            self._queue.release()


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    weight = 0
    for event in events:
        batch.append(event)
        weight += len(event.lines) if isinstance(event, Order) else 1
        if len(batch) == BATCH or weight >= BATCH_LINES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch
