"""What can go wrong with the record.

    RecordError
    ├── Unavailable        the store cannot be reached, or the writer's turn did not come in time: try again
    ├── UnknownStore       the address is not one of SQLite or PostgreSQL
    ├── WrongCurrency      the record was created in another currency
    ├── NewerRecord        the record was written by a newer version of this software
    └── ConflictError      the same id was appended before with another content

A value that cannot be kept (a missing revision, a text that no database holds) is `features.measures.Refused`,
as everywhere: it is the event that is wrong, not the record.
"""

from dataclasses import dataclass
from typing import Any

from features.measures import Refused


class RecordError(Exception):
    """Anything that the record itself could not do."""


class Unavailable(RecordError):
    """The store cannot be reached, or the writer's turn did not come in time; nothing was written."""


class UnknownStore(RecordError):
    """The address names a database that cannot hold a record."""


class WrongCurrency(RecordError):
    """The record counts in another currency, fixed when it was created."""

    def __init__(self, held: str, asked: str) -> None:
        self.held, self.asked = held, asked
        super().__init__(
            f"currency: {asked!r} was asked for, but this record was created in {held!r}; "
            f"open it with {held!r}, or start another record"
        )


class NewerRecord(RecordError):
    """The record has tables that this version does not know."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two contents differ, such as ``lines[0].quantity.milli``."""

    field: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.field}: {_short(self.old)} became {_short(self.new)}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """An event whose id the record holds with another content. `differences` are the first few fields."""

    kind: str
    subject: str
    version: int
    position: int
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        fields = "; ".join(map(str, self.differences))
        return f"{self.kind} {self.subject!r} (version {self.version}) stands at {self.position} otherwise: {fields}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that the record does not take, and why."""

    kind: str
    subject: str
    version: int
    refused: Refused

    def __str__(self) -> str:
        return f"{self.kind} {self.subject!r} (version {self.version}): {self.refused}"


class ConflictError(RecordError):
    """The same id with another content: a correction is a new revision, never the same one again."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(f"{conflict}; send a correction as the next revision")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
