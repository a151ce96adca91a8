"""PostgreSQL may stand behind a pooler, which hands each transaction to another of its connections."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import bindparam, create_engine, func, select
from sqlalchemy.exc import DataError, OperationalError

from portal.db import cause_of, connection, db, read_rows, transaction
from portal.models import Organisation
from portal.prepared_statements import execute

SLUGS = select(Organisation.slug)
LIMITS = ("lock_timeout", "idle_in_transaction_session_timeout")

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_a_transaction_waits_for_no_lock_and_holds_none_for_ever(app: Flask) -> None:
    with app.app_context(), transaction():
        assert [limit(connection(), name) for name in LIMITS] == ["15s", "1min"]


def test_a_query_alone_waits_for_no_lock_for_ever(app: Flask) -> None:
    with app.app_context():
        assert [tuple(row) for row in read_rows(select(func.current_setting("lock_timeout")), {})] == [
            ("15s",)
        ]


def test_a_connection_keeps_nothing_that_somebody_else_would_be_given(app: Flask) -> None:
    with app.app_context():
        for _ in range(10):
            with transaction():
                connection().execute(SLUGS)
            read_rows(SLUGS, {})
        with db.engine.connect() as used:
            driver: Any = used.connection.driver_connection
            assert driver.info.options == ""
            assert [limit(driver, name) for name in LIMITS] == ["0", "0"]
            assert driver.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


def test_nobody_meets_a_connection_that_ended_while_it_was_idle(app: Flask) -> None:
    with app.app_context():
        with db.engine.connect() as stays, db.engine.connect() as one, db.engine.connect() as other:
            end(stays, one, other)
        for _ in range(3):  # the pool hands out each in turn
            read_rows(SLUGS, {})


def test_the_first_connection_lost_in_use_is_the_last_that_anybody_meets(app: Flask) -> None:
    with app.app_context():
        with db.engine.connect() as stays, db.engine.connect() as lost, db.engine.connect() as other:
            end(stays, lost, other)
            with pytest.raises(OperationalError):
                execute(lost, SLUGS, {})
        for _ in range(3):
            read_rows(SLUGS, {})


def test_the_log_says_why_a_connection_was_refused_and_no_value_of_a_statement(app: Flask) -> None:
    with app.app_context():
        engine = create_engine(db.engine.url.set(database="nowhere"))
        with pytest.raises(OperationalError) as refused:
            engine.connect()
        with pytest.raises(DataError) as failed, db.engine.connect() as asking:
            execute(asking, SLUGS.where(func.to_number(bindparam("typed"), "9") > 1), {"typed": "Mara"})
    assert 'database "nowhere" does not exist' in cause_of(refused.value)
    assert cause_of(failed.value) == "InvalidTextRepresentation"


def end(by: DatabaseConnection, *connections: DatabaseConnection) -> None:
    """Have PostgreSQL end connections."""
    for each in connections:
        driver: Any = each.connection.driver_connection
        by.exec_driver_sql("SELECT pg_terminate_backend(%s, 10000)", (driver.info.backend_pid,))


def limit(connection: Any, name: str) -> str:
    """What a setting is in a connection, ours or the driver's."""
    execute = connection.exec_driver_sql if isinstance(connection, DatabaseConnection) else connection.execute
    return str(execute(f"SHOW {name}").fetchone()[0])
