"""Rows are read within the session that there is, and without making one."""

from flask import Flask
from sqlalchemy import select

from portal.db import db, read_rows, session
from portal.models import Organisation

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
