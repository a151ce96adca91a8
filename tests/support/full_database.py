"""A database that has no room for more, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import event, select, text

from portal.db import db, end_read, session, write

FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$
"""


@contextmanager
def full(table: str) -> Iterator[None]:
    """No page more: SQLite is told so, and PostgreSQL finds no room for rows of the table."""
    end_read()
    within = _full_sqlite() if db.engine.dialect.name == "sqlite" else _full_postgresql(table)
    with within:
        yield


@contextmanager
def _full_sqlite() -> Iterator[None]:
    """The limit belongs to each database connection, and is set whenever one begins a transaction."""
    pages = session().execute(text("PRAGMA page_count")).scalar_one()
    limit = pages

    def set_limit(connection: DatabaseConnection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}")

    end_read()
    event.listen(db.engine, "begin", set_limit)
    try:
        yield
    finally:
        limit = 2**30
        end_read()
        session().execute(select(1))
        end_read()
        event.remove(db.engine, "begin", set_limit)
        db.engine.dispose()


@contextmanager
def _full_postgresql(table: str) -> Iterator[None]:
    trigger = f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION no_room()"
    with write() as current:
        current.execute(text(FULL))
        current.execute(text(trigger))
    try:
        yield
    finally:
        with write() as current:
            current.execute(text("DROP FUNCTION no_room CASCADE"))
