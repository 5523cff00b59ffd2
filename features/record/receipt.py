"""What became of the events of one `append`."""

from collections.abc import Iterable
from dataclasses import dataclass

from features.record.admission import Verdict
from features.record.errors import Conflict, Refusal


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many events are new, how many were there before, and which were not taken.

    `position` is the record's last position afterwards.
    """

    appended: int = 0
    same: int = 0
    conflicts: tuple[Conflict, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    position: int = 0

    @property
    def complete(self) -> bool:
        """Whether every event stands in the record now."""
        return not self.conflicts and not self.refusals

    def __str__(self) -> str:
        counts = f"{self.appended} appended, {self.same} known before, up to position {self.position}"
        return "\n".join([counts, *map(str, self.conflicts), *map(str, self.refusals)])


class Tally:
    """Counts verdicts, batch by batch."""

    def __init__(self) -> None:
        self.seen = self._appended = self._same = 0
        self._conflicts: list[Conflict] = []
        self._refusals: list[Refusal] = []

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Count these as well."""
        for verdict in verdicts:
            self.seen += 1
            if isinstance(verdict, Conflict):
                self._conflicts.append(verdict)
            elif isinstance(verdict, Refusal):
                self._refusals.append(verdict)
            elif verdict.fresh:
                self._appended += 1
            else:
                self._same += 1

    def receipt(self, position: int) -> Receipt:
        """The counts as a receipt."""
        return Receipt(self._appended, self._same, tuple(self._conflicts), tuple(self._refusals), position)
