"""The database: sessions, and the one way to write."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from sqlite3 import SQLITE_BUSY
from sqlite3 import Error as SqliteError
from time import monotonic, sleep
from typing import Any, TypeVar, cast

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import CursorResult, Delete, Select, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.schema import SchemaItem

from portal.config import Settings
from portal.engines import BUSY_TIMEOUT_MS, configure_engine
from portal.models import Base
from portal.models.base import ONLY_ON
from portal.prepared_statements import execute
from portal.write_limit import writer_slot

# A session in a write transaction commits it itself: after a commit that failed, its rows are read anew.
_SESSIONS = {"expire_on_commit": False, "join_transaction_mode": "control_fully"}
db = SQLAlchemy(model_class=Base, session_options=_SESSIONS)


def session() -> Session:
    """Return the request's (or the task's) database session; in a write transaction it takes part in that."""
    current = cast(Session, db.session())
    if (writing := g.get(_WRITING)) is not None and not current.in_transaction():
        current.connection(bind_arguments={"bind": writing})
    return current


def connection() -> DatabaseConnection:
    """Return the connection of the write transaction, or else the session's.

    A write that needs no objects makes no session: to make and commit one costs more than a statement.
    """
    writing: DatabaseConnection | None = g.get(_WRITING)
    return session().connection() if writing is None else writing


def read_rows(query: Select[Any], given: dict[str, Any]) -> Sequence[Any]:
    """Return the rows of a query of columns; within the session, or without one where there is none yet.

    To make a session for one query, and to end it, takes longer than the query. Who has one must not take a
    second connection beside its own: enough who did would wait for each other.
    """
    if _WRITING in g or db.session.registry.has():
        return execute(connection(), query, given)
    with db.engine.connect() as reading:
        if reading.dialect.name == "postgresql":
            reading.begin()  # with the limit of how long a lock is waited for
        return execute(reading, query, given)


PROBED_BYTES = 2**16
KNOWS_TRANSACTION_TIMEOUT = (17,)
_WRITING = "write_transaction"
SHORTEST_PAUSE, LONGEST_PAUSE = 0.0001, 0.001  # seconds

Row = TypeVar("Row", bound=Base)


def is_of_this_database(item: SchemaItem, *_: object) -> bool:
    """Whether the kind of database in use has a table, column or index; migrations leave others alone."""
    kind = db.engine.dialect.name
    return bool(item.info.get(ONLY_ON, kind) == kind)


def configure_engines(app: Flask, settings: Settings) -> None:
    """Prepare the application's engines; call it once, within ``create_base_app``."""
    with app.app_context():
        for engine in db.engines.values():
            configure_engine(engine, settings)


def take_write_lock(connection: DatabaseConnection, patience: float = BUSY_TIMEOUT_MS / 1000) -> None:
    """Lift a transaction in which nothing was read yet to one that writes, as soon as no other does.

    Only SQLite has such a lock. Raises ``OperationalError`` where it is not free within ``patience`` seconds.

    SQLite itself asks ever more rarely, in the end ten times a second: the lock would be free for much of
    that time, and whoever comes meanwhile would be served first. Most writes take less than a millisecond.
    """
    if connection.dialect.name != "sqlite":
        return
    pause = SHORTEST_PAUSE
    cursor = connection.connection.cursor()
    deadline = monotonic() + patience
    cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        while (refusal := _refusal(cursor)) is not None:
            if refusal != SQLITE_BUSY or monotonic() > deadline:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails as every statement does
                return
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _refusal(cursor: Any) -> int | None:
    """Try to begin; return SQLite's primary result code where that failed."""
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except SqliteError as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF  # errors of the driver itself have none
    return None


@contextmanager
def write(patience: float = BUSY_TIMEOUT_MS / 1000, *, owner: int | None = None) -> Iterator[Session]:
    """Open a write transaction as ``transaction`` does, and give the session that takes part in it."""
    with transaction(patience, owner=owner):
        yield session()


@contextmanager
def transaction(patience: float = BUSY_TIMEOUT_MS / 1000, *, owner: int | None = None) -> Iterator[None]:
    """Open a write transaction and commit it at the end, or leave nothing of it.

    ``owner`` is the organisation whose lock will be waited for. Raises ``OperationalError`` where SQLite's
    write lock is not free within ``patience`` seconds, and ``TooManyWriters`` in a request while too many
    others write.

    On SQLite the write lock is taken at once: a transaction that began by reading cannot be lifted
    to a writing one while others write. Everything read before is read anew. Never hold it around
    HTTP or password hashing, nor begin it within another: raises ``RuntimeError``.
    """
    if _WRITING in g:
        raise RuntimeError("A write transaction is open already.")
    end_read()  # whoever waits for a place holds no connection
    with writer_slot(owner, patience), db.engine.connect() as writing:
        writing.begin()
        take_write_lock(writing, patience)
        setattr(g, _WRITING, writing)
        try:
            if db.session.registry.has():
                session()  # it may be used by way of a row that it knows
            yield
            (session() if db.session.registry.has() else writing).commit()
        except BaseException:
            end_read()
            raise
        finally:
            g.pop(_WRITING)


def can_save() -> bool:
    """Whether the database takes changes: it has room, and is not read-only. Leaves nothing behind.

    Waits for no lock: a database that somebody else writes to takes changes.
    """
    probe = _save_sqlite if db.engine.dialect.name == "sqlite" else _save_postgresql
    try:
        with db.engine.connect() as connection, connection.begin():
            take_write_lock(connection, 0)
            return probe(connection)
    except DBAPIError as error:
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == SQLITE_BUSY


def _save_sqlite(connection: DatabaseConnection) -> bool:
    """Ask for new pages, give them back, and have the commit write the first page as it was."""
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    with connection.begin_nested() as pages:
        connection.exec_driver_sql("CREATE TABLE room (content BLOB)")
        connection.exec_driver_sql("INSERT INTO room VALUES (zeroblob(?))", (PROBED_BYTES,))
        pages.rollback()
    connection.exec_driver_sql(f"PRAGMA user_version = {version}")
    return True


def _save_postgresql(connection: DatabaseConnection) -> bool:
    """Sort more than fits into memory: that takes room on the disk, for as long as the query runs."""
    read_only = connection.exec_driver_sql("SHOW transaction_read_only").scalar_one()
    connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
    numbers = "SELECT number FROM generate_series(1, 8000) number ORDER BY -number OFFSET 1"
    connection.exec_driver_sql(f"SELECT count(*) FROM ({numbers}) sorted")  # noqa: S608 - a constant
    return bool(read_only == "off")


def cause_of(error: Exception) -> str:
    """Say for the log why something failed, without a value that was sent.

    Of a connection that was refused the driver's own words, which name the server and the reason; of a
    statement the kind of error.
    """
    origin: Any = getattr(error, "orig", None)
    if origin is None:
        return type(error).__name__
    if isinstance(error, DBAPIError) and error.statement is None:
        return " ".join(str(origin).split())
    return str(getattr(origin, "sqlite_errorname", type(origin).__name__))


def end_if_late(after: timedelta) -> None:
    """Have PostgreSQL end this transaction, its locks with it, unless it is over or this is called again.

    Of a process that was paused while it sent many rows the server does not think that it is idle: only
    the newer limit of a transaction as a whole ends that. SQLite has no server that could.
    """
    connection = session().connection()
    if connection.dialect.name != "postgresql":
        return
    limit = str(max(1, int(after.total_seconds() * 1000)))
    limits = [("idle_in_transaction_session_timeout", limit)]
    if (connection.dialect.server_version_info or ()) >= KNOWS_TRANSACTION_TIMEOUT:
        limits += [("transaction_timeout", "0"), ("transaction_timeout", limit)]  # 0 stops the clock
    connection.execute(select(*(func.set_config(name, value, True) for name, value in limits)))


def end_earlier(work: str, generation: int) -> None:
    """Have PostgreSQL end other connections that do the same work in an earlier generation.

    Its own limits end a transaction whose process was stopped, but not in the midst of a ``COPY``: there the
    server waits for more rows, and whoever comes after it waits for the keys of those it was sent. SQLite has
    no server that could.
    """
    connection = session().connection()
    if connection.dialect.name != "postgresql":
        return
    earlier = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = current_user AND datname = current_database()"  # it lists all of the server's
        " AND application_name LIKE :work || '/%'"
        " AND CASE WHEN application_name ~ '/[0-9]{1,9}$'"
        " THEN split_part(application_name, '/', 2)::int < :generation ELSE false END"
    )
    connection.execute(text(earlier), {"work": work, "generation": generation})
    connection.execute(select(func.set_config("application_name", f"{work}/{generation}", True)))


def detached(row: Row) -> Row:
    """Return the row as a value: what was read stays, whatever becomes of it in the database."""
    session().expunge(row)
    return row


def as_value(kind: type[Row], columns: Iterable[Any]) -> Row:
    """Return a row, of which all columns come first among these, as a value that no session knows."""
    value = cast(Row, inspect(kind).class_manager.new_instance())
    vars(value).update(zip(_names(kind), columns, strict=False))  # no change to be noted
    return value


@cache
def _names(kind: type[Base]) -> tuple[str, ...]:
    return tuple(kind.__table__.c.keys())


def end_read() -> None:
    """End the read transaction, so that the next query sees what was committed since."""
    if db.session.registry.has():
        db.session.rollback()


def count_deleted(statement: Delete) -> int:
    """Delete rows, and return how many went."""
    result = session().execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
