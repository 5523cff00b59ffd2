"""The skew audit: the vectors that decisions kept are computed again from the record, and must be equal bit for bit.

A decision saw what stood in the record up to `position_seen` and was known before its `t`. Without late comers one
pass over the record in order of time serves all decisions. What was recorded after a decision though known before its
`t` (a backfill) must not enter: then the record is cut before it, and the decisions are shared out among as few cuts
as can be.
"""

from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import DAY
from features.record import Decision, Promotion, Record
from features.record.redactions import newest_removed
from features.trade import Status
from features.vector import Vectorizer
from features.windows.feature_set import FeatureSet
from features.windows.steps import Progress
from models.artefact import load
from serving.reach import bounded, longest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that does not come out again; `feature` is ``vectors`` where their very number differs."""

    decision_id: str
    order_id: str
    revision: int
    line_id: str
    feature: str
    stored: float
    recomputed: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: decisions and lines computed again, in how many passes, and what was left out, why.

    Of `partly` decisions only features of bounded windows were compared: others reach back to orders since removed.
    """

    decisions: int
    lines: int
    passes: int
    differences: tuple[Difference, ...]
    skipped: Mapping[str, int]
    partly: int = 0

    def __str__(self) -> str:
        if not self.decisions:
            return "no decision was computed again"
        differ = len({difference.decision_id for difference in self.differences})
        found = f"{differ:,} of them differ" if differ else "each the same, bit for bit"
        once = "1 pass" if self.passes == 1 else f"{self.passes} passes"
        partly = f"; of {self.partly:,} only in the features that reach back to no removed order" if self.partly else ""
        return f"{self.decisions:,} decisions ({self.lines:,} lines) computed again in {once}: {found}{partly}"


@dataclass(slots=True)
class _Kept:
    """What is left of a decision here, and where its lines stand in the book: rows `start` to `stop`."""

    decision_id: str
    order_id: str
    revision: int
    t: int
    seen: int
    vectors: bytes
    partly: bool = False
    placed: int = 0
    start: int = 0
    stop: int = 0
    last: int = 0


@dataclass
class _Findings:
    decisions: int = 0
    lines: int = 0
    passes: int = 0
    partly: int = 0
    differences: list[Difference] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def audit(
    record: Record,
    home: Path,
    *,
    since: int | None = None,
    limit: int | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Compute the vectors of logged decisions again, from their (t, position_seen).

    `since` (microseconds UTC) leaves out what was decided before, `limit` takes the newest so many, `model` (a
    fingerprint or its beginning) those of one model. The definitions come from the folder, below `home`, that each
    model was promoted from; decisions whose definitions cannot be had are counted under `skipped`, with the reason.
    """
    found = _Findings()
    chosen = _chosen(record, since, limit, model)
    with record.reading() as connection:
        removed = newest_removed(connection)
    groups = _by_definitions(record, home, chosen, found.skipped)
    groups = [(features, _still_told(features, group, removed, found)) for features, group in groups]
    book = Book.of(record) if groups else Book.empty(record.currency)
    come = _Comers(book)
    plans = [(features, cut, kept) for features, group in groups for cut, kept in _cuts(book, come, group, found)]
    found.passes = len(plans)
    for number, (features, cut, kept) in enumerate(plans):
        _compare(_cut(book, cut), features, kept, found, _part(progress, number, len(plans)))
    differences, skipped = tuple(found.differences), dict(found.skipped)
    return Audit(found.decisions, found.lines, found.passes, differences, skipped, found.partly)


def _chosen(record: Record, since: int | None, limit: int | None, model: str | None) -> deque[Decision]:
    """The decisions in question, without the bytes that were answered."""
    newest: deque[Decision] = deque(maxlen=limit)
    for entry in record.decisions():
        decision = entry.event
        if (since is None or decision.known_at >= since) and decision.model.startswith(model or ""):
            newest.append(replace(decision, response=b""))
    return newest


def _by_definitions(
    record: Record, home: Path, decisions: Iterable[Decision], skipped: Counter[str]
) -> list[tuple[FeatureSet, list[_Kept]]]:
    folders = {entry.event.model: home / entry.event.artefact for entry in record.entries((Promotion,))}
    known: dict[str, FeatureSet | str] = {}
    groups: dict[str, tuple[FeatureSet, list[_Kept]]] = {}
    for each in decisions:
        if each.model not in known:
            ruled = each.probability is None
            known[each.model] = catalogue() if ruled else _definitions(each.model, folders.get(each.model))
        features = known[each.model]
        if isinstance(features, str):
            skipped[features] += 1
        elif features.fingerprint != each.features:
            whose = "rules alone decided, on" if each.probability is None else f"model {each.model[:12]} has"
            skipped[f"{whose} other definitions than the decision names"] += 1
        else:
            kept = _Kept(each.decision_id, each.order_id, each.revision, each.t, each.position_seen, each.vectors)
            groups.setdefault(each.features, (features, []))[1].append(kept)
    return list(groups.values())


def _definitions(model: str, folder: Path | None) -> FeatureSet | str:
    """The definitions of a promoted model, or why they cannot be had."""
    if folder is None:
        return f"model {model[:12]} was never promoted in this record"
    try:
        # What was promoted was tried then, and its hash is checked here: no need of a child process.
        return load(folder, expected=model, probe=False).features
    except (ValueError, OSError) as error:
        return f"model {model[:12]}: {error}"


def _still_told(
    features: FeatureSet, group: list[_Kept], removed: tuple[int, int] | None, found: _Findings
) -> list[_Kept]:
    """The decisions of which anything can be told after the last redaction.

    Those that saw it are whole: they saw what stands now. Those before it saw orders that are gone, and are compared in
    what reaches back no further than the longest bounded window, where that window holds none of those orders.
    """
    if removed is None:
        return group
    at, newest = removed
    days = longest(features)
    told = []
    for kept in group:
        kept.partly = kept.seen < at
        if kept.partly and kept.t - days * DAY <= newest:
            found.skipped["it looked back on orders that were removed since"] += 1
        else:
            told.append(kept)
    return told


class _Comers:
    """Everything that enters vectors, by position, with when it was known."""

    def __init__(self, book: Book) -> None:
        orders = book.lines.filter(pc.equal(book.lines["line_no"], 0))
        rest = [
            *(
                (entry.position, entry.known_at)
                for entry in (*book.findings, *book.resellers, *book.products, *book.evidence)
            ),
            *((e.position, e.known_at) for e in book.statuses if e.event.status is Status.CANCELLED),
        ]
        more = np.array(rest, np.int64).reshape(-1, 2)
        position = np.concatenate([orders["position"].to_numpy(), more[:, 0]])
        known_at = np.concatenate([orders["t"].to_numpy(), more[:, 1]])
        order = np.argsort(position)
        self.position, self.known_at = position[order], known_at[order]
        self.end = book.position

    def last_cuts(self, decisions: Sequence[_Kept]) -> Iterator[tuple[_Kept, int]]:
        """For each decision the last position up to which nothing came late for it, newest decisions first."""
        position, known_at = self.position.tolist(), self.known_at.tolist()
        # The nearest on top; from the top down each is known earlier than those above it.
        places: list[int] = []
        known: list[int] = []
        at = len(position)
        for kept in sorted(decisions, key=lambda each: -each.seen):
            while at and position[at - 1] > kept.seen:
                at -= 1
                while places and known_at[places[-1]] >= known_at[at]:
                    places.pop()
                    known.pop()
                places.append(at)
                known.append(known_at[at])
            earlier = bisect_right(known, kept.t - 1)  # the first so many, from the bottom, were known before t
            yield kept, position[places[earlier - 1]] - 1 if earlier else self.end


def _cuts(book: Book, come: _Comers, group: list[_Kept], found: _Findings) -> Iterator[tuple[int, list[_Kept]]]:
    """Where to cut the record, and the decisions that each cut serves: the fewest cuts that serve them all."""
    placed = _placed(book, group, found)
    for kept, last in come.last_cuts(placed):
        kept.last = max(last, kept.placed)
    cuts: dict[int, list[_Kept]] = defaultdict(list)
    cut = -1
    for kept in sorted(placed, key=lambda each: each.last):
        if kept.placed > cut:
            cut = kept.last
        cuts[cut].append(kept)
    yield from cuts.items()


def _placed(book: Book, group: list[_Kept], found: _Findings) -> list[_Kept]:
    """The decisions whose order stands in the record, with where its lines stand in the book."""
    wanted = pa.array(sorted({kept.order_id for kept in group}), pa.string())
    rows = np.flatnonzero(pc.is_in(book.lines["order_id"], wanted).to_numpy(zero_copy_only=False))
    few = book.lines.select(["order_id", "revision", "position"]).take(pa.array(rows)).to_pydict()
    spans: dict[tuple[str, int], list[int]] = {}
    for order_id, revision, position, row in zip(*few.values(), rows.tolist(), strict=True):
        spans.setdefault((order_id, revision), [position, row, row])[2] = row
    placed = []
    for kept in group:
        span = spans.get((kept.order_id, kept.revision))
        if span is None:
            found.skipped["the order is not in the record"] += 1
            continue
        kept.placed, kept.start, kept.stop = span[0], span[1], span[2] + 1
        placed.append(kept)
    return placed


def _cut(book: Book, upto: int) -> Book:
    """The book as it stood at a position."""
    if upto >= book.position:
        return book
    return replace(
        book,
        lines=book.lines.filter(pc.less_equal(book.lines["position"], upto)),
        findings=[entry for entry in book.findings if entry.position <= upto],
        statuses=[entry for entry in book.statuses if entry.position <= upto],
        resellers=[entry for entry in book.resellers if entry.position <= upto],
        products=[entry for entry in book.products if entry.position <= upto],
        evidence=[entry for entry in book.evidence if entry.position <= upto],
        position=upto,
    )


def _compare(
    book: Book, features: FeatureSet, decisions: list[_Kept], found: _Findings, progress: Progress | None
) -> None:
    wanted = np.zeros(len(book.lines), bool)
    for kept in decisions:
        wanted[kept.start : kept.stop] = True
    values = Vectorizer(features, book.currency).batch(book, wanted, progress)
    row_of = np.cumsum(wanted) - 1
    line_ids, near = book.lines["line_id"], bounded(features)
    for kept in decisions:
        computed = values[row_of[kept.start] : row_of[kept.stop - 1] + 1]
        found.decisions += 1
        found.lines += len(computed)
        stored = np.frombuffer(kept.vectors, "<f8")
        if stored.size != computed.size:
            found.differences.append(_difference(kept, "", "vectors", stored.size, computed.size))
            continue
        stored = stored.reshape(computed.shape)
        found.partly += kept.partly
        differing = _differ(stored, computed) & (near if kept.partly else True)
        for line, column in np.argwhere(differing).tolist():
            line_id = line_ids[kept.start + line].as_py()
            pair = float(stored[line, column]), float(computed[line, column])
            found.differences.append(_difference(kept, line_id, features.names[column], *pair))


def _differ(stored: Floats, computed: Floats) -> NDArray[np.bool_]:
    """Where bits differ; which NaN a NaN is says nothing."""
    same = stored.view(np.int64) == np.ascontiguousarray(computed).view(np.int64)
    return np.asarray(~same & ~(np.isnan(stored) & np.isnan(computed)))


def _difference(kept: _Kept, line_id: str, feature: str, stored: float, recomputed: float) -> Difference:
    return Difference(kept.decision_id, kept.order_id, kept.revision, line_id, feature, stored, recomputed)


def _part(progress: Progress | None, number: int, of: int) -> Progress | None:
    if progress is None:
        return None
    return lambda _, share: progress("computing vectors again", (number + share) / of)
