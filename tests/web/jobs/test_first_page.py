"""What the page of a job costs the database when nobody asked for it yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import decompress

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.db import db
from tests.support.app import PortalClient
from tests.support.statements import Sent, statements_sent

JOBS = "/orgs/northwind/jobs"
MakeJob = Callable[..., int]


@contextmanager
def watched_connections(app: Flask) -> Iterator[tuple[list[Sent], list[int]]]:
    """Collect the statements that are sent, and how many connections are in use whenever one is taken."""
    in_use = [0]

    def take(*_: object) -> None:
        in_use.append(engine.pool.checkedout())  # type: ignore[attr-defined] # a queue of connections

    with app.app_context():
        engine = db.engine
    event.listen(engine, "checkout", take)
    try:
        with statements_sent(engine) as statements:
            yield statements, in_use
    finally:
        event.remove(engine, "checkout", take)


def test_it_reads_the_organisation_the_job_and_its_other_posts_if_there_are_any(
    app: Flask, make_job: MakeJob
) -> None:
    alone = make_job(internal_job_id=6, board_token="acme")
    posts = [make_job(internal_job_id=7, board_token="acme", location=place) for place in ("Porto", "Faro")]
    browser, as_browsers_do = FlaskClient(app, use_cookies=False), {"Accept-Encoding": "gzip"}
    browser.get(f"{JOBS}/{posts[0]}", headers=as_browsers_do)  # what all are compared with is known by now
    for job_id, count in ((posts[1], 3), (alone, 2)):
        with watched_connections(app) as (statements, _):
            page = browser.get(f"{JOBS}/{job_id}", headers=as_browsers_do)
        assert len(statements) == count
        assert (b"Also in" in decompress(page.data)) == (job_id != alone)


@pytest.mark.parametrize("who", ["client", "mara"])
def test_nobody_takes_a_second_connection_while_they_have_one(
    app: Flask, request: pytest.FixtureRequest, make_job: MakeJob, who: str
) -> None:
    reader: PortalClient = request.getfixturevalue(who)
    job_id = make_job(internal_job_id=7, board_token="northwind")
    with watched_connections(app) as (_, in_use):
        assert reader.get(f"{JOBS}/{job_id}").status_code == 200
    assert max(in_use) == 1
