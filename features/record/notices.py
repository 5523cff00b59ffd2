"""Notices of awards, their links and what was said of the links, as rows: an amendment is the next revision."""

import json
from collections.abc import Iterator

from sqlalchemy import Boolean, Column, Connection, Double, ForeignKey, Integer, Table, Text

from features.evidence import AwardLine, Grade, Link, LinkedLine, Linking, LinkVerdict, Notice
from features.measures import Money, Quantity
from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Place

NOTICES = Table(
    "notices",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("notice_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("published_at", INT64),
    Column("happened_at", INT64),
    Column("source", Text),
    Column("url", Text),
    Column("language", Text),
    Column("buyer_id", Text),
    Column("buyer_name", Text),
    Column("buyer_class", Text, nullable=False),
    Column("buyer_country", Text),
    Column("buyer_region", Text),
    Column("buyer_city", Text),
    Column("method", Text),
)

AWARD_LINES = Table(
    "award_lines",
    METADATA,
    Column("position", INT64, ForeignKey(NOTICES.c.position), primary_key=True, autoincrement=False),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("award_id", Text, nullable=False),
    Column("supplier_id", Text),
    Column("supplier_name", Text),
    Column("supplier_country", Text),
    Column("supplier_region", Text),
    Column("supplier_city", Text),
    Column("description", Text),
    Column("category", Text),
    Column("quantity_milli", INT64),
    Column("unit", Text),
    Column("amount_minor", INT64),
    Column("currency", Text),
    Column("value", INT64),
    Column("sku", Text),
    Column("serial", Text),
    Column("bundled", Boolean, nullable=False),
)

LINKINGS = Table(
    "linkings",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("notice_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("notice_revision", INT64, nullable=False),
)

LINKED_LINES = Table(
    "linked_lines",
    METADATA,
    Column("position", INT64, ForeignKey(LINKINGS.c.position), primary_key=True, autoincrement=False),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("reseller_id", Text),
    Column("explained", Boolean, nullable=False),
    Column("exceeds", Boolean),
)

LINKS = Table(
    "links",
    METADATA,
    Column("position", INT64, ForeignKey(LINKINGS.c.position), primary_key=True, autoincrement=False),
    Column("link_no", Integer, primary_key=True, autoincrement=False),
    Column("line_no", Integer, nullable=False),
    Column("grade", Text, nullable=False),
    Column("weight", Double, nullable=False),
    Column("terms", Text, nullable=False),
    Column("reseller_id", Text, nullable=False),
    Column("order_id", Text),
    Column("line_id", Text),
)

LINK_VERDICTS = Table(
    "link_verdicts",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("link_id", Text, nullable=False),
    Column("revision", INT64, nullable=False),
    Column("notice_id", Text, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text),
    Column("order_id", Text),
)


def _notice_identity(event: Notice) -> tuple[str, int]:
    return event.notice_id, event.revision


def _notice_times(event: Notice) -> tuple[int | None, int | None]:
    return event.happened_at, event.known_at


def _names(place: Place | None) -> tuple[str | None, str | None, str | None]:
    return (None, None, None) if place is None else (place.country, place.region, place.city)


def _place(country: str | None, region: str | None, city: str | None) -> Place | None:
    return Place(country, region, city) if country or region or city else None


def _notice_rows(entry: Entry[Notice]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    told = (event.notice_id, event.revision, event.content_hash, event.published_at, event.happened_at)
    where = (event.source, event.url, event.language)
    buyer = (event.buyer_id, event.buyer_name, event.buyer_class, *_names(event.buyer_place), event.method)
    yield NOTICES, (entry.position, entry.known_at, *told, *where, *buyer)
    for number, line in enumerate(event.lines):
        quantity, amount = line.quantity, line.amount
        yield (
            AWARD_LINES,
            (
                *(entry.position, number, line.award_id, line.supplier_id, line.supplier_name),
                *(*_names(line.supplier_place), line.description, line.category),
                *((quantity.milli, quantity.unit) if quantity else (None, None)),
                *((amount.minor, amount.currency) if amount else (None, None)),
                *(line.value, line.sku, line.serial, line.bundled),
            ),
        )


def _read_notices(connection: Connection, within: Within) -> Iterator[Entry[Notice]]:
    lines: dict[int, list[AwardLine]] = {}
    for position, _, award_id, supplier_id, name, country, region, city, *rest in at(connection, AWARD_LINES, within):
        says, category, milli, unit, minor, currency, value, sku, serial, bundled = rest
        quantity = None if milli is None else Quantity(milli, unit)
        amount = None if minor is None else Money(minor, currency)
        supplier = (supplier_id, name, _place(country, region, city))
        line = AwardLine(award_id, *supplier, says, category, quantity, amount, value, sku, serial, bool(bundled))
        lines.setdefault(position, []).append(line)
    for position, known_at, notice_id, revision, content_hash, *rest in at(connection, NOTICES, within):
        published, happened, source, url, language, buyer_id, name, kind, country, region, city, method = rest
        told = (tuple(lines.get(position, ())), published, happened, source, url, language, buyer_id, name, kind)
        event = Notice(notice_id, content_hash, known_at, *told, _place(country, region, city), method, revision)
        yield Entry(position, known_at, event)


NOTICE: Kind[Notice] = Kind(
    "notice",
    Notice,
    (NOTICES, AWARD_LINES),
    identity=_notice_identity,
    times=_notice_times,
    rows=_notice_rows,
    read=_read_notices,
    revised=True,
)
"""Notices, by id and revision."""


def _linking_identity(event: Linking) -> tuple[str, int]:
    return event.notice_id, event.revision


def _linking_times(event: Linking) -> tuple[int | None, int | None]:
    return None, event.known_at


def _linking_rows(entry: Entry[Linking]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    yield LINKINGS, (entry.position, entry.known_at, event.notice_id, event.revision, event.notice_revision)
    for number, line in enumerate(event.lines):
        yield LINKED_LINES, (entry.position, number, line.reseller_id, line.explained, line.exceeds)
    for number, link in enumerate(event.links):
        terms = json.dumps(dict(link.terms), ensure_ascii=False)
        whose = (link.reseller_id, link.order_id, link.line_id)
        yield LINKS, (entry.position, number, link.line, link.grade.value, link.weight, terms, *whose)


def _read_linkings(connection: Connection, within: Within) -> Iterator[Entry[Linking]]:
    lines: dict[int, list[LinkedLine]] = {}
    links: dict[int, list[Link]] = {}
    for position, _, reseller_id, explained, exceeds in at(connection, LINKED_LINES, within):
        line = LinkedLine(reseller_id, bool(explained), None if exceeds is None else bool(exceeds))
        lines.setdefault(position, []).append(line)
    for position, _, line_no, grade, weight, terms, *whose in at(connection, LINKS, within):
        told = tuple(sorted(json.loads(terms).items()))
        links.setdefault(position, []).append(Link(line_no, Grade(grade), weight, told, *whose))
    for position, known_at, notice_id, revision, of_notice in at(connection, LINKINGS, within):
        found = (tuple(lines.get(position, ())), tuple(links.get(position, ())))
        yield Entry(position, known_at, Linking(notice_id, known_at, of_notice, *found, revision))


LINKING: Kind[Linking] = Kind(
    "linking",
    Linking,
    (LINKINGS, LINKED_LINES, LINKS),
    identity=_linking_identity,
    times=_linking_times,
    rows=_linking_rows,
    read=_read_linkings,
    revised=True,
)
"""What links a notice to sales, by notice; a later linking replaces the earlier one."""


def _verdict_identity(event: LinkVerdict) -> tuple[str, int]:
    return event.link_id, event.revision


def _verdict_times(event: LinkVerdict) -> tuple[int | None, int | None]:
    return None, event.known_at


def _verdict_rows(entry: Entry[LinkVerdict]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    said = (event.link_id, event.revision, event.notice_id, event.line, event.confirmed)
    yield LINK_VERDICTS, (entry.position, entry.known_at, *said, event.who, event.why, event.order_id)


def _read_verdicts(connection: Connection, within: Within) -> Iterator[Entry[LinkVerdict]]:
    for position, known_at, link, revision, notice_id, line, confirmed, who, why, order_id in at(
        connection, LINK_VERDICTS, within
    ):
        event = LinkVerdict(link, notice_id, line, bool(confirmed), known_at, who, why, order_id, revision)
        yield Entry(position, known_at, event)


LINK_VERDICT: Kind[LinkVerdict] = Kind(
    "link_verdict",
    LinkVerdict,
    (LINK_VERDICTS,),
    identity=_verdict_identity,
    times=_verdict_times,
    rows=_verdict_rows,
    read=_read_verdicts,
    revised=True,
)
"""What analysts said of links, by link and revision."""
