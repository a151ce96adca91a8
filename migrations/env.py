"""How alembic reaches the portal's database and tables."""

import logging
from time import sleep
from typing import Any, Literal

from alembic import context
from flask import current_app
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from portal.db import db, take_write_lock
from portal.models.base import UtcDateTime

LOCK_TIMEOUT_MS = 2_000
MOST_ATTEMPTS = 15
PAUSE_SECONDS = 1.0
ONE_UPGRADE = 0x6A6F6273  # any number that nothing else locks by

log = logging.getLogger("alembic.env")


def run_offline() -> None:
    """Write the statements instead of running them."""
    context.configure(
        url=db.engine.url.render_as_string(hide_password=False),
        target_metadata=db.metadata,
        literal_binds=True,
        **options(),
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Bring the database to the newest revision, in one transaction.

    A table that is being written to is waited for briefly, and then again: on PostgreSQL whoever comes
    after an ALTER TABLE that waits for its lock waits as well.
    """
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            _migrate(db.engine)
            return
        except OperationalError as error:
            if attempt == MOST_ATTEMPTS or not isinstance(error.orig, (LockNotAvailable, DeadlockDetected)):
                raise
        log.warning("A table is in use: attempt %d of %d failed, trying again.", attempt, MOST_ATTEMPTS)
        sleep(PAUSE_SECONDS)


def _migrate(engine: Engine) -> None:
    """Migrate with the right to write from the start, while everybody else goes on reading.

    SQLite cannot lift a transaction that has read to one that writes while others write. Two upgrades at
    the same time come one after the other, and the second finds nothing to do.
    """
    with engine.connect() as connection, connection.begin():
        take_write_lock(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_UPGRADE})
            connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
        context.configure(connection=connection, target_metadata=db.metadata, **options())
        with context.begin_transaction():
            context.run_migrations()


def options() -> dict[str, Any]:
    """Return what ``create_app`` chose for Flask-Migrate."""
    return {"render_item": render_item, **current_app.extensions["migrate"].configure_args}


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column type as what it is stored as: a revision must not change with the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


if context.is_offline_mode():
    run_offline()
else:
    run_online()
