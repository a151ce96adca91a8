"""Rows are read within the session or the write transaction that there is, and without making one."""

from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.actions.changing import changing
from portal.db import connection, db, read_rows, session, transaction, write
from portal.models import Membership, Organisation
from portal.store.people import present_revision
from tests.support.databases import on_sqlite

SLUGS = select(Organisation.slug)


def test_a_query_alone_makes_no_session(app: Flask) -> None:
    with app.app_context():
        read_rows(SLUGS, {})
        assert not db.session.registry.has()


def test_a_session_that_is_there_says_what_it_has_not_committed(app: Flask) -> None:
    with app.app_context():
        session().add(Organisation(slug="unsaid", name="Unsaid"))
        session().flush()
        assert ("unsaid",) in read_rows(SLUGS, {})
        session().rollback()


def test_a_write_transaction_without_objects_makes_no_session(app: Flask) -> None:
    with app.app_context():
        with write() as writing:
            writing.add(organisation := Organisation(slug="plain", name="Plain"))
        db.session.remove()
        with changing(organisation.id) as change:
            change.raise_revision()
            assert read_rows(select(Organisation.revision), {})[-1] == (change.revision,)
        assert not db.session.registry.has()
        assert present_revision(organisation.id) == change.revision


def test_a_row_read_before_takes_part_in_the_write_transaction(app: Flask) -> None:
    with app.app_context():
        with write() as writing:
            writing.add(organisation := Organisation(slug="before", name="Before"))
        session().refresh(organisation)
        with transaction():
            connection().execute(update(Organisation).values(name="Meanwhile"))
            assert organisation.name == "Meanwhile"
            organisation.name = "After"
        assert read_rows(select(Organisation.name), {})[-1] == ("After",)


def test_a_write_transaction_that_fails_leaves_nothing_of_rows_or_statements(app: Flask) -> None:
    with app.app_context():
        with write() as writing:
            writing.add(Organisation(slug="stays", name="Stays"))
        with suppress(RuntimeError), transaction():
            connection().execute(update(Organisation).values(name="Written"))
            session().add(Organisation(slug="added", name="Added"))
            raise RuntimeError
        assert ("Written",) not in read_rows(select(Organisation.name), {})
        assert ("added",) not in read_rows(SLUGS, {})


def test_a_write_transaction_stands_in_no_other(app: Flask) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError), write():
        pass


@on_sqlite  # which looks at these keys as late as the commit where it is told so
def test_no_row_says_what_a_commit_failed_to_keep(app: Flask) -> None:
    with app.app_context():
        with write() as writing:
            writing.add(organisation := Organisation(slug="kept", name="Before"))
        with suppress(IntegrityError), transaction():
            organisation.name = "After"
            session().flush()
            connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            of_nobody = {"organisation_id": organisation.id, "user_id": 999, "role": "admin"}
            connection().execute(insert(Membership).values(of_nobody))
        assert organisation.name == "Before"
