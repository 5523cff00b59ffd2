"""Addresses, tables, and stores that are away."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from features.measures import Refused
from features.record import NewerRecord, Record, Unavailable, UnknownStore, databases
from features.record.ledger import METADATA
from features.record.schema import VERSION_TABLE
from tests import factory as a


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/x", "var/record.db"])
def test_an_address_that_cannot_hold_a_record_is_refused(url: str) -> None:
    """The message says what would do."""
    with pytest.raises(UnknownStore, match=r"url: .*(sqlite:///var/record.db|use sqlite or postgresql)"):
        Record.open(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Somebody else's file is named and not touched."""
    path = tmp_path / "orders.csv"
    path.write_text("order_id,reseller\n" * 100)
    with pytest.raises(UnknownStore, match="no SQLite database"):
        Record.open(f"sqlite:///{path}")
    assert path.read_text().startswith("order_id")


def test_a_store_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """No server, or no folder: an error that says try again, not a driver's own."""
    (tmp_path / "file").touch()
    for url in ("postgresql+pg8000://nobody@localhost:1/none", f"sqlite:///{tmp_path}/file/record.db"):
        with pytest.raises(Unavailable):
            Record.open(url)


def test_a_server_that_goes_away_is_unavailable(postgresql_url: str) -> None:
    """A connection cut in mid-turn is told as such, and the next turn finds a new one."""
    with Record.open(postgresql_url) as record:
        with pytest.raises(Unavailable), record.writer() as writer:
            writer._connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert record.append([a.order()], source="test", recorded_at=a.T0).position == 1


def test_the_tables_are_those_that_the_code_describes(record: Record, record_url: str) -> None:
    """The revisions and the tables in the code do not drift apart."""
    assert record.position() == 0
    engine = databases.engine(record_url, 1.0)
    with databases.reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": lambda name, *_: name != VERSION_TABLE}
        )
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_a_record_opens_from_any_folder(record_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revisions are found from the package, and a relative path counts from where the caller stands."""
    monkeypatch.chdir(tmp_path)
    Record.open(record_url).close()
    Record.open("sqlite:///here/record.db").close()
    assert (tmp_path / "here" / "record.db").exists()


def test_a_newer_record_is_not_opened(record: Record, record_url: str) -> None:
    """A record that a newer version wrote is refused before anything is written."""
    assert record.position() == 0
    engine = databases.engine(record_url, 1.0)
    with databases.turn(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = 'r9999'"))  # noqa: S608 - our own name
    engine.dispose()
    with pytest.raises(NewerRecord, match="'r9999', newer than this software"):
        Record.open(record_url)


def test_sqlite_keeps_what_it_acknowledged(sqlite_url: str) -> None:
    """Write-ahead log, synced at each commit, waiting rather than failing when it is busy."""
    engine = databases.engine(sqlite_url, 2.5)
    with databases.reading(engine) as connection:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in names]
    engine.dispose()
    assert found == ["wal", 2, 2500, 1]


def test_a_currency_is_a_currency(sqlite_url: str) -> None:
    """What is no ISO 4217 code is refused before anything is created."""
    with pytest.raises(Refused, match="currency"):
        Record.open(sqlite_url, currency="dollars")


def test_a_log_that_was_folded_is_begun_again(tmp_path: Path) -> None:
    """All that was committed stands in the database file itself, and the next commit writes at the log's beginning."""
    with Record.open(f"sqlite:///{tmp_path}/record.db") as record:
        log = tmp_path / "record.db-wal"
        for number in range(20):
            record.append([a.order(f"o{number}")], source="test", recorded_at=a.T0)
        grown = log.stat().st_size
        for number in range(20, 60):
            record.fold()
            record.append([a.order(f"o{number}")], source="test", recorded_at=a.T0)
        assert log.stat().st_size == grown


def test_folding_waits_for_nobody(record: Record) -> None:
    """It may be asked for while somebody writes, on each database."""
    with record.writer() as writer:
        writer.append(a.order("o1"), source="test", recorded_at=a.T0)
        record.fold()
    assert record.position() == 1
