"""Whatever is done to the past behind the guards' back is found."""
# ruff: noqa: S608 - the names in the SQL are those of our own tables

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Double, Engine, Integer, LargeBinary, Table, inspect, text

from features.measures import Refused
from features.record import Record, checkpoints, databases
from features.record.checkpoints import Checkpoint
from features.record.ledger import LEDGER, METADATA
from features.record.schema import VERSION_TABLE
from features.record.verification import verify
from features.trade import Place
from tests import factory as a
from tests.features.record.test_store import EVERYTHING

EDITS = int(os.environ.get("DIVERSION_EDITS", "120"))
"""`make soak` makes a thousand."""


@pytest.fixture
def engine(record: Record, record_url: str) -> Iterator[Engine]:
    """The database of a record with an event of each kind and some orders, its guards taken away."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    record.append([a.order(f"x{n}", units=n + 1, at=a.T0 + n) for n in range(8)], source="test", recorded_at=a.T0)
    engine = databases.engine(record_url, 1.0)
    with engine.begin() as connection:
        _unguard(connection)
    yield engine
    engine.dispose()


def _unguard(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
        for name in METADATA.tables:
            connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))
        return
    named = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in connection.execute(named).all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def test_what_was_written_verifies(record: Record) -> None:
    """Events of every kind, whole numbers where fractions may stand among them."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    place = a.order("whole", ship_to=Place("CN", latitude=31, longitude=121))
    record.append([place], source="test", recorded_at=a.T0)
    sealed = record.checkpoint(a.T0)
    assert sealed is not None
    found = record.verify([sealed])
    assert (found.faults, found.rows, found.sealed) == ((), len(EVERYTHING) + 1, sealed.position)


def test_every_edit_before_the_checkpoint_is_found(record: Record, engine: Engine) -> None:
    """A value changed, a row removed, two rows swapped, in any table; each is taken back before the next."""
    sealed = record.checkpoint(a.T0)
    assert sealed is not None
    dice = np.random.default_rng(11)
    unseen = []
    for _ in range(EDITS):
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            else:
                connection.execute(text("SET session_replication_role = replica"))
            done = _edit(connection, dice)
            if not verify(connection, sealed.position, [sealed]).faults:
                unseen.append(done)
            connection.rollback()
    assert unseen == []
    assert not record.verify([sealed]).faults


def _edit(connection: Connection, dice: np.random.Generator) -> str:
    """One random edit of a random row; returns its SQL."""
    tables = [t for t in METADATA.tables.values() if "position" in t.c and _rows(connection, t)]
    table = tables[dice.integers(len(tables))]
    rows = _rows(connection, table)
    chosen = rows[dice.integers(len(rows))]
    key = " AND ".join(f"{column.name} = {chosen[column.name]}" for column in table.primary_key.columns)
    if dice.random() < 0.25:
        sql = f"DELETE FROM {table.name} WHERE {key}"
        connection.execute(text(sql))
        return sql
    if table is LEDGER and dice.random() < 0.4:
        return _swap(connection, chosen["position"], dice)
    columns = [column for column in table.columns if not column.primary_key]
    column = columns[dice.integers(len(columns))]
    sql = f"UPDATE {table.name} SET {column.name} = :value WHERE {key}"
    connection.execute(text(sql), {"value": _other(column.type, chosen[column.name])})
    return sql


def _swap(connection: Connection, position: int, dice: np.random.Generator) -> str:
    """Two rows of the ledger change places, their own payloads left where they are."""
    last = connection.execute(text("SELECT max(position) FROM ledger")).scalar_one()
    other = 1 + (position - 1 + int(dice.integers(1, last))) % last
    for old, new in ((position, -1), (other, position), (-1, other)):
        connection.execute(text(f"UPDATE ledger SET position = {new} WHERE position = {old}"))
    return f"swap {position} and {other}"


def _rows(connection: Connection, table: Table) -> list[Any]:
    return [dict(row) for row in connection.execute(table.select()).mappings()]


def _other(kind: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(kind, LargeBinary):
        return (value or b"") + b"\x00" * 8
    if isinstance(kind, Integer | Double):
        return (value or 0) + 77
    if isinstance(value, int | float):
        return value + 1
    return f"{value or ''}x" if hasattr(kind, "length") else True


def test_a_chain_made_anew_is_found_by_the_checkpoint_and_a_cut_behind_it_is_not(record: Record) -> None:
    """The link of then is not the link of now; what came after the checkpoint nobody vouches for."""
    record.append(EVERYTHING, source="test", recorded_at=a.T0)
    sealed = record.checkpoint(a.T0)
    assert sealed is not None
    anew = Checkpoint(sealed.position, "f" * 64, a.T0)
    assert [fault.position for fault in record.verify([anew]).faults] == [sealed.position]
    gone = Checkpoint(sealed.position + 5, "f" * 64, a.T0)
    assert "is gone" in str(record.verify([sealed, gone]).faults[-1])
    record.append([a.order("later")], source="test", recorded_at=a.T0)
    assert "the 1 rows behind it, or a cut there, cannot be seen" in str(record.verify([sealed]))
    assert "there is no checkpoint" in str(record.verify())


def test_checkpoints_are_lines_of_a_file(tmp_path: Path) -> None:
    """Each once, in order; what is none is refused by its line."""
    first, second = Checkpoint(1, "a" * 64, 5), Checkpoint(9, "b" * 64, 6)
    for each in (second, first, second):
        checkpoints.write(each, tmp_path / "here" / "checkpoints.jsonl")
    assert checkpoints.read([tmp_path / "here" / "checkpoints.jsonl"]) == [first, second]
    (tmp_path / "no.jsonl").write_text("{}\n")
    with pytest.raises(Refused, match=r"no.jsonl:1"):
        checkpoints.read([tmp_path / "no.jsonl"])


def test_a_record_from_before_the_chain_is_chained_in_place(record_url: str) -> None:
    """What stood there stays; the guards are back afterwards."""
    with Record.open(record_url) as made:
        made.append(EVERYTHING, source="test", recorded_at=a.T0)
        expected = made.checkpoint(0)
    engine = databases.engine(record_url, 1.0)
    with databases.turn(engine) as connection:
        newest = _before_the_chain(connection)
    with databases.turn(engine) as connection:
        config = Config()
        config.set_main_option("script_location", "features.record:migrations")
        config.attributes.update(connection=connection, version_table=VERSION_TABLE)
        command.upgrade(config, "r0005")
        _set_revision(connection, newest)
    engine.dispose()
    with Record.open(record_url) as record:
        assert record.checkpoint(0) == expected
        assert not record.verify().faults
        record.append([a.order("next")], source="test", recorded_at=a.T0)
        assert not record.verify().faults


def _before_the_chain(connection: Connection) -> str:
    """What no upgrade ever does: the columns and the note of the revision go; returns that note."""
    if connection.dialect.name == "sqlite":
        named = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = connection.execute(named).all()
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
    for column in ("payload", "link"):
        connection.execute(text(f"ALTER TABLE ledger DROP COLUMN {column}"))
    if connection.dialect.name == "sqlite":
        for _, sql in triggers:
            connection.execute(text(sql))
    assert "link" not in [column["name"] for column in inspect(connection).get_columns("ledger")]
    newest = str(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one())
    _set_revision(connection, "r0004")
    return newest


def _set_revision(connection: Connection, revision: str) -> None:
    connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))
