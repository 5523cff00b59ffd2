"""The writer's turn as the service uses it: look, append, look again, all in one transaction.

What many orders need of the record is read at once (`foresee`), and what they leave in it is written at once (`write`);
in between, each sees what those before it drafted, as if that stood in the tables already.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from features.record import keys
from features.record.admission import Admission, Appended
from features.record.decisions import Decision
from features.record.errors import Conflict, ConflictError, Refusal
from features.record.keys import Access
from features.record.kinds import BY_NAME, CLOCKED, Event, kind_of
from features.record.ledger import Entry
from features.record.orders import ORDER
from features.record.reading import Reader
from features.record.redactions import REMOVED, Redaction, redaction_of, remove
from features.trade import Order


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the record ends: what the last link covers holds for as long as that link is the last."""

    position: int
    link: str
    clock: int | None


class Writer(Reader):
    """Reads and appends under the writer's lock; what it reads of orders includes what it appended.

    `before` is where the record ended after an earlier turn; where it still ends there, its clock need not be read.
    """

    def __init__(self, connection: Connection, before: Tip | None = None) -> None:
        super().__init__(connection)
        self._admission = Admission(connection)
        untouched = before is not None and (before.position, before.link) == (self.position(), self._admission.link)
        self._clock = before.clock if before is not None and untouched else super().clock()
        self._answers: dict[str, dict[int, Decision]] = {}
        self._orders: dict[str, list[Entry[Order]]] = {}
        self._gone: set[str] = set()

    @property
    def connection(self) -> Connection:
        """The turn's transaction, for questions beside those asked here; drafts are not in it."""
        return self._connection

    def position(self) -> int:
        """The last position, drafts included: nobody else can move it now."""
        return self._admission.position

    def clock(self) -> int | None:
        """The record's clock, drafts included: nobody else can move it now."""
        return self._clock

    @property
    def tip(self) -> Tip:
        """Where the record ends, once all drafts are written."""
        return Tip(self._admission.position, self._admission.link, self._clock)

    def foresee(self, order_ids: Collection[str]) -> None:
        """Read all revisions of these orders and their answers, in four queries at most however many they are."""
        wanted = set(order_ids) - self._orders.keys()
        if not wanted:
            return
        self.write()  # what is read must hold what was drafted
        self._orders |= {order_id: [] for order_id in wanted}
        self._answers |= {order_id: {} for order_id in wanted}
        held = self.histories(wanted)
        for entry in held.orders:
            self._orders[entry.event.order_id].append(entry)
        for answer in held.answers:
            self._answers[answer.event.order_id][answer.event.revision] = answer.event
        self._gone |= held.removed

    def revisions(self, order_id: str) -> list[Entry[Order]]:
        """All revisions of an order, drafts included, oldest first."""
        self.foresee([order_id])
        return list(self._orders[order_id])

    def order(self, order_id: str, revision: int | None = None) -> Entry[Order] | None:
        """An order as it stands in the record, drafts included; its newest revision unless one is named."""
        found = [entry for entry in self.revisions(order_id) if revision in {None, entry.event.revision}]
        return found[-1] if found else None

    def decision(self, order_id: str, revision: int) -> Decision | None:
        """The answer to a revision of an order, drafts included."""
        self.foresee([order_id])
        return self._answers[order_id].get(revision)

    def append(self, event: Event, *, source: str, recorded_at: int, late: bool = False) -> Appended:
        """Append one event, or find it where it stands already (`fresh` is False then).

        Raises `ConflictError` where its id is held with another content and `Refused` where it cannot be taken.
        Nothing of it is written then, and the turn can go on with other events.
        """
        self.write()
        (verdict,) = self._admission.admit([(event, late)], source, recorded_at)
        if isinstance(verdict, Conflict):
            raise ConflictError(verdict)
        if isinstance(verdict, Refusal):
            raise verdict.refused
        if verdict.fresh:
            self._noted(event, verdict.position, late)
        return verdict

    def reserve(self) -> int:
        """Take the next position for an event that is drafted there before `write`."""
        return self._admission.reserve()

    def draft(
        self, event: Event, *, source: str, recorded_at: int, late: bool = False, at: int | None = None
    ) -> Appended:
        """Give an event the next position, or one that was reserved, to be written by `write`.

        The caller knows that the record does not hold it: a second one of its identity fails the whole turn. Raises
        `Refused` where it cannot be taken; the turn can go on with other events then.
        """
        drafted = self._admission.draft(event, late, source, recorded_at, at)
        self._noted(event, drafted.position, late)
        return drafted

    def note(self, access: Access) -> None:
        """Keep who did what, in the same transaction."""
        keys.note(self._connection, access)

    def redact(self, redaction: Redaction, *, source: str) -> Appended:
        """Append a redaction and delete the payloads that it names; their rows in the ledger stay, digests and all."""
        placed = self.append(redaction, source=source, recorded_at=redaction.known_at)
        tables = [table for name in REMOVED for table in BY_NAME[name].tables]
        remove(self._connection, tables, placed.position)
        return placed

    def redacted(self, order_id: str) -> Redaction | None:
        """The redaction that removed an order which was foreseen; None where none did."""
        return redaction_of(self._connection, ORDER.name, order_id) if order_id in self._gone else None

    def write(self) -> None:
        """Write all drafts."""
        self._admission.write()

    def _noted(self, event: Event, position: int, late: bool) -> None:
        kind = kind_of(event)
        _, known_at = kind.times(event)
        if kind.name in CLOCKED and known_at is not None:
            self._clock = known_at if self._clock is None else max(self._clock, known_at)
        if isinstance(event, Order) and event.order_id in self._orders:
            self._orders[event.order_id].append(Entry(position, event.known_at or 0, event, late))
        elif isinstance(event, Decision) and event.order_id in self._answers:
            self._answers[event.order_id][event.revision] = event
