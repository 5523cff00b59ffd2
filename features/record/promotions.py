"""Which model serves, since when, and who said so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, Text

from features.measures import Refused
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import identifier


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model becomes the champion.

    `model` is its fingerprint; `artefact` a path relative to the home folder of run-time files, or a URI;
    `run_id` the training run; `who` the names of those who agreed. `undoes` is the promotion that a rollback takes
    back. `verdict` and `checks` (JSON text) are what the gate found; `override` says why it was promoted all the same.
    """

    promotion_id: str
    model: str
    artefact: str
    run_id: str
    reason: str
    who: tuple[str, ...]
    known_at: int
    undoes: str | None = None
    verdict: str | None = None
    checks: str | None = None
    override: str | None = None

    def __post_init__(self) -> None:
        for column in ("promotion_id", "model", "artefact", "run_id"):
            identifier(column, getattr(self, column))
        if self.artefact.startswith(("/", "~")) or ".." in self.artefact.split("/"):
            raise Refused("artefact", self.artefact, "leaves the home folder", "give a path below it, or a URI")
        if not self.who:
            raise Refused("who", self.who, "names nobody", "name those who agreed to the promotion")


PROMOTIONS = Table(
    "promotions",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("promotion_id", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("artefact", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("undoes", Text),
    Column("verdict", Text),
    Column("checks", Text),
    Column("override", Text),
)


def _identity(event: Promotion) -> tuple[str, int]:
    return event.promotion_id, 0


def _times(event: Promotion) -> tuple[int | None, int | None]:
    return None, event.known_at


def _rows(entry: Entry[Promotion]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    model = (event.promotion_id, event.model, event.artefact, event.run_id, event.reason)
    who = json.dumps(event.who, ensure_ascii=False)
    gate = (event.undoes, event.verdict, event.checks, event.override)
    yield PROMOTIONS, (entry.position, entry.known_at, *model, who, *gate)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Promotion]]:
    for position, known_at, promotion_id, *about in at(connection, PROMOTIONS, within):
        model, artefact, run_id, reason, who, *gate = about
        names = tuple(json.loads(who))
        event = Promotion(promotion_id, model, artefact, run_id, reason, names, known_at, *gate)
        yield Entry(position, known_at, event)


PROMOTION: Kind[Promotion] = Kind(
    "promotion",
    Promotion,
    (PROMOTIONS,),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Promotions, by id."""
