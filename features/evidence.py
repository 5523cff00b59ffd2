"""Public notices of awards, what links them to our sales, and what people said of the links. Frozen, checked at birth.

A notice holds firms and public bodies only: contact points and names of persons are dropped before one is made.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from features.measures import MAX_VALUE, Money, Quantity, Refused
from features.trade import MAX_LINES, Place, identifier, optional_identifier, trade_time


class Grade(StrEnum):
    """How far a link can be trusted. Only A and B may become findings.

    A: a serial or lot, or the supplier's identifier and the model. B: the supplier, the kind of goods, the date, and
    the city or the quantity, with no other sale as near. C: kind of goods, value and date. D: the supplier alone.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"


SECURITY = "security"
UNKNOWN = "unknown"
BUYER_CLASSES = (SECURITY, "health", "education", "administration", UNKNOWN)
METHODS = ("open", "selective", "limited", "direct")
"""Procurement methods of OCDS 1.1."""

FROM_NOTICE = "notice "
"""How the source of a finding begins that a confirmed link has made; the notice's id follows."""

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One kind of goods that was awarded. `value` is the amount in the record's currency; `sku` is one of ours.

    `bundled` where several kinds of goods share one value, which then stands on none of them.
    """

    award_id: str
    supplier_id: str | None = None
    supplier_name: str | None = None
    supplier_place: Place | None = None
    description: str | None = None
    category: str | None = None
    quantity: Quantity | None = None
    amount: Money | None = None
    value: int | None = None
    sku: str | None = None
    serial: str | None = None
    bundled: bool = False

    def __post_init__(self) -> None:
        identifier("award_id", self.award_id)
        for column in ("supplier_id", "sku", "serial"):
            optional_identifier(column, getattr(self, column))
        if self.value is not None and not 0 <= self.value <= MAX_VALUE:
            raise Refused("value", self.value, f"is not in 0..{MAX_VALUE} minor units", "check the rate and the unit")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as published. An amendment is the next `revision` of the same `notice_id`.

    One without lines takes back what was awarded before. `happened_at` is when it was awarded, `published_at` when
    anybody could read it, `known_at` when we knew. `content_hash` is the SHA-256 of the document's content.
    """

    notice_id: str
    content_hash: str
    known_at: int
    lines: tuple[AwardLine, ...]
    published_at: int | None = None
    happened_at: int | None = None
    source: str | None = None
    url: str | None = None
    language: str | None = None
    buyer_id: str | None = None
    buyer_name: str | None = None
    buyer_class: str = UNKNOWN
    buyer_place: Place | None = None
    method: str | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        identifier("notice_id", self.notice_id)
        optional_identifier("buyer_id", self.buyer_id)
        if not _HASH.fullmatch(self.content_hash):
            raise Refused("content_hash", self.content_hash, "is not a SHA-256", "give 64 small hexadecimal digits")
        if self.buyer_class not in BUYER_CLASSES:
            raise Refused("buyer_class", self.buyer_class, "is not a class", f"use one of {', '.join(BUYER_CLASSES)}")
        if self.method is not None and self.method not in METHODS:
            raise Refused("method", self.method, "is not a method", f"use one of {', '.join(METHODS)}")
        if len(self.lines) > MAX_LINES:
            raise Refused("lines", len(self.lines), f"is more than {MAX_LINES}", "split the notice")
        for column in ("known_at", "published_at", "happened_at"):
            trade_time(column, getattr(self, column))

    @property
    def dated(self) -> int:
        """When it was awarded, as near as the notice tells."""
        return next(at for at in (self.happened_at, self.published_at, self.known_at) if at is not None)


@dataclass(frozen=True, slots=True)
class Link:
    """One sale (or, for grade D, only the reseller) that a line of a notice may speak of, and why.

    `line` counts the notice's lines from 0. The weights of one line's links sum to 1. `terms` are (name, text), sorted.
    """

    line: int
    grade: Grade
    weight: float
    terms: tuple[tuple[str, str], ...]
    reseller_id: str
    order_id: str | None = None
    line_id: str | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.weight <= 1.0:
            raise Refused("weight", self.weight, "is not in (0, 1]", "weights of one line sum to 1")
        if (self.order_id is None) != (self.grade is Grade.D):
            raise Refused("order_id", self.order_id, f"does not go with grade {self.grade}", "grade D names no order")


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """What linking found of a line as a whole: whose goods they are, and whether our own sales explain them.

    `exceeds` where more was awarded than we had sold of such goods to this supplier; None where that is not known.
    """

    reseller_id: str | None = None
    explained: bool = False
    exceeds: bool | None = None


@dataclass(frozen=True, slots=True)
class Linking:
    """All links of one notice, found at once: from what was known before the notice's `known_at`, and no more."""

    notice_id: str
    known_at: int
    notice_revision: int
    lines: tuple[LinkedLine, ...]
    links: tuple[Link, ...] = ()
    revision: int = 1

    def __post_init__(self) -> None:
        identifier("notice_id", self.notice_id)
        trade_time("known_at", self.known_at)


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """What an analyst said of a link; saying otherwise is the next `revision`. `who` is a role or account."""

    link_id: str
    notice_id: str
    line: int
    confirmed: bool
    known_at: int
    who: str
    why: str | None = None
    order_id: str | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        identifier("link_id", self.link_id)
        identifier("who", self.who)
        trade_time("known_at", self.known_at)


def link_id(notice_id: str, link: Link) -> str:
    """A short id of a link: the same sale and the same line of a notice give the same."""
    said = "\n".join([notice_id, str(link.line), link.reseller_id, link.order_id or "", link.line_id or ""])
    return hashlib.sha256(said.encode()).hexdigest()[:12]
