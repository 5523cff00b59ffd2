"""Feature vectors: names, values, and the (t, p) of each line. One kernel behind all of them.

`feature_table` computes the vectors of many lines; a `Vectorizer` follows a record and computes those of one order.
The values are equal bit for bit, because both ask the same kernel.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.evidence import LinkVerdict
from features.facts.awards import Awards
from features.facts.book import EVIDENCE, Book, in_time
from features.facts.encode import Columns, Ints, encode
from features.facts.events import Revisions, Step, Translator
from features.facts.few import encode_order
from features.facts.past import Past
from features.facts.reference import Reference
from features.facts.revisions import revisions_in, revisions_of
from features.location.policy import RegionRule, load_regions
from features.record.columns import LINE_COLUMNS
from features.record.kinds import Event
from features.record.ledger import Entry
from features.record.redactions import Redaction
from features.record.store import Record
from features.trade import MAX_LINES, Finding, Order, Product, Reseller, Status, StatusChange
from features.windows.by_entity import compute
from features.windows.codes import Codes, numbers
from features.windows.columns import NULL, columns
from features.windows.expiry import expire, sweep
from features.windows.feature_set import FeatureSet
from features.windows.kernel import APPEND, READ, flush
from features.windows.one_order import ask, place
from features.windows.plan import compile_plan
from features.windows.state import CLOCK, State, bytes_held, empty_state, make_room
from features.windows.step_table import steps_of_lines, with_rare
from features.windows.steps import Progress, Steps, carry_out, run_steps

Floats = NDArray[np.float64]

_EXPIRED_AT_ONCE = 16
"""Old events freed with each one that comes: more than come in, so that the ring never holds more than it must."""


@dataclass(frozen=True)
class FeatureTable:
    """Vectors of many order lines.

    `values` has shape (n_lines, n_features), float64, NaN where a value is missing; `lines` holds the columns
    of `Record.lines` for the same lines in the same order, `t` and `position` among them.
    """

    features: FeatureSet
    values: Floats
    lines: pa.Table


@dataclass(frozen=True)
class _Lines:
    """What the steps of order lines are made of, each (n_lines,); `out` is -1 for lines that nobody asks for."""

    t: Ints
    position: Ints
    order: Ints
    item: Ints
    flags: Ints
    out: Ints


@dataclass(frozen=True)
class Kept:
    """What a vectorizer goes on from: its vocabularies, the state of its engine, and its awards (`Awards.kept`)."""

    position: int
    texts: Mapping[str, Sequence[str]]
    state: State
    awards: dict[str, Any]
    award_rows: Ints


_NOTHING: tuple[Order | None, int, Ints] = (None, 0, np.empty((0, 0), np.int64))
_HELD = 64
"""Orders whose rows are kept: those that are decided together are encoded once, though they are asked about again."""


class Behind(RuntimeError):
    """An event whose `known_at` lies before what the state has already seen: only a replay can take it in."""


def feature_table(
    source: Record | Book,
    features: FeatureSet,
    upto: int | None = None,
    wanted: NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
) -> FeatureTable:
    """The vectors of the lines of a record (up to a position) or of a book, each as of its own moment.

    `wanted`, of shape (n_lines,), tells which lines to compute; the others are history only.
    """
    if isinstance(source, Book) and upto is not None:
        raise ValueError("`upto` cuts a record; give a book that ends there")
    book = source if isinstance(source, Book) else Book.of(source, upto)
    values = Vectorizer(features, book.currency).batch(book, wanted, progress)
    lines = book.lines if wanted is None else book.lines.filter(pa.array(wanted))
    return FeatureTable(features, values, lines)


class Vectorizer:
    """State of the engine that follows a record; `position` is how far it has come."""

    def __init__(self, features: FeatureSet, currency: str, regions: tuple[RegionRule, ...] | None = None) -> None:
        self.features, self.plan = features, compile_plan(features)
        self.state, self.position = empty_state(self.plan, len(features.attributes)), 0
        self._reference = Reference(Codes(), load_regions() if regions is None else regions, currency)
        self._columns = columns(features.attributes)
        self._asked: dict[int, tuple[Order, int, Ints]] = {}
        self._findings: dict[str, Entry[Finding]] = {}
        self._cancelled: dict[str, list[Entry[StatusChange]]] = {}
        self._past = Past()
        self._awards = Awards(self._reference, self._columns)
        self._counted = dict(_counted_awards(features))

    @property
    def reference(self) -> Reference:
        """What it knows of resellers, products and places, and the vocabularies that the state's numbers stand for."""
        return self._reference

    @property
    def codes(self) -> Codes:
        """The vocabularies that the state's numbers stand for."""
        return self._reference.codes

    @property
    def policy(self) -> str:
        """SHA-256 of the policies that the vectors were made under."""
        return self._reference.fingerprint

    def kept(self) -> Kept:
        """What it takes to go on from here, as it stands: copy the state before anything else is followed."""
        return Kept(self.position, self.codes.texts(), self.state, *self._awards.kept())

    def recall(self, record: Record, kept: Kept) -> None:
        """Go on from what was kept of the same record; of this only resellers and products are read again."""
        self._reference.codes.recall(kept.texts)
        for entry in record.entries((Reseller, Product), kept.position):
            self._reference.learn(entry.event)
        self._past = Past(record, kept.position)
        self._awards.recall(kept.awards, kept.award_rows, self._past)
        self.state, self.position = kept.state, kept.position

    @property
    def clock(self) -> int:
        """Time of the newest event seen, 0 before the first."""
        return max(int(self.state.counter[CLOCK]), self._awards.clock)

    @property
    def bytes_held(self) -> int:
        """Bytes of the engine's arrays."""
        return bytes_held(self.state)

    def load(self, book: Book, wanted: NDArray[np.bool_] | None = None, progress: Progress | None = None) -> Floats:
        """Take in a whole book; returns the vectors of the wanted lines, all unless told otherwise."""
        lines, rare, rows, out = self._read_book(book, wanted)
        index = np.arange(lines.t.size)
        appends = Steps(
            np.full_like(index, APPEND), lines.t, lines.position, index, lines.order, lines.item, lines.t, lines.flags
        )
        reads = replace(appends, operation=np.full_like(index, READ), item=lines.out).where(lines.out >= 0)
        steps = reads.then(appends).then(rare).in_time()
        self.state = carry_out(self.state, self.plan, steps, rows, out, progress)
        self.position = book.position
        return out

    def batch(self, book: Book, wanted: NDArray[np.bool_] | None = None, progress: Progress | None = None) -> Floats:
        """The same vectors, an entity at a time: quicker, but nothing is kept to go on from."""
        lines, rare, rows, out = self._read_book(book, wanted)
        steps = steps_of_lines(lines.t, lines.order, lines.item, lines.flags, lines.out)
        compute(self.features, with_rare(steps, lines.position, rare), rows, out, progress)
        return out

    def _read_book(self, book: Book, wanted: NDArray[np.bool_] | None) -> tuple["_Lines", Steps, Ints, Floats]:
        """The lines' steps, all other steps, the rows that both speak of, and room for the vectors."""
        for reseller in book.resellers:
            self._reference.learn(reseller.event)
        for product in book.products:
            self._reference.learn(product.event)
        rows = self._encode({name: book.lines[name] for name in LINE_COLUMNS})
        wanted = np.ones(len(rows), bool) if wanted is None else wanted
        rare, more = self._rare(book, rows)
        out = np.empty((int(wanted.sum()), len(self.features.names)))
        return self._lines(book, rows, wanted), Steps.of(rare), np.vstack([rows, *more]) if more else rows, out

    def vectors(self, order: Order, t: int, earlier: Sequence[Entry[Order]] = ()) -> Floats:
        """The vectors of an order's lines at `t`, (n_lines, n_features); `earlier` are its revisions so far."""
        return self.answer(self._rows(order, t), t, earlier[0].position if earlier else 0)

    def encoded(self, order: Order, t: int) -> Ints:
        """The rows of an order's lines at `t`, (n_lines, columns), as `answer` takes them."""
        return encode_order(order, t, self._reference, self.features.attributes)

    def answer(self, rows: Ints, t: int, number: int) -> Floats:
        """The vectors of encoded lines at `t`; `number` is that of their order: the position of its first revision."""
        out = np.empty((len(rows), len(self.features.names)))
        while not ask(self.state, self.plan, rows, t, number, out):
            self.state = make_room(self.state)
        return out

    def behind(
        self,
        order: Order,
        t: int,
        line: int,
        feature: str,
        earlier: Sequence[Entry[Order]] = (),
        most: int | None = None,
    ) -> list[str]:
        """The newest `most` notices that a feature of the family *awards* counts for a line of an order at `t`."""
        counted = self._counted.get(feature)
        if counted is None:
            return []
        row = self._rows(order, t)[line]
        return self._awards.behind(row, t, *counted, earlier[0].position if earlier else 0, most)

    def sweep(self, now: int, most: int = 1_000) -> int:
        """Let at most `most` events go that windows end before at `now`; returns how many did.

        Reading an order does the same for the entities that it asks. Called between orders, no order waits for a burst
        of last year to leave its windows.
        """
        while not flush(self.state, self.plan, now):
            self.state = make_room(self.state)
        return int(sweep(self.state, self.plan, now, most))

    def follow(self, entries: Iterable[Entry[Event]], revisions: Callable[[str], Sequence[Entry[Order]]]) -> None:
        """Take in what came after `position`; `revisions` gives all revisions of an order that the record holds.

        Raises `Behind` for what was known before the newest event seen, and for a redaction, after which all states
        must have forgotten the same orders: build a new state then.
        """
        for entry in entries:
            event = entry.event
            if isinstance(event, Reseller | Product):
                if entry.known_at < self.clock:
                    raise Behind(f"position {entry.position} was known before what the state has seen")
                self._reference.learn(event)
                self._asked.clear()  # what was encoded before may say something else now
            elif isinstance(event, Redaction):
                raise Behind(f"position {entry.position} removed orders that the state has seen")
            elif isinstance(event, (Order, Finding, *EVIDENCE)) or _cancels(event):
                self._take(entry, revisions)
            self.position = entry.position

    def _rows(self, order: Order, t: int) -> Ints:
        """The rows of an order at a moment; those of the orders that were asked about last are kept."""
        asked, at, rows = self._asked.get(id(order), _NOTHING)
        if asked is not order or at != t:
            if len(self._asked) >= _HELD:
                self._asked.clear()
            rows = encode_order(order, t, self._reference, self.features.attributes)
            self._asked[id(order)] = (order, t, rows)
        return rows

    def _place(self, order: Order, entry: Entry[Event]) -> None:
        """A new order."""
        rows, number, done = self._rows(order, entry.known_at), entry.position, 0
        most = _EXPIRED_AT_ONCE * len(rows)
        while done < len(rows):
            done = place(self.state, self.plan, rows, entry.known_at, number, number * MAX_LINES, done, most)
            if done < len(rows):
                self.state = make_room(self.state)

    def _take(self, entry: Entry[Event], revisions: Callable[[str], Sequence[Entry[Order]]]) -> None:
        if entry.known_at < self.clock:
            raise Behind(f"position {entry.position} was known before what the state has seen")
        event = entry.event
        if isinstance(event, Order) and event.revision == 1:
            self._place(event, entry)
            return
        translator = self._translator(lambda order_id: revisions_of(revisions(order_id), self._encode))
        steps = list(self._translated(entry, translator))
        if steps:
            taken, rows = Steps.of(steps), np.vstack(translator.rows)
            self.state = run_steps(self.state, self.plan, taken, rows, np.empty((0, 0)), 0, len(steps))
            expire(self.state, self.plan, entry.known_at, _EXPIRED_AT_ONCE * len(steps))

    def _translated(self, entry: Entry[Event], translator: Translator) -> Iterable[Step]:
        event = entry.event
        if isinstance(event, Finding):
            found = Entry(entry.position, entry.known_at, event)
            yield from translator.finding(found, self._finding(event.finding_id))
            self._findings[event.finding_id] = found
        elif isinstance(event, EVIDENCE):
            yield from self._awards.steps(entry, translator.row, translator.number)
        elif isinstance(event, StatusChange):
            cancelled = self._cancellations(event.order_id)
            this = Entry(entry.position, entry.known_at, event)
            yield from translator.cancellation(this, cancelled)
            cancelled.append(this)
        elif isinstance(event, Order):
            yield from self._placed(Entry(entry.position, entry.known_at, event), translator)

    def _placed(self, entry: Entry[Order], translator: Translator) -> Iterable[Step]:
        order, first = entry.event, entry.position
        if order.revision > 1:
            cancelled = self._cancellations(order.order_id)
            yield from translator.superseded(order.order_id, entry.position, entry.known_at, cancelled)
            first = translator.number(order.order_id) or entry.position
        (version,) = revisions_of([entry], self._encode)
        yield from translator.lines(version, APPEND, entry.known_at, entry.position, first)

    def _finding(self, finding_id: str) -> Entry[Finding] | None:
        return self._findings.get(finding_id) or self._past.finding(finding_id)

    def _cancellations(self, order_id: str) -> list[Entry[StatusChange]]:
        if order_id not in self._cancelled:
            self._cancelled[order_id] = self._past.cancellations(order_id)
        return self._cancelled[order_id]

    def _encode(self, lines: Columns) -> Ints:
        return encode(lines, self._reference, self.features.attributes)

    def _translator(self, versions: Revisions, first_row: int = 0) -> Translator:
        return Translator(versions, self._reseller_row, self._columns.index("flags"), first_row)

    def _reseller_row(self, finding: Finding) -> Ints:
        """Identifiers and facts of a reseller that a finding judges as a whole."""
        judged = self._reference.codes.code("reseller", finding.reseller_id)
        row = np.full(len(self._columns), NULL, np.int64)
        row[self._columns.index("reseller")] = judged
        facts = self._reference.reseller_facts(np.array([judged]), np.array([finding.known_at]))
        for name, values in facts.items():
            row[self._columns.index(name)] = values[0]
        row[self._columns.index("flags")] = 0
        return row

    def _lines(self, book: Book, rows: Ints, wanted: NDArray[np.bool_]) -> "_Lines":
        t, position, line_no = (numbers(book.lines[name]) for name in ("t", "position", "line_no"))
        ids = book.lines["order_id"].combine_chunks().dictionary_encode().indices.to_numpy()
        _, firsts, inverse = np.unique(ids, return_index=True, return_inverse=True)
        return _Lines(
            t=t,
            position=position,
            order=position[firsts][inverse],
            item=position * MAX_LINES + line_no,
            flags=rows[:, self._columns.index("flags")],
            out=np.where(wanted, np.cumsum(wanted) - 1, -1),
        )

    def _rare(self, book: Book, rows: Ints) -> tuple[list[Step], list[Ints]]:
        """Steps of all that is no line, and the rows that findings and cancellations speak of."""
        revised = book.lines.filter(pa.array(numbers(book.lines["revision"]) > 1))
        spoken_of = {entry.event.order_id for entry in book.findings if entry.event.order_id}
        cancellations = sorted((e for e in book.statuses if _cancels(e.event)), key=lambda entry: entry.known_at)
        spoken_of |= {entry.event.order_id for entry in cancellations} | set(revised["order_id"].to_pylist())
        spoken_of |= confirmed_in(book)
        versions = revisions_in(book.lines, rows, spoken_of)
        translator = self._translator(lambda order_id: versions.get(order_id, []), len(rows))
        steps: list[Step] = []
        for entry in cancellations:
            cancelled = self._cancelled.setdefault(entry.event.order_id, [])
            steps += translator.cancellation(entry, cancelled)
            cancelled.append(entry)
        columns_ = (revised[name].to_pylist() for name in ("position", "t", "order_id"))
        for position, t, order_id in sorted(set(zip(*columns_, strict=True))):
            steps += translator.superseded(order_id, position, t, self._cancelled.get(order_id, []))
        for finding in book.findings:
            steps += translator.finding(finding, self._findings.get(finding.event.finding_id))
            self._findings[finding.event.finding_id] = finding
        for evidence in in_time(book.evidence):
            steps += self._awards.steps(evidence, translator.row, translator.number)
        return steps, translator.rows


def _counted_awards(features: FeatureSet) -> Iterator[tuple[str, tuple[tuple[str, ...], str, int]]]:
    """For each feature of awards: the key of its view, the filter of what it counts, and its window in days."""
    for view in features.views:
        for feature, (statistic, days) in zip(view.expand(), view.rows(), strict=True):
            if feature.family == "awards" and days is not None:
                yield feature.name, (view.key, str(getattr(statistic, "where", "awards")), days)


def confirmed_in(book: Book) -> set[str]:
    """Orders that a verdict on a link speaks of."""
    said = (entry.event for entry in book.evidence if isinstance(entry.event, LinkVerdict))
    return {verdict.order_id for verdict in said if verdict.order_id is not None}


def _cancels(event: Event) -> bool:
    """Whether an order is taken back; no other status is history."""
    return isinstance(event, StatusChange) and event.status is Status.CANCELLED
