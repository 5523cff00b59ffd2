"""Notices in one line, for tests."""

import hashlib
from typing import Any

from features.awards.ocds import Raw
from features.evidence import AwardLine, Grade, Link, LinkedLine, Linking, LinkVerdict, Notice, link_id
from features.measures import DAY, Quantity
from features.trade import Place
from tests import factory as a

KORLA = Place("CN", "CN-XJ", "Korla")
AWARDED = a.T0 + 60 * DAY
KNOWN = AWARDED + 14 * DAY


def award_line(units: int | None = 4, value: int | None = 1_500, **more: Any) -> AwardLine:
    """A line that names the reseller r1 and identification kits."""
    fields: dict[str, Any] = {"supplier_id": "r1", "category": "forensics/hid-kit", **more}
    quantity = None if units is None else Quantity.of(units)
    return AwardLine(fields.pop("award_id", "1"), quantity=quantity, value=value, **fields)


def notice(notice_id: str = "n1", *lines: AwardLine, at: int = KNOWN, **more: Any) -> Notice:
    """A notice of a security buyer in Korla, published and known two weeks after the award."""
    times = {"happened_at": AWARDED, "published_at": at}
    buyer = {"buyer_id": "b1", "buyer_class": "security", "buyer_place": KORLA}
    content = hashlib.sha256(repr((notice_id, lines, at)).encode()).hexdigest()
    fields: dict[str, Any] = {"content_hash": content, **times, **buyer, **more}
    return Notice(notice_id, known_at=at, lines=lines or (award_line(),), **fields)


def link(order_id: str | None = "o1", grade: str = "B", **more: Any) -> Link:
    """A link of the notice's first line to the first line of an order."""
    fields: dict[str, Any] = {"line": 0, "weight": 1.0, "terms": (), "reseller_id": "r1", **more}
    return Link(grade=Grade(grade), order_id=order_id, line_id="1" if order_id else None, **fields)


def linking(*links: Link, notice_id: str = "n1", at: int = KNOWN, reseller: str | None = "r1", **more: Any) -> Linking:
    """What links a notice of one line."""
    explained = any(each.grade in {Grade.A, Grade.B} for each in links)
    fields: dict[str, Any] = {"notice_revision": 1, **more}
    return Linking(notice_id, at, lines=(LinkedLine(reseller, explained),), links=links, **fields)


def verdict(of: Link, *, at: int, notice_id: str = "n1", confirmed: bool = True, revision: int = 1) -> LinkVerdict:
    """What an analyst said of a link."""
    key = link_id(notice_id, of)
    return LinkVerdict(key, notice_id, of.line, confirmed, at, "analyst-1", order_id=of.order_id, revision=revision)


def release(ocid: str = "ocds-1", **award: Any) -> dict[str, Any]:
    """A release that awards twelve identification kits to r1; what is named replaces or adds to its award."""
    item = {"id": "1", "description": "STR kit", "quantity": 4, "classification": {"scheme": "CPV", "id": "33950000-4"}}
    given = {
        "id": "1",
        "date": "2024-12-03T00:00:00Z",
        "value": {"amount": 15, "currency": "USD"},
        "suppliers": [{"id": "r1", "name": "Tian Shan Trading Ltd"}],
        "items": [item],
    }
    party = {
        "id": "b1",
        "name": "库尔勒市公安局",
        "roles": ["buyer"],
        "address": {"countryName": "China", "region": "新疆", "locality": "库尔勒市"},
        "contactPoint": {"name": "Wang Wu", "email": "wang@example.com"},
        "details": {"classifications": [{"scheme": "COFOG", "id": "03"}]},
    }
    return {
        "ocid": ocid,
        "id": f"{ocid}-award",
        "date": "2024-12-17T00:00:00Z",
        "tag": ["award"],
        "language": "zh",
        "tender": {"procurementMethod": "direct"},
        "parties": [party],
        "buyer": {"id": "b1", "name": "库尔勒市公安局"},
        "awards": [{**given, **award}],
    }


def raw(content: dict[str, Any]) -> Raw:
    """A release as read from a file."""
    return Raw("a.json", content)
