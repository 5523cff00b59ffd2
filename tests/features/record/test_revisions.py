"""A record that an earlier version made goes on, in place."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from features.record import Entry, Record, databases
from features.record.kinds import Event, kind_of
from features.record.migrations.versions import r0002_places_and_ties, r0004_who_said_so
from features.record.schema import VERSION_TABLE
from features.trade import Outcome, Place, Site
from tests import factory as a

OLD: list[Event] = [
    a.reseller(sites=(Site(Place("CN", "CN-XJ", "Korla", 41.7, 86.1)), Site(Place()))),
    a.order(ship_to=Place("KZ")),
    a.finding(note="as it was"),
    a.promotion(),
]
TIMES = ("happened_at", "known_at", "recorded_at")
NEWER = {
    (table, column if isinstance(column, str) else column[0])
    for revision in (r0002_places_and_ties, r0004_who_said_so)
    for table, columns in revision.ADDED.items()
    for column in columns
}


def write(connection: Connection, table: str, columns: list[str], row: tuple[object, ...]) -> None:
    """One row, by name of its columns."""
    marks = ", ".join(f":{name}" for name in columns)
    connection.execute(
        text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"),  # noqa: S608 - our own names
        dict(zip(columns, row, strict=True)),
    )


def first_revision(url: str, events: list[Event]) -> None:
    """A record as the first revision made it, with some events in it."""
    engine = databases.engine(url, 1.0)
    config = Config()
    config.set_main_option("script_location", "features.record:migrations")
    with databases.turn(engine) as connection:
        config.attributes.update(connection=connection, version_table=VERSION_TABLE)
        command.upgrade(config, "r0001")
        connection.execute(text("INSERT INTO settings (id, currency) VALUES (1, 'USD')"))
        for position, event in enumerate(events, start=1):
            kind = kind_of(event)
            (subject, version), (happened_at, known_at) = kind.identity(event), kind.times(event)
            head = (position, kind.name, subject, version, happened_at, known_at, a.T0, "old", kind.digest(event))
            names = [
                "position",
                "kind",
                "subject",
                "version",
                "happened_at",
                "known_at",
                "recorded_at",
                "source",
                "digest",
            ]
            write(connection, "ledger", names, head)
            for table, row in kind.rows(Entry(position, known_at or 0, event)):
                columns = [column.name for column in table.columns if (table.name, column.name) not in NEWER]
                write(connection, table.name, columns, row[: len(columns)])
    engine.dispose()


def test_a_record_of_the_first_revision_is_read_as_it_was(record_url: str) -> None:
    """Events come out equal, the same files imported again change nothing, and new fields go in behind them."""
    first_revision(record_url, OLD)
    with Record.open(record_url) as record:
        assert [entry.event for entry in record.tail(0)] == OLD
        again = record.append(OLD, source="again", recorded_at=a.T0)
        assert (again.appended, again.same, again.complete) == (0, len(OLD), True)
        spot = Place("KZ", x_km=1.5, y_km=-2.0)
        new: list[Event] = [
            a.reseller("r2", phone_id="p", owner_id="o", territory=("CN-GD", "KZ"), sites=(Site(spot),)),
            a.order("o2", ship_to=spot),
            a.finding(revision=2, at=a.T0 + 9, who=("ana", "ben:legal"), grade="B"),
            a.finding("f2", "inconclusive", who=("ana",), claimed=Outcome.DIVERTED),
            a.promotion("p2", undoes="p1", verdict="better", checks="{}", override="why"),
        ]
        assert record.append(new, source="new", recorded_at=a.T0).complete
        assert [entry.event for entry in record.tail(len(OLD))] == new
        assert record.lines()["ship_x_km"].to_pylist() == [None, 1.5]
