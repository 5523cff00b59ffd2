"""Whether the record is still what it was: every link made again, every payload looked at, every checkpoint compared.

Up to the last checkpoint nothing can be altered, removed or reordered unnoticed. Behind it whoever can write to the
database could make all links anew, or cut the end off: that cannot be seen from within.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from features.record.chain import BEGINNING, chained, link
from features.record.checkpoints import Checkpoint
from features.record.ledger import LEDGER, Row
from features.record.redactions import REMOVED, redacted_positions

MOST = 50
"""Faults that are told one by one."""

_WIDTH = len(LEDGER.columns)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a position of the record."""

    position: int
    what: str

    def __str__(self) -> str:
        return f"position {self.position:,}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in `rows` rows, of which `redacted` lost their payload to a redaction in the chain.

    `sealed` is the position of the last checkpoint that was compared, 0 for none.
    """

    rows: int
    sealed: int
    faults: tuple[Fault, ...]
    redacted: int = 0

    def __str__(self) -> str:
        found = f"{len(self.faults):,} faults" if self.faults else "nothing was altered, removed or reordered"
        unsealed = self.rows - self.sealed
        until = f"up to position {self.sealed:,}, the last checkpoint" if self.sealed else "but there is no checkpoint"
        rest = f"; a change made by design to the {unsealed:,} rows behind it, or a cut there, cannot be seen"
        removed = f" ({self.redacted:,} of them redacted)" if self.redacted else ""
        return f"{self.rows:,} rows{removed}: {found} {until}{rest if unsealed or not self.sealed else ''}"


def verify(connection: Connection, last: int, checkpoints: Sequence[Checkpoint]) -> Verification:
    """Walk the whole ledger up to its last position; `checkpoints` were copied out of this record before."""
    faults: list[Fault] = []
    sealed = {each.position: each.link for each in checkpoints}
    if len({(each.position, each.link) for each in checkpoints}) != len(sealed):
        faults.append(Fault(0, "two checkpoints of one position differ"))
    previous, position = BEGINNING, 0
    removed = redacted_positions(connection)
    for row, held in chained(connection, last):
        if len(row) < _WIDTH:
            faults.append(Fault(row[0], "holds rows of an event that the ledger does not know"))
            continue
        faults += _judged(row, held, position, previous, removed.get(row[0]))
        position, previous = row[0], row[-1]
        if position in sealed and sealed.pop(position) != previous:
            faults.append(Fault(position, "the chain is not the one of the checkpoint: something before was altered"))
    faults += [Fault(missing, "was there at the checkpoint, and is gone") for missing in sealed]
    newest = max((each.position for each in checkpoints), default=0)
    return Verification(position, newest, tuple(faults[:MOST]), len(removed))


def _judged(row: Row, held: str | None, before: int, previous: str, redaction: int | None) -> Iterable[Fault]:
    """`redaction` is the position of the event that says that the row's payload was removed, None where none does."""
    position, kind, kept, stored = row[0], row[1], row[-2], row[-1]
    if position != before + 1:
        yield Fault(position, f"follows position {before:,}: rows between were removed")
    if link(previous, row[:-1]) != stored:
        yield Fault(position, "the row is not the one that was chained")
    if redaction is not None:
        if kind not in REMOVED or redaction <= position:
            yield Fault(position, f"the redaction at {redaction:,} cannot speak of it")
        if held is not None:
            yield Fault(position, f"was removed by the redaction at {redaction:,}, and is there again")
    elif held != kept:
        yield Fault(position, "what belongs to it was altered or removed")
