"""Whether a database takes changes is found out without leaving any, and without waiting for a lock."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from sqlalchemy import inspect, text

from portal.db import can_save, db, end_read, session, take_write_lock
from tests.support.full_database import full


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@contextmanager
def postgresql_with(setting: str) -> Iterator[None]:
    """The server as it is with this setting, in connections made from now on."""
    _alter(f"SET {setting}")
    try:
        yield
    finally:
        _alter("RESET ALL")


def _alter(change: str) -> None:
    end_read()
    with psycopg.connect(host=db.engine.url.query["host"], user="postgres", autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{db.engine.url.database}" {change}')
    db.engine.dispose()


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def test_one_that_takes_changes_does_and_nothing_is_left_in_it() -> None:
    def state() -> tuple[object, ...]:
        end_read()
        tables = tuple(inspect(db.engine).get_table_names())
        if not is_sqlite():
            return (tables, session().execute(text("SELECT count(*) FROM pg_class")).scalar())
        names = ("page_count", "freelist_count", "schema_version", "user_version")
        return (tables, *(session().execute(text(f"PRAGMA {name}")).scalar() for name in names))

    before = state()
    assert all(can_save() for _ in range(5))
    assert state() == before


def test_one_without_room_does_not_until_there_is() -> None:
    with full("jobs") if is_sqlite() else postgresql_with("temp_file_limit = 0"):
        assert not can_save()
    assert can_save()


def test_one_that_is_read_only_does_not(app: Flask) -> None:
    if not is_sqlite():
        with postgresql_with("default_transaction_read_only = on"):
            assert not can_save()
        assert can_save()
        return
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    assert not can_save()
    db.engine.dispose()
    assert can_save()


def test_one_that_somebody_else_writes_to_does() -> None:
    with db.engine.connect() as other, other.begin():
        take_write_lock(other)
        other.execute(text("UPDATE organisations SET revision = revision"))
        assert can_save()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # whose files are this process's
def test_one_whose_disk_takes_no_more_does_not() -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, usual[1]))  # no file may grow
    try:
        saves = can_save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not saves
    assert can_save()
