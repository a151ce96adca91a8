"""A prepared statement reads, writes and fails as SQLAlchemy's own execution does."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.db import connection, db, read_rows, transaction
from portal.models import Edit, Job, Organisation
from portal.prepared_statements import execute
from portal.store.people import next_revision, present_revision
from tests.support.app import Cast, MakeJob
from tests.support.databases import on_sqlite

JOBS = select(Job.__table__).order_by(Job.id)
EAST = timezone(timedelta(hours=9))
MOMENT = datetime(2026, 3, 1, 8, 30, 0, 50, EAST)


def test_rows_are_what_sqlalchemy_reads(app: Flask, make_job: MakeJob) -> None:
    make_job(tags=["steel", "Łódź"], closes_on=date(2026, 3, 1), deleted_at=MOMENT, source_values={"a": [1]})
    make_job(featured=True, salary_min=2**40)
    with app.app_context(), db.engine.connect() as reading:
        rows = execute(reading, JOBS, {})
        assert rows == [tuple(row) for row in reading.execute(JOBS)]
        assert rows[0].deleted_at == MOMENT
        assert rows[0].deleted_at.tzinfo is UTC


def test_a_constant_of_the_statement_stands_beside_what_it_is_given(app: Flask, cast: Cast) -> None:
    with app.app_context():
        before, others = (present_revision(each.id) for each in (cast.northwind, cast.cafe))
        with transaction():
            assert next_revision(cast.northwind.id) == before + 1
        assert present_revision(cast.northwind.id) == before + 1
        assert present_revision(cast.cafe.id) == others


def test_what_was_written_counts_only_once_it_is_committed(app: Flask, cast: Cast) -> None:
    with app.app_context():
        before = present_revision(cast.northwind.id)
        with suppress(RuntimeError), transaction():
            next_revision(cast.northwind.id)
            raise RuntimeError
        assert present_revision(cast.northwind.id) == before


def test_an_error_is_sqlalchemys_and_tells_no_values(app: Flask, cast: Cast) -> None:
    columns = Organisation.__table__.c
    statement = (
        update(Organisation.__table__).where(columns.id == bindparam("of")).values(slug=bindparam("new"))
    )
    given = {"of": cast.northwind.id, "new": cast.cafe.slug}
    with app.app_context(), pytest.raises(IntegrityError) as caught, transaction():
        execute(connection(), statement, given)
    assert "UPDATE organisations SET slug" in str(caught.value)
    assert caught.value.params is None


@on_sqlite
def test_what_only_sqlalchemy_can_make_is_refused(app: Flask) -> None:
    with app.app_context():
        edit = insert(Edit.__table__).values(job_id=bindparam("job_id"))
        for statement in (edit, select(Job.id).where(Job.id.in_([1, 2]))):
            with pytest.raises(ValueError, match="for SQLAlchemy"):
                read_rows(statement, {})


@on_sqlite
def test_a_time_is_stored_as_text_that_sorts(app: Flask, make_job: MakeJob) -> None:
    make_job(deleted_at=MOMENT)
    make_job(deleted_at=MOMENT.replace(microsecond=0))
    with app.app_context(), db.engine.connect() as reading:
        stored = reading.exec_driver_sql("SELECT deleted_at FROM jobs ORDER BY id").scalars().all()
    assert stored == ["2026-02-28 23:30:00.000050", "2026-02-28 23:30:00.000000"]
