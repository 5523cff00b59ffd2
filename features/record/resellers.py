"""Resellers as rows: each version whole, with its sites."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Double, ForeignKey, Integer, Table, Text

from features.record.ledger import INT64, METADATA, Entry, Kind, Row, Within, at, position_column
from features.trade import Place, Reseller, Site

RESELLERS = Table(
    "resellers",
    METADATA,
    position_column(),
    Column("known_at", INT64, nullable=False),
    Column("reseller_id", Text, nullable=False),
    Column("name", Text),
    Column("address_id", Text),
    Column("founded_at", INT64),
    Column("authorised_from", INT64),
    Column("authorised_to", INT64),
    Column("phone_id", Text),
    Column("owner_id", Text),
    Column("territory", Text),
)
"""`territory` holds its codes with commas between them."""

RESELLER_SITES = Table(
    "reseller_sites",
    METADATA,
    Column("position", INT64, ForeignKey(RESELLERS.c.position), primary_key=True, autoincrement=False),
    Column("site_no", Integer, primary_key=True, autoincrement=False),
    Column("reseller_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("valid_from", INT64),
    Column("valid_to", INT64),
    Column("country", Text),
    Column("region", Text),
    Column("city", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("x_km", Double),
    Column("y_km", Double),
)


def _identity(event: Reseller) -> tuple[str, int]:
    return event.reseller_id, event.known_at


def _times(event: Reseller) -> tuple[int | None, int | None]:
    return None, event.known_at


def _rows(entry: Entry[Reseller]) -> Iterator[tuple[Table, Row]]:
    event = entry.event
    authorised = (event.authorised_from, event.authorised_to)
    shared = (event.phone_id, event.owner_id, ",".join(event.territory) or None)
    about = (event.reseller_id, event.name, event.address_id, event.founded_at, *authorised, *shared)
    yield RESELLERS, (entry.position, entry.known_at, *about)
    for number, site in enumerate(event.sites):
        place = site.place
        where = (place.country, place.region, place.city, place.latitude, place.longitude, place.x_km, place.y_km)
        valid = (site.kind, site.valid_from, site.valid_to)
        yield RESELLER_SITES, (entry.position, number, event.reseller_id, *valid, *where)


def _read(connection: Connection, within: Within) -> Iterator[Entry[Reseller]]:
    sites: dict[int, list[Site]] = {}
    for position, _, _, kind, valid_from, valid_to, *where in at(connection, RESELLER_SITES, within):
        sites.setdefault(position, []).append(Site(Place(*where), kind, valid_from, valid_to))
    for position, known_at, reseller_id, name, address, *times, phone, owner, areas in at(
        connection, RESELLERS, within
    ):
        founded, since, until = times
        territory = tuple(areas.split(",")) if areas else ()
        about = (name, tuple(sites.get(position, ())), address, founded, since, until, phone, owner, territory)
        event = Reseller(reseller_id, known_at, *about)
        yield Entry(position, known_at, event)


RESELLER: Kind[Reseller] = Kind(
    "reseller",
    Reseller,
    (RESELLERS, RESELLER_SITES),
    identity=_identity,
    times=_times,
    rows=_rows,
    read=_read,
)
"""Resellers, by id and the time from which this version is known."""
