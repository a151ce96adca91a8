"""Jobs to edit in bulk, and an own job beside the imported one that it is paired with."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.actions.jobs.own_jobs import add_job
from portal.db import end_read, session
from portal.domain.jobs.fields import Source
from portal.models import Connection, Job
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.office import SALARY, Office
from tests.support.pairing import WRITTEN
from tests.support.syncs import Sync


@pytest.fixture
def office(app: Flask, cast: Cast) -> Iterator[Office]:
    with app.app_context():
        yield Office(cast)


@pytest.fixture
def three(make_job: Callable[..., int]) -> list[int]:
    """An own job in Porto, one in Lisbon, and an imported one of which Greenhouse says Berlin."""
    said = {"location": "Berlin", "salary": SALARY, "closes_on": "2031-05-04"}
    return [
        make_job(title="Welder", location="Porto", tags=["sea"]),
        make_job(title="Rigger", location="Lisbon"),
        make_job(title="Diver", source="greenhouse", board_token="n", external_id=1, source_values=said),
    ]


@pytest.fixture
def title(board: DemoBoard) -> str:
    """The title of one post of the board, which no other bears."""
    titles = [post["title"] for post in board.posts if post["internal_job_id"]]
    return next(str(title) for title in titles if titles.count(title) == 1)


@pytest.fixture
def own(connection: Connection, title: str) -> Job:
    """An own job with that title, typed otherwise."""
    return add_job(connection.organisation_id, {"title": f" {title.upper()}", **WRITTEN})


@pytest.fixture
def imported(own: Job, sync: Sync, title: str) -> Callable[[], Job]:
    """The imported job of that title, as the database has it now."""
    sync()

    def find() -> Job:
        end_read()
        jobs = session().query(Job).filter_by(title=title, source=Source.GREENHOUSE).populate_existing()
        return jobs.one()

    return find
