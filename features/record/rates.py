"""Exchange rates as rows: the decimal is kept as its text, digit by digit."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import Column, Connection, Table, Text

from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Rate

RATES = Table(
    "rates",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("currency", Text, nullable=False),
    Column("valid_from", INT64, nullable=False),
    Column("rate", Text, nullable=False),
)


def _identity(event: Rate) -> tuple[str, int]:
    return event.currency, event.valid_from


def _times(event: Rate) -> tuple[int | None, int | None]:
    return event.valid_from, event.known_at


def _rows(entry: Entry[Rate]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    yield RATES, (entry.position, entry.known_at, event.currency, event.valid_from, str(event.rate))


def _read(connection: Connection, within: Within) -> Iterator[Entry[Rate]]:
    for position, known_at, currency, valid_from, rate in at(connection, RATES, within):
        yield Entry(position, known_at, Rate(currency, valid_from, Decimal(rate), known_at))


RATE: Kind[Rate] = Kind(
    "rate",
    Rate,
    (RATES,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Rates, by currency and the time from which they hold."""
