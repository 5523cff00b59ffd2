"""What becomes of an event at the door: it is new, known already, in conflict with what is held, or refused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from features.measures import Refused
from features.record.chain import BEGINNING, link, payload
from features.record.databases import rows
from features.record.differences import differences
from features.record.errors import Conflict, Difference, Refusal
from features.record.kinds import BY_NAME, Event, kind_of
from features.record.ledger import LEDGER, NEWEST, Entry, Kind, Row, among
from features.record.rows import all_storable, storable, write

MAX_SUBJECT = 250
"""Letters in a subject: an identifier and a word."""

Key = tuple[str, str, int]


class Appended(NamedTuple):
    """Where an event stands; `fresh` is False where it stood there before."""

    position: int
    fresh: bool


Verdict = Appended | Conflict | Refusal


class _Proposal(NamedTuple):
    kind: Kind[Any]
    event: Any
    key: Key
    rival: Key | None
    digest: str
    happened_at: int | None
    known_at: int
    late: bool


@dataclass(slots=True)
class _Held:
    position: int
    digest: str | None
    event: Any = None


class _Drafted(NamedTuple):
    """An event's row in the ledger, all but its link, and its rows in other tables."""

    row: Row
    belonging: list[tuple[Table, Row]]


class Admission:
    """Judges and writes events in one transaction, under the writer's lock.

    `position` is the last one, drafts included; `link` that of the last row written.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.position, self.link = 0, BEGINNING
        for position, held in rows(connection, NEWEST):
            self.position, self.link = position, held
        self._drafts: dict[int, _Drafted | None] = {}

    def admit(self, batch: Iterable[tuple[Event, bool]], source: str, recorded_at: int) -> list[Verdict]:
        """Judge each (event, late) in order and write those that are new; one verdict for each.

        One refusal or conflict does not touch the others.
        """
        storable(("source", "recorded_at"), (source, recorded_at))
        proposals = [_propose(event, late) for event, late in batch]
        held = self._held([proposal for proposal in proposals if isinstance(proposal, _Proposal)])
        rows: dict[Table, list[Row]] = defaultdict(list)
        verdicts: list[Verdict] = []
        clashes: dict[int, tuple[_Proposal, _Held]] = {}
        for proposal in proposals:
            if isinstance(proposal, Refusal):
                verdicts.append(proposal)
                continue
            known = held.get(proposal.key) or (held.get(proposal.rival) if proposal.rival else None)
            if known is None:
                verdicts.append(self._take(proposal, held, rows, (recorded_at, source)))
            else:
                verdicts.append(Appended(known.position, fresh=False))
                if known.digest != proposal.digest:
                    clashes[len(verdicts) - 1] = proposal, known
        write(self._connection, rows)
        for number, conflict in self._conflicts(clashes):
            verdicts[number] = conflict
        return verdicts

    def draft(self, event: Event, late: bool, source: str, recorded_at: int, at: int | None = None) -> Appended:
        """Take an event that is known not to be held, to be written by `write`; raises `Refused`.

        It stands at the next position, or at one that was reserved.
        """
        storable(("source", "recorded_at"), (source, recorded_at))
        proposal = _propose(event, late)
        if isinstance(proposal, Refusal):
            raise proposal.refused
        position = self.position + 1 if at is None else at
        self._drafts[position] = _drafted(position, proposal, recorded_at, source)
        self.position = max(self.position, position)
        return Appended(position, fresh=True)

    def reserve(self) -> int:
        """Take the next position for an event that is drafted later, before anything is written."""
        self.position += 1
        self._drafts[self.position] = None
        return self.position

    def write(self) -> None:
        """Write what was drafted; raises RuntimeError where a position was reserved and not filled."""
        drafts, self._drafts = self._drafts, {}
        rows: dict[Table, list[Row]] = defaultdict(list)
        for position, drafted in sorted(drafts.items()):
            if drafted is None:
                raise RuntimeError(f"position {position} was reserved, and nothing was drafted there")
            self._enter(drafted, rows)
        write(self._connection, rows)

    def _take(
        self, proposal: _Proposal, held: dict[Key, _Held], rows: dict[Table, list[Row]], how: tuple[int, str]
    ) -> Verdict:
        try:
            _follows(proposal, held)
            drafted = _drafted(self.position + 1, proposal, *how)
        except Refused as refused:
            return Refusal(*proposal.key, refused)
        self.position += 1
        self._enter(drafted, rows)
        for key in (proposal.key, proposal.rival):
            if key is not None:
                held[key] = _Held(self.position, proposal.digest, proposal.event)
        return Appended(self.position, fresh=True)

    def _enter(self, drafted: "_Drafted", rows: dict[Table, list[Row]]) -> None:
        """Chain an event to those before it."""
        self.link = link(self.link, drafted.row)
        rows[LEDGER].append((*drafted.row, self.link))
        for table, row in drafted.belonging:
            rows[table].append(row)

    def _held(self, proposals: list[_Proposal]) -> dict[Key, _Held]:
        """What the record holds of these keys, and of the revisions before them."""
        found: dict[Key, _Held] = {}
        for kind, group in _by_kind(proposals):
            versions = [proposal.key[2] for proposal in group]
            query = select(LEDGER.c.position, LEDGER.c.subject, LEDGER.c.version, LEDGER.c.digest).where(
                LEDGER.c.kind == kind.name,
                LEDGER.c.subject.in_({proposal.key[1] for proposal in group}),
                LEDGER.c.version.between(min(versions) - kind.revised, max(versions)),
            )
            for position, subject, version, digest in self._connection.execute(query):
                found[kind.name, subject, version] = _Held(position, digest)
            for (subject, version), position in kind.rivals(self._connection, [each.event for each in group]):
                found[_rival_name(kind), subject, version] = _Held(position, None)
        return found

    def _conflicts(self, clashes: dict[int, tuple[_Proposal, _Held]]) -> Iterator[tuple[int, Conflict]]:
        """The clashes whose fields differ; contents that are equal but written otherwise (1 and 1.0) are none."""
        self._recall(clashes.values())
        for number, (proposal, held) in clashes.items():
            removed = (Difference("content", "removed by a redaction", proposal.event),)
            fields = removed if held.event is None else differences(held.event, proposal.event)
            if fields:
                yield number, Conflict(*proposal.key, held.position, fields)

    def _recall(self, clashes: Iterable[tuple[_Proposal, _Held]]) -> None:
        forgotten: dict[str, list[_Held]] = defaultdict(list)
        for proposal, held in clashes:
            if held.event is None:
                forgotten[proposal.kind.name].append(held)
        for name, group in forgotten.items():
            entries = BY_NAME[name].read(self._connection, among({held.position for held in group}))
            stored = {entry.position: entry.event for entry in entries}
            for held in group:
                held.event = stored.get(held.position)


def _propose(event: Event, late: bool) -> _Proposal | Refusal:
    kind = kind_of(event)
    subject, version = kind.identity(event)
    happened_at, known_at = kind.times(event)
    try:
        known_at = _bounded(subject, version, happened_at, known_at)
    except Refused as refused:
        return Refusal(kind.name, subject, version, refused)
    event = kind.canonical(event)
    key = (kind.name, subject, version)
    rival = kind.rival(event)
    rival_key = None if rival is None else (_rival_name(kind), *rival)
    return _Proposal(kind, event, key, rival_key, kind.digest(event), happened_at, known_at, late)


def _drafted(position: int, proposal: _Proposal, recorded_at: int, source: str) -> _Drafted:
    """The rows of an event at a position; raises `Refused` for what no database keeps."""
    times = (proposal.happened_at, proposal.known_at, recorded_at)
    belonging = list(proposal.kind.rows(Entry(position, proposal.known_at, proposal.event, proposal.late)))
    all_storable(belonging)
    return _Drafted((position, *proposal.key, *times, source, proposal.digest, payload(belonging)), belonging)


def _bounded(subject: str, version: int, happened_at: int | None, known_at: int | None) -> int:
    storable(("id", "version", "happened_at", "known_at"), (subject, version, happened_at, known_at))
    if len(subject) > MAX_SUBJECT:
        raise Refused("id", subject, f"is longer than {MAX_SUBJECT} letters", "give a shorter identifier")
    if known_at is None:
        raise Refused("known_at", None, "is missing", "give the order's moment t, see `moment`")
    return known_at


def _follows(proposal: _Proposal, held: dict[Key, _Held]) -> None:
    name, subject, version = proposal.key
    if proposal.kind.revised and version > 1 and (name, subject, version - 1) not in held:
        raise Refused("revision", version, f"comes before revision {version - 1}", "send the revisions in order")


def _rival_name(kind: Kind[Any]) -> str:
    return f"{kind.name} of"


def _by_kind(proposals: Iterable[_Proposal]) -> Iterator[tuple[Kind[Any], list[_Proposal]]]:
    groups: dict[str, list[_Proposal]] = defaultdict(list)
    for proposal in proposals:
        groups[proposal.kind.name].append(proposal)
    for name, group in groups.items():
        yield BY_NAME[name], group
