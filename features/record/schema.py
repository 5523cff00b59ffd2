"""Bringing a record's tables to the present revision, once, under the writer's lock."""

import threading

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select

from features.measures import Money
from features.record.databases import reading, turn
from features.record.errors import NewerRecord, WrongCurrency
from features.record.ledger import SETTINGS

VERSION_TABLE = "record_revision"
"""Not Alembic's usual name: another program's tables may live in the same database."""

_ALEMBIC = threading.Lock()  # its `op` and `context` are one per process


def settle(engine: Engine, currency: str | None) -> str:
    """Create or upgrade the tables where needed; returns the record's currency.

    Raises `WrongCurrency` where it was created in another one, `NewerRecord` where a newer version wrote it.
    """
    if currency is not None:
        Money(0, currency)  # refuses what is no currency
    with _ALEMBIC:
        config = Config()
        config.set_main_option("script_location", "features.record:migrations")
        head = ScriptDirectory.from_config(config).get_current_head()
        with reading(engine) as connection:
            present = _revision(connection) == head
        if not present:
            with turn(engine) as connection:
                _upgrade(connection, config, currency or "USD")
    with reading(engine) as connection:
        held = connection.execute(select(SETTINGS.c.currency)).scalar_one()
    if currency not in {None, held}:
        raise WrongCurrency(held, str(currency))
    return str(held)


def _upgrade(connection: Connection, config: Config, currency: str) -> None:
    revision = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerRecord(f"the record is at revision {revision!r}, newer than this software; upgrade it")
    config.attributes.update(connection=connection, version_table=VERSION_TABLE)
    command.upgrade(config, "head")
    if revision is None:
        connection.execute(SETTINGS.insert().values(id=1, currency=currency))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
