"""The two databases a record can live in, and the one writer's turn that both keep.

SQLite is opened in WAL mode with `synchronous=FULL`: what was committed survives a power cut. The writer's turn is
`BEGIN IMMEDIATE` there and an advisory lock of the transaction in PostgreSQL, so that positions are read and given
out under the same lock.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pg8000.exceptions
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, text

from features.record.errors import Unavailable, UnknownStore

_TURN = 0x64697665  # any constant: advisory locks are counted within one database
_TAKE_TURN = text(f"SELECT pg_advisory_xact_lock({_TURN})")
_BEGIN = "record_begin"
FOLD_PAGES = 4_000
"""Pages of SQLite's write-ahead log, 16 MB, from which a commit itself puts them into the database."""

CACHE_KB = 16_384
"""Pages of SQLite's file that a connection keeps in memory: the upper ones of all indexes of a long history."""

_AWAY = ("08", "53", "55P03", "57", "58")
"""SQLSTATEs of a server that is gone, full, or kept us waiting (PostgreSQL manual, appendix A)."""


def engine(url: str, patience_s: float) -> Engine:
    """The engine for an address; creates the folder of a SQLite file.

    Raises `UnknownStore` for anything but a SQLite file and PostgreSQL.
    """
    try:
        address = make_url(url)
    except exc.ArgumentError as error:
        raise UnknownStore(f"url: {url!r} is no address; write sqlite:///var/record.db") from error
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, patience_s)
    if address.get_backend_name() in {"postgresql", "postgres"}:
        return _postgresql(address, patience_s)
    raise UnknownStore(f"url: {address.drivername!r} cannot hold a record; use sqlite or postgresql+pg8000")


def _sqlite(address: URL, patience_s: float) -> Engine:
    if address.database in {None, "", ":memory:"}:
        raise UnknownStore("url: a record lives in a file; write sqlite:///var/record.db")
    try:
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"cannot create the folder of {address.database}: {error}") from error
    made = create_engine(
        address.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        pool_use_lifo=True,  # the connection used last still holds the pages that it read
    )

    @event.listens_for(made, "connect")
    def _configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not where the driver guesses
        for pragma in (
            f"busy_timeout={int(patience_s * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"wal_autocheckpoint={FOLD_PAGES}",
            f"cache_size={-CACHE_KB}",
            "journal_size_limit=67108864",  # a large import must not leave a large WAL behind
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        driver(connection).execute(connection.get_execution_options().get(_BEGIN, "BEGIN")).close()

    return made


def _postgresql(address: URL, patience_s: float) -> Engine:
    folder = address.query.get("host")
    if isinstance(folder, str) and folder.startswith("/"):  # libpq's way of naming a socket
        socket = f"{folder}/.s.PGSQL.{address.port or 5432}"
        address = address.difference_update_query(["host"]).update_query_dict({"unix_sock": socket})
    made = create_engine(
        address.set(drivername="postgresql+pg8000"),
        hide_parameters=True,  # errors are for logs, orders are not
        client_encoding="utf8",
        isolation_level="READ COMMITTED",  # after the writer's turn came, the next statement sees all before it
        pool_pre_ping=True,
    )

    @event.listens_for(made, "connect")
    def _configure(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {int(patience_s * 1000)}")
        connection.commit()
        cursor.close()

    return made


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read from."""
    with reaching(engine), engine.connect() as connection:
        yield connection


@contextmanager
def turn(engine: Engine) -> Iterator[Connection]:
    """The writer's turn: one transaction under the lock, committed at the end, rolled back on any error."""
    with closing(Turns(engine)) as turns, turns.turn() as connection:
        yield connection


class Turns:
    """The writer's turns in one database, one at a time.

    A connection to SQLite is kept from one turn to the next, and with it the pages that it read, for as long as all
    goes well.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._kept = engine, engine.dialect.name == "sqlite"
        self._connection: Connection | None = None

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """A transaction under the lock, committed at the end, rolled back on any error."""
        with reaching(self._engine):
            connection, self._connection = self._connection or self._connected(), None
            try:
                with connection.begin():
                    if not self._kept:
                        connection.execute(_TAKE_TURN)
                    yield connection
            except BaseException:
                connection.close()
                raise
            if self._kept:
                self._connection = connection
            else:
                connection.close()

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> Connection:
        return self._engine.connect().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def fold(engine: Engine) -> None:
    """Put what SQLite's write-ahead log holds into the database file, beside readers and writers.

    Else a commit has to do it now and then, and whoever waits for that one waits long.
    """
    if engine.dialect.name == "sqlite":
        with reaching(engine), closing(engine.raw_connection()) as own:
            own.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()  # type: ignore[union-attr] # it is there


def driver(connection: Connection) -> Any:
    """The driver's own connection, for what SQLAlchemy's statement costs more than the database's work."""
    return connection.connection.driver_connection


def rows(connection: Connection, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """The rows of a statement, ``?`` standing for each value, by way of the driver: for what every turn asks."""
    if connection.dialect.name == "sqlite":
        found: list[Any] = driver(connection).execute(statement, values).fetchall()
        return found
    with cursor(connection) as own:
        own.execute(statement.replace("?", "%s"), values)
        return list(own.fetchall())


@contextmanager
def cursor(connection: Connection) -> Iterator[Any]:
    """The driver's own cursor; a connection interrupted in the midst of its conversation is not used again."""
    own = connection.connection.cursor()
    try:
        yield own
    except Exception:
        raise
    except BaseException:
        connection.invalidate()
        raise
    finally:
        own.close()


@contextmanager
def reaching(engine: Engine) -> Iterator[None]:
    """Turn the many ways of a store being away into `Unavailable`."""
    try:
        yield
    except ConnectionError as error:  # pg8000 passes on what happens to its socket while it rolls back
        raise Unavailable(f"{engine.url.render_as_string()} cannot be reached now: {error}") from error
    except (exc.DBAPIError, exc.TimeoutError, pg8000.exceptions.Error, sqlite3.Error) as error:
        where = engine.url.render_as_string()
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise UnknownStore(f"url: {where} is a file, but no SQLite database; choose another path") from error
        if not _away(error, cause):
            raise
        raise Unavailable(f"{where} cannot be reached now: {error}") from error


def _away(error: Exception, cause: BaseException | None) -> bool:
    if isinstance(error, exc.TimeoutError | exc.OperationalError | exc.InterfaceError):
        return True
    if isinstance(cause, pg8000.exceptions.InterfaceError | sqlite3.OperationalError):
        return True
    said = cause.args[0] if cause is not None and cause.args else None
    # What is fatal ends the session: the server is going, full, or does not let us in.
    return isinstance(said, dict) and (said.get("V") == "FATAL" or str(said.get("C", "")).startswith(_AWAY))
