"""Findings as rows: a correction or a withdrawal is the next revision."""

import json
from collections.abc import Iterator

from sqlalchemy import Column, Connection, Double, Table, Text
from sqlalchemy import Index as TableIndex

from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Finding, Outcome

FINDINGS = Table(
    "findings",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("finding_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("happened_at", INT64, nullable=False),
    Column("order_id", Text),
    Column("line_id", Text),
    Column("reseller_id", Text),
    Column("source", Text),
    Column("confidence", Double),
    Column("propensity", Double),
    Column("note", Text),
    Column("who", Text),
    Column("grade", Text),
    Column("claimed", Text),
    TableIndex(None, "order_id"),
    TableIndex(None, "reseller_id"),
)


def _identity(event: Finding) -> tuple[str, int]:
    return event.finding_id, event.revision


def _times(event: Finding) -> tuple[int | None, int | None]:
    return event.happened_at, event.known_at


def _rows(entry: Entry[Finding]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    said = (event.finding_id, event.revision, event.outcome.value, event.happened_at)
    judged = (event.order_id, event.line_id, event.reseller_id)
    weight = (event.source, event.confidence, event.propensity, event.note)
    who = json.dumps(event.who, ensure_ascii=False) if event.who else None
    vouched = (who, event.grade, event.claimed.value if event.claimed else None)
    yield FINDINGS, (entry.position, entry.known_at, *said, *judged, *weight, *vouched)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Finding]]:
    for position, known_at, finding_id, revision, outcome, happened_at, *rest in at(connection, FINDINGS, within):
        order_id, line_id, reseller_id, source, confidence, propensity, note, who, grade, claimed = rest
        judged = (order_id, line_id, reseller_id)
        weight = (source, confidence, propensity, note)
        vouched = (tuple(json.loads(who)) if who else (), grade, Outcome(claimed) if claimed else None)
        event = Finding(finding_id, Outcome(outcome), happened_at, known_at, *judged, *weight, revision, *vouched)
        yield Entry(position, known_at, event)


FINDING: Kind[Finding] = Kind(
    "finding",
    Finding,
    (FINDINGS,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
    revised=True,
)
"""Findings, by id and revision."""
