"""From what happened to steps of the engine: lines, findings that judge them, and all that takes something back."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.record.ledger import Entry
from features.trade import MAX_LINES, Finding, Outcome, StatusChange
from features.windows.columns import FILTERS, NULL
from features.windows.kernel import APPEND, TAKE_BACK

Ints = NDArray[np.int64]
Step = tuple[int, ...]
"""Operation, t, position, row, order, item, target time, flags: the fields of `Steps`."""

_BITS = {
    Outcome.DIVERTED: FILTERS["diverted"],
    Outcome.CLEARED: FILTERS["cleared"],
    Outcome.INCONCLUSIVE: FILTERS["inconclusive"],
}


@dataclass(frozen=True)
class Version:
    """One revision of an order as the engine knows it: `rows` are its encoded lines, of shape (n_lines, columns)."""

    position: int
    t: int
    line_ids: Sequence[str]
    rows: Ints


Revisions = Callable[[str], Sequence[Version]]
"""All revisions of an order, oldest first; empty where the record does not know it."""

RowOf = Callable[[Finding], Ints]
"""The row of a finding that judges a reseller: its identifiers and facts, all else `NULL`."""


def finding_item(position: int) -> int:
    """The number of a finding among all events of its order."""
    return -position


class Translator:
    """Turns the rare events into steps, collecting the rows that these speak of from row number `first_row` on."""

    def __init__(self, versions: Revisions, reseller_row: RowOf, flags_column: int, first_row: int = 0) -> None:
        self._versions, self._reseller_row, self._flags = versions, reseller_row, flags_column
        self._first = first_row
        self.rows: list[Ints] = []

    def lines(self, version: Version, operation: int, t: int, position: int, order: int) -> Iterator[Step]:
        """Append or take back all lines of a revision."""
        for number, row in enumerate(version.rows):
            flags = int(row[self._flags])
            item = version.position * MAX_LINES + number
            yield operation, t, position, self.row(row), order, item, version.t, flags

    def superseded(
        self, order_id: str, position: int, t: int, cancellations: Iterable[Entry[StatusChange]]
    ) -> Iterator[Step]:
        """Take back the revision before the one at `position`, unless a cancellation did by `t`."""
        before = [version for version in self._versions(order_id) if version.position < position]
        if before and not any(
            before[-1].position < each.position < position and each.known_at <= t for each in cancellations
        ):
            yield from self._taken_back(before[-1], t, position, before[0].position)

    def number(self, order_id: str) -> int | None:
        """The number of an order: the position of its first revision; None where the record does not know it."""
        versions = self._versions(order_id)
        return versions[0].position if versions else None

    def cancellation(self, entry: Entry[StatusChange], others: Iterable[Entry[StatusChange]]) -> Iterator[Step]:
        """Take the order's standing lines back, unless one of the `others` or the next revision did before."""
        versions = self._versions(entry.event.order_id)
        before = [version for version in versions if version.position < entry.position]
        if not before:
            return
        after = versions[len(before)] if len(versions) > len(before) else None
        superseded = after is not None and after.t < entry.known_at
        since, until = before[-1].position, after.position if after else math.inf
        again = any(since < other.position < until for other in others)
        if not superseded and not again:
            yield from self._taken_back(before[-1], entry.known_at, entry.position, before[0].position)

    def _taken_back(self, version: Version, t: int, position: int, order: int) -> Iterator[Step]:
        """Take a revision back at `t`; one whose end was known before itself goes as it comes."""
        yield from self.lines(version, TAKE_BACK, max(t, version.t), position, order)

    def finding(self, entry: Entry[Finding], before: Entry[Finding] | None) -> Iterator[Step]:
        """Take back the revision `before`, and append this one unless it withdraws the finding."""
        if before is not None:
            known_at = max(before.known_at, entry.known_at)  # a correction may claim to be older than the mistake
            yield from self._finding(before, TAKE_BACK, known_at, entry.position)
        yield from self._finding(entry, APPEND, entry.known_at, entry.position)

    def _finding(self, entry: Entry[Finding], operation: int, t: int, position: int) -> Iterator[Step]:
        finding = entry.event
        if finding.outcome is Outcome.WITHDRAWN:
            return
        judged = self._judged(entry)
        if judged is not None:
            order, row = judged
            flags = _BITS[finding.outcome]
            yield operation, t, position, self.row(row), order, finding_item(entry.position), entry.known_at, flags

    def _judged(self, entry: Entry[Finding]) -> tuple[int, Ints] | None:
        """The order's number and the row that a finding speaks of; None where the record does not know the order."""
        finding = entry.event
        if finding.order_id is None:
            return finding_item(entry.position), self._reseller_row(finding)
        versions = self._versions(finding.order_id)
        known = [version for version in versions if version.position < entry.position]
        if not known:
            return None
        return versions[0].position, _spoken_of(known[-1], finding)

    def row(self, row: Ints) -> int:
        """Keep a row; returns its number."""
        self.rows.append(row)
        return self._first + len(self.rows) - 1


def _spoken_of(version: Version, finding: Finding) -> Ints:
    """The line's row; for a finding on the whole order (or on a line it lacks), what all its lines share."""
    if finding.line_id is not None and finding.line_id in version.line_ids:
        row: Ints = version.rows[list(version.line_ids).index(finding.line_id)]
        return row
    shared: Ints = np.where((version.rows == version.rows[0]).all(axis=0), version.rows[0], NULL)
    return shared
