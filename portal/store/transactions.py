"""Transactions: how each engine begins one, and the one way to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.extensions import db, session
from portal.models import Base

BUSY_TIMEOUT_MS = 15_000
MAPPED_BYTES = 2**30
LONGEST_SILENCE_MS = 60_000
_BEGIN = "sqlite_begin"

Row = TypeVar("Row", bound=Base)


def engine_options(database_url: str) -> dict[str, Any]:
    """Return how to make the engine: errors tell no values, and no lock is waited for or held for ever.

    PostgreSQL ends a transaction whose process fell silent in the middle of it, such as a paused one.
    """
    options: dict[str, Any] = {"hide_parameters": True}
    if database_url.startswith("postgresql"):
        limits = {"lock_timeout": BUSY_TIMEOUT_MS, "idle_in_transaction_session_timeout": LONGEST_SILENCE_MS}
        told = " ".join(f"-c {name}={value}" for name, value in limits.items())
        options["connect_args"] = {"options": told}
    return options


def configure_engines(app: Flask) -> None:
    """Prepare the application's engines; call it once, within ``create_app``."""
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "sqlite":
                _configure_sqlite(engine)


def _configure_sqlite(engine: Engine) -> None:
    """Write-ahead log, and transactions that say themselves how they begin."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")  # reading many rows copies no pages
        cursor.close()

    @event.listens_for(engine, "begin")
    def _(connection: DatabaseConnection) -> None:
        mode = connection.get_execution_options().get(_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def write() -> Iterator[Session]:
    """Open a write transaction and commit it at the end, or leave nothing of it.

    On SQLite the write lock is taken at once: a transaction that began by reading cannot be lifted
    to a writing one while others write. Everything read before is read anew. Never hold it around
    HTTP or password hashing.
    """
    current = session()
    current.rollback()
    current.connection(execution_options={_BEGIN: "IMMEDIATE"})
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise


def as_read(row: Row) -> Row:
    """Return the row as a value: what was read stays, whatever becomes of it in the database."""
    session().expunge(row)
    return row


def end_read() -> None:
    """End the read transaction, so that the next query sees what was committed since."""
    session().rollback()
