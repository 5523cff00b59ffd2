"""What we answered, kept whole: the vectors that were scored and the bytes that were sent."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields

from sqlalchemy import Boolean, Column, Connection, Double, LargeBinary, Table, Text, UniqueConstraint, select

from features.measures import Refused
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import digest_of, identifier

ACTIONS = ("proceed", "review", "hold")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one revision of an order.

    `t` is the order's moment and `position_seen` the last position of the record that entered its vectors: from
    these two each vector can be computed again. `model`, `policy` and `features` are fingerprints. `vectors` is
    float64 little-endian of shape (n_lines, n_features); `probability` in [0, 1] is the highest of the lines,
    None where rules alone decided. `drawn`
    tells whether the order was drawn for a random audit, `inclusion` the probability with which it came to wait; both
    are None where nothing was drawn yet.
    """

    decision_id: str
    order_id: str
    revision: int
    t: int
    position_seen: int
    late: bool
    action: str
    probability: float | None
    model: str
    policy: str
    features: str
    vectors: bytes
    request_digest: str
    response: bytes
    known_at: int
    drawn: bool | None = None
    inclusion: float | None = None

    def __post_init__(self) -> None:
        for column in ("decision_id", "order_id", "model", "policy", "features", "request_digest"):
            identifier(column, getattr(self, column))
        if self.action not in ACTIONS:
            raise Refused("action", self.action, "is not an action", f"use one of {', '.join(ACTIONS)}")
        if self.probability is not None and not 0.0 <= self.probability <= 1.0:
            raise Refused("probability", self.probability, "is not in [0, 1]", "give the calibrated probability")
        if self.inclusion is not None and not 0.0 <= self.inclusion <= 1.0:
            raise Refused("inclusion", self.inclusion, "is not in [0, 1]", "give a probability")
        if len(self.vectors) % 8:
            raise Refused("vectors", len(self.vectors), "bytes are not float64", "give 8 bytes a feature")


DECISIONS = Table(
    "decisions",
    METADATA,
    position_column(),
    Column("decision_id", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("t", INT64, nullable=False),
    Column("position_seen", INT64, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("action", Text, nullable=False),
    Column("probability", Double),
    Column("model", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("features", Text, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("known_at", INT64, nullable=False),
    Column("drawn", Boolean),
    Column("inclusion", Double),
    UniqueConstraint("order_id", "revision"),
)


def _identity(event: Decision) -> tuple[str, int]:
    return event.decision_id, 0


def _times(event: Decision) -> tuple[int | None, int | None]:
    return event.t, event.known_at


def _digest(event: Decision) -> str:
    """SHA-256 of the content, in which bytes stand as their own SHA-256."""
    sums = "".join(hashlib.sha256(part).hexdigest() for part in (event.vectors, event.response))
    content = {name: held for name in _PLAIN if (held := getattr(event, name)) is not None}
    rest = digest_of(content | {"vectors": [], "response": []})
    return hashlib.sha256((rest + sums).encode()).hexdigest()


_PLAIN = tuple(field.name for field in fields(Decision) if field.name not in {"vectors", "response"})


def _rival(event: Decision) -> tuple[str, int] | None:
    return event.order_id, event.revision


def _rivals(connection: Connection, events: list[Decision]) -> Iterator[tuple[tuple[str, int], int]]:
    """Orders that were answered before, with the position of the answer."""
    columns = DECISIONS.c
    query = select(columns.order_id, columns.revision, columns.position)
    for order_id, revision, position in connection.execute(
        query.where(columns.order_id.in_({event.order_id for event in events}))
    ):
        yield (order_id, revision), position


def _rows(entry: Entry[Decision]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    what = (event.decision_id, event.order_id, event.revision, event.t, event.position_seen, event.late)
    why = (event.action, event.probability, event.model, event.policy, event.features, event.vectors)
    said = (event.request_digest, event.response, event.known_at, event.drawn, event.inclusion)
    yield DECISIONS, (entry.position, *what, *why, *said)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Decision]]:
    for position, *row in at(connection, DECISIONS, within):
        event = Decision(*row)
        yield Entry(position, event.known_at, event, event.late)


DECISION: Kind[Decision] = Kind(
    "decision",
    Decision,
    (DECISIONS,),
    identity=_identity,
    times=_times,
    digest=_digest,
    rival=_rival,
    rivals=_rivals,
    rows=_rows,
    read=_read,
)
"""Decisions, by id; and one at most for each revision of an order."""
