"""What happened and when we knew it: append-only, with two clocks.

`Record` opens a record; `moment` gives an order its moment; what can go wrong is in `errors`. Each kind of event has
a file of its own with its table and the way into it and back.
"""

from features.record.admission import Appended
from features.record.decisions import Decision
from features.record.errors import (
    Conflict,
    ConflictError,
    Difference,
    NewerRecord,
    RecordError,
    Refusal,
    Unavailable,
    UnknownStore,
    WrongCurrency,
)
from features.record.holds import LegalHold
from features.record.keys import Access, Key
from features.record.kinds import Event
from features.record.ledger import Entry
from features.record.moments import Moment, moment
from features.record.promotions import Promotion
from features.record.recalls import Recall
from features.record.receipt import Receipt
from features.record.redactions import Redaction
from features.record.store import Record
from features.record.writing import Writer

__all__ = [
    "Access",
    "Appended",
    "Conflict",
    "ConflictError",
    "Decision",
    "Difference",
    "Entry",
    "Event",
    "Key",
    "LegalHold",
    "Moment",
    "NewerRecord",
    "Promotion",
    "Recall",
    "Receipt",
    "Record",
    "RecordError",
    "Redaction",
    "Refusal",
    "Unavailable",
    "UnknownStore",
    "Writer",
    "WrongCurrency",
    "moment",
]
