"""Notices into the record: read, compared with what is held, linked, and appended together with their links."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from features.awards.goods import GoodsReader
from features.awards.linking import Linker
from features.awards.nearby import book_of
from features.awards.ocds import NoticeReader, Raw, releases
from features.awards.template import template_releases
from features.awards.unread import unread
from features.evidence import AwardLine, Linking, Notice
from features.exchange import Exchange
from features.measures import Refused
from features.record import Receipt, Record
from features.trade import Product, Rate, digest

SUFFIXES = {
    ".json": releases,
    ".jsonl": releases,
    ".ndjson": releases,
    ".csv": template_releases,
    ".xlsx": template_releases,
}

Progress = Callable[[str, float], None]
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the files: new notices with their links, how many were known, what was refused, and the receipt.

    `same` counts those that say nothing new: known before, or older than what is held. `empty` counts releases that
    award nothing, such as plans and tenders. `unread` are fields of new notices that make no sense.
    """

    new: tuple[tuple[Notice, Linking], ...]
    same: int
    empty: int
    refused: tuple[Refused, ...]
    unread: tuple[Refused, ...]
    receipt: Receipt

    @property
    def complete(self) -> bool:
        """Whether everything that awards something stands in the record now."""
        return not self.refused and self.receipt.complete


def take(
    record: Record,
    files: Sequence[Path],
    *,
    now: int,
    lag: int | None = None,
    goods: GoodsReader | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take the notices of files into the record, each with its links; the same notice again changes nothing.

    A notice became known `now`, or, where a `lag` (microseconds) is declared, so long after it was published. What
    cannot be taken is told, and the rest is taken. Raises `Refused` for a file that is none of JSON, JSON Lines, CSV
    and Excel.
    """
    say = progress or _say_nothing
    exchange = Exchange(record.currency, [entry.event for entry in record.entries((Rate,))])
    reader = goods or GoodsReader(entry.event for entry in record.entries((Product,)))
    notices = NoticeReader(exchange, reader, _clock(now, lag))
    refused: list[Refused] = []
    told: list[Notice] = []
    lacking: dict[str, list[Refused]] = {}
    empty = 0
    for raw in _raws(files, say):
        if isinstance(raw, Refused):
            refused.append(raw)
            continue
        try:
            notice = notices.read(raw)
        except Refused as error:
            refused.append(Refused(f"{raw.where}: {error.column}", error.value, error.why, error.mend))
            continue
        if notice is None:
            empty += 1
        else:
            told.append(notice)
            lacking[notice.content_hash] = list(unread(raw.release, notice, raw.where))
    told.sort(key=_published)  # of one contract, the stages in their order
    names = {notice.notice_id for notice in told}
    held = _Held(entry.event for entry in record.about((Notice, Linking), names))
    fresh = [version for notice in told if (version := held.version(notice)) is not None]
    new = list(_linked(record, fresh, held, say)) if fresh else []
    source = ", ".join(path.name for path in files)[:200]
    events = (event for pair in new for event in pair)
    receipt = record.append(
        events,
        source=source,
        recorded_at=now,
        progress=lambda seen: say("writing them down", seen / (2 * len(new))),
    )
    left_out = tuple(each for notice in fresh for each in lacking[notice.content_hash])
    return Taken(tuple(new), len(told) - len(fresh), empty, tuple(refused), left_out, receipt)


def _linked(record: Record, fresh: Sequence[Notice], held: "_Held", say: Progress) -> Iterator[tuple[Notice, Linking]]:
    say("laying out our sales", 0.0)
    linker = Linker(book_of(record, fresh))
    for number, notice in enumerate(fresh, start=1):
        yield notice, linker.link(notice, held.next_linking(notice.notice_id))
        if number % 1000 == 0 or number == len(fresh):
            say("linking notices", number / len(fresh))


def _raws(files: Sequence[Path], say: Progress) -> Iterator["Raw | Refused"]:
    for number, file in enumerate(files):
        say("reading notices", number / len(files))
        reader = SUFFIXES.get(file.suffix.lower())
        if reader is None:
            raise Refused(file.name, file.suffix, "is no file of notices", f"give {', '.join(SUFFIXES)}")
        yield from reader(file)


def _clock(now: int, lag: int | None) -> Callable[[int | None], int]:
    return lambda published: now if lag is None or published is None else min(now, published + lag)


class _Held:
    """The notices that the record holds, and the number of the next version of each."""

    def __init__(self, events: Iterator[Notice | Linking]) -> None:
        self._hashes: dict[str, set[str]] = {}
        self._contents: dict[str, set[str]] = {}
        self._newest: dict[str, Notice] = {}
        self._linkings: dict[str, int] = {}
        for event in events:
            if isinstance(event, Linking):
                self._linkings[event.notice_id] = event.revision
            else:
                self._keep(event)

    def version(self, notice: Notice) -> Notice | None:
        """The notice as the next version of what is held; None where it says nothing new, or is older than that."""
        newest = self._newest.get(notice.notice_id)
        hashes = self._hashes.setdefault(notice.notice_id, set())
        known = notice.content_hash in hashes
        hashes.add(notice.content_hash)
        if newest is None:
            version = notice if notice.lines and not known else None
        elif known or self._says_nothing_new(notice, newest):
            version = None
        else:
            known_at = max(newest.known_at, notice.known_at)
            version = replace(notice, revision=newest.revision + 1, known_at=known_at)
        if version is not None:
            self._keep(version)
        return version

    def _says_nothing_new(self, notice: Notice, newest: Notice) -> bool:
        """Whether it is older than the newest version, says what that one says, or, no later than it, what any said."""
        content, later = _content(notice), _published(notice) - _published(newest)
        repeated = later == 0 and content in self._contents[notice.notice_id]
        return repeated or later < 0 or content == _content(newest)

    def next_linking(self, notice_id: str) -> int:
        """The number of the next linking of a notice."""
        self._linkings[notice_id] = self._linkings.get(notice_id, 0) + 1
        return self._linkings[notice_id]

    def _keep(self, notice: Notice) -> None:
        self._hashes.setdefault(notice.notice_id, set()).add(notice.content_hash)
        self._newest[notice.notice_id] = notice
        self._contents.setdefault(notice.notice_id, set()).add(_content(notice))


def _published(notice: Notice) -> int:
    """When it came out, or when we knew of it where it does not say."""
    return notice.known_at if notice.published_at is None else notice.published_at


def _content(notice: Notice) -> str:
    """What a notice says, whenever and wherever it was published: a later stage of a contract often says the same."""
    lines = tuple(sorted(notice.lines, key=_sorting))
    said = replace(notice, lines=lines, content_hash=_NO_HASH, known_at=0, published_at=None, source=None, url=None)
    return digest(replace(said, revision=1))


def _sorting(line: AwardLine) -> str:
    return repr(line)


def _say_nothing(what: str, share: float) -> None:
    """Nobody listens."""
