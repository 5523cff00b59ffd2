"""What a record held up to a position of all that is rarely asked about again, read where it is asked.

A state that goes on from a snapshot need not hold each finding and report of before: a correction names the finding
that it corrects, and a report its reseller.
"""

from dataclasses import dataclass
from typing import Any

from features.evidence import Notice
from features.record import history
from features.record.ledger import Entry
from features.record.store import Record
from features.sell_through import SellThrough
from features.trade import Finding, Status, StatusChange


@dataclass(frozen=True)
class Past:
    """Reads a record up to position `upto`; without a record nothing was before."""

    record: Record | None = None
    upto: int = 0

    def finding(self, finding_id: str) -> Entry[Finding] | None:
        """The newest revision of a finding."""
        return next(reversed(self._about(Finding, finding_id)), None)

    def cancellations(self, order_id: str) -> list[Entry[StatusChange]]:
        """Each time that an order was taken back."""
        return self._about(StatusChange, f"{Status.CANCELLED.value} {order_id}")

    def notice(self, notice_id: str, revision: int) -> Notice | None:
        """A revision of a notice."""
        return next((each.event for each in self._about(Notice, notice_id) if each.event.revision == revision), None)

    def reports(self, reseller_id: str) -> list[SellThrough]:
        """All sell-through reports of a reseller, in the order in which they were known."""
        if self.record is None:
            return []
        with self.record.reading() as connection:
            return history.reports_of(connection, reseller_id, self.upto)

    def _about(self, kind: type, subject: str) -> list[Entry[Any]]:
        if self.record is None:
            return []
        return [entry for entry in self.record.about((kind,), [subject]) if entry.position <= self.upto]
