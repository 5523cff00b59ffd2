"""The two questions that a past is asked, and what each of them takes as known.

*As it was*: everything, rules too, as of each order's own moment; the probability means what it means in the service.
*As known today*: the windows of an order still end at its moment, but what has been found since counts in them: each
finding stands where the order that it judges was placed (or, on a reseller, where it happened), as if it had been known
at once. Only the latest word on each finding counts. An order's own findings stay excluded. The rules are today's. No
model was trained on such knowledge, so its score only ranks.
"""

from dataclasses import replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from features.facts.book import Book
from features.record import Entry
from features.trade import Finding, Outcome

Question = Literal["as-it-was", "as-known-today"]


def known_for(question: Question, book: Book, now: int) -> Book:
    """What a past is scored with: the book as it is, or with its findings moved to what they speak of."""
    if question == "as-it-was":
        return book
    latest: dict[str, Entry[Finding]] = {}
    for entry in book.findings:
        if entry.known_at <= now:
            latest[entry.event.finding_id] = entry
    standing = [entry for entry in latest.values() if entry.event.outcome is not Outcome.WITHDRAWN]
    placed = _placed(book, {entry.event.order_id for entry in standing if entry.event.order_id})
    return replace(book, findings=[_moved(entry, placed) for entry in sorted(standing, key=lambda e: e.position)])


def _placed(book: Book, order_ids: set[str]) -> dict[str, int]:
    """When each order was placed first."""
    lines = book.lines.select(["order_id", "t"])
    some = lines.filter(pc.is_in(lines["order_id"], pa.array(sorted(order_ids), pa.string())))
    first = some.group_by("order_id").aggregate([("t", "min")])
    return dict(zip(first["order_id"].to_pylist(), first["t_min"].to_pylist(), strict=True))


def _moved(entry: Entry[Finding], placed: dict[str, int]) -> Entry[Finding]:
    finding = entry.event
    at = placed.get(finding.order_id, entry.known_at) if finding.order_id else finding.happened_at
    at = min(at, entry.known_at)
    return Entry(entry.position, at, replace(finding, known_at=at))
