"""What is answered where something was removed when its time to be kept was over: 410, with the reason."""

from features.measures import iso
from features.record import Record, Redaction
from features.record.redactions import redaction_of
from serving.problems import Problem, shown

_UNKNOWN = {
    "order": ("no-order", "the record holds no order {}"),
    "decision": ("no-decision", "no decision has the id {}"),
}


def gone(redaction: Redaction) -> Problem:
    """The problem of what a redaction removed."""
    when = iso(redaction.known_at)[:10]
    return Problem("removed", f"removed on {when} (redaction {redaction.redaction_id}): {redaction.reason}")


def missing(record: Record, kind: str, subject: str) -> Problem:
    """The problem of an ``order`` or a ``decision`` that the record does not hold (any more)."""
    with record.reading() as connection:
        redaction = redaction_of(connection, kind, subject)
    if redaction is not None:
        return gone(redaction)
    problem, words = _UNKNOWN[kind]
    return Problem(problem, words.format(repr(shown(subject))))
