"""The database itself keeps the record append-only."""
# ruff: noqa: S608 - the names in the SQL are those of our own tables

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, exc, text

from features.record import Access, Record, Redaction, databases, keys
from features.record.ledger import METADATA
from tests import factory as a
from tests.features.record.test_store import EVERYTHING


@pytest.fixture
def engine(record: Record, record_url: str) -> Iterator[Engine]:
    """The database of a record with an event of each kind."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    gone = record.append([a.order("gone")], source="test", recorded_at=a.T0).position
    with record.writer() as writer:
        writer.redact(Redaction("x", "its time is over", ("ana", "ben"), a.T0, (gone,)), source="test")
    with record.writing() as connection:
        keys.create(connection, "a test", ["orders"], a.T0)
        keys.note(connection, Access(a.T0, "k", "what-if", "o1"))
    engine = databases.engine(record_url, 1.0)
    yield engine
    engine.dispose()


def _refused(engine: Engine, sql: str) -> str:
    with pytest.raises(exc.DBAPIError) as raised, engine.begin() as connection:
        connection.execute(text(sql))
    return str(raised.value.orig)


def test_no_row_can_be_changed_or_removed(engine: Engine) -> None:
    """Plain SQL UPDATE and DELETE are refused on every table, by name."""
    for name, table in METADATA.tables.items():
        column = table.primary_key.columns[0].name
        assert f"append-only: {name} refuses UPDATE" in _refused(engine, f"UPDATE {name} SET {column} = {column}")
        assert f"append-only: {name} refuses DELETE" in _refused(engine, f"DELETE FROM {name}")


def test_no_row_can_be_replaced(engine: Engine) -> None:
    """Nor do the databases' own ways around DELETE work."""
    for name in METADATA.tables:
        if engine.dialect.name == "sqlite":
            assert "append-only" in _refused(engine, f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}")
        else:
            assert f"append-only: {name} refuses TRUNCATE" in _refused(engine, f"TRUNCATE {name} CASCADE")


def test_no_position_can_be_skipped(engine: Engine) -> None:
    """The ledger takes the next position and no other."""
    columns = "kind, subject, version, known_at, recorded_at, source, digest"
    for position in (1, len(EVERYTHING) + 4):
        sql = f"INSERT INTO ledger (position, {columns}) VALUES ({position}, 'order', 'x', 1, 1, 1, 's', 'd')"
        assert "ledger takes only the next position" in _refused(engine, sql)


def test_an_order_has_one_decision_in_the_database_too(engine: Engine) -> None:
    """A second answer to one revision is refused even where it comes with a position of its own."""
    columns = ", ".join(column.name for column in METADATA.tables["decisions"].columns if column.name != "position")
    sql = f"INSERT INTO decisions (position, {columns}) SELECT 1, {columns} FROM decisions"
    assert any(word in _refused(engine, sql) for word in ("holds this order_id, revision", "duplicate key"))
