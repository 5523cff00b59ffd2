"""A book: the events that features are made of, taken from a record, from files, or from both."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from features.evidence import Linking, LinkVerdict, Notice
from features.facts.lines import SCHEMA, tabulate
from features.record.kinds import Event
from features.record.ledger import Entry
from features.record.store import Record
from features.sell_through import SellThrough
from features.trade import Finding, Order, Product, Reseller, StatusChange

EVIDENCE = (Notice, Linking, LinkVerdict, SellThrough)
"""Kinds of event that public awards come in, and the reports that they are held against."""

Evidence = Entry[Notice | Linking | LinkVerdict | SellThrough]


@dataclass(frozen=True)
class Book:
    """Order lines as one arrow table (the columns of `Record.lines`), all else as entries in the order of position."""

    currency: str
    lines: pa.Table
    findings: Sequence[Entry[Finding]] = ()
    statuses: Sequence[Entry[StatusChange]] = ()
    resellers: Sequence[Entry[Reseller]] = ()
    products: Sequence[Entry[Product]] = ()
    position: int = 0
    evidence: Sequence[Evidence] = ()

    @classmethod
    def empty(cls, currency: str) -> "Book":
        """A book in which nothing happened."""
        return cls(currency, SCHEMA.empty_table())

    @classmethod
    def of(cls, record: Record, upto: int | None = None) -> "Book":
        """Everything that the record holds up to a position."""
        held = record.position()
        upto = held if upto is None else min(upto, held)
        rest = record.entries((Finding, StatusChange, Reseller, Product, *EVIDENCE), upto)
        return replace(cls.empty(record.currency), lines=record.lines(upto).cast(SCHEMA), position=upto).extended(rest)

    def attributes(self) -> tuple[str, ...]:
        """Names of one's own columns that any line carries, sorted."""
        different = self.lines["attributes"].unique().drop_null().to_pylist()
        return tuple(sorted({name for text in different for name in json.loads(text)}))

    def extended(self, entries: Iterable[Entry[Event]]) -> "Book":
        """The book and further entries, each with its position behind the last of its kind."""
        kinds: dict[type, list[Any]] = {kind: [] for kind in (Order, Finding, StatusChange, Reseller, Product)}
        position = self.position
        evidence = [*self.evidence]
        for entry in entries:
            if isinstance(entry.event, EVIDENCE):
                evidence.append(Entry(entry.position, entry.known_at, entry.event))
            elif type(entry.event) in kinds:
                kinds[type(entry.event)].append(entry)
            position = max(position, entry.position)
        table = pa.Table.from_pydict(tabulate(kinds[Order]), schema=SCHEMA)
        return Book(
            currency=self.currency,
            lines=pa.concat_tables([self.lines, table]),
            findings=[*self.findings, *kinds[Finding]],
            statuses=[*self.statuses, *kinds[StatusChange]],
            resellers=[*self.resellers, *kinds[Reseller]],
            products=[*self.products, *kinds[Product]],
            position=position,
            evidence=evidence,
        )

    def with_orders(self, orders: Iterable[Order]) -> "Book":
        """The book and orders that it does not hold, as if they stood behind it. Each order has its `known_at`."""
        return self.extended(
            Entry(self.position + number, _moment(order), order) for number, order in enumerate(orders, start=1)
        )


def in_time(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Evidence in the order in which it was known: files bring reports and notices one after the other."""
    return sorted(evidence, key=lambda entry: (entry.known_at, entry.position))


def _moment(order: Order) -> int:
    if order.known_at is None:
        raise ValueError(f"order {order.order_id!r} has no moment; set known_at")
    return order.known_at
