"""Edits by four people while syncs run and their workers are killed: every acknowledged one stands."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db, end_read, session
from portal.domain.sync.runs import RunStatus
from portal.models import Connection, Edit, Job, User
from portal.store.edits import version_of
from tests.support.app import Cast, PortalClient
from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE
from tests.support.staff import LEASE, Staff, begin, jobs_on, stored, wait_for

pytestmark = pytest.mark.usefixtures("in_app")
PEOPLE = 4
FIELDS = ("location", "department", "hiring_manager", "summary")
Saved = tuple[int, str, int, str]


@pytest.fixture
def lease_seconds() -> int:
    """Short: whoever was killed loses it soon."""
    return LEASE


class Person:
    """Somebody who edits one field after the other, of jobs that others edit as well."""

    def __init__(self, app: Flask, user: User, number: int, job_ids: list[int]) -> None:
        self._app, self._number, self._job_ids = app, number, job_ids
        self._browser = PortalClient(app).become(user)
        self._random = random.Random(number)
        self.saved: list[Saved] = []
        self.refused = 0

    def edit(self, times: int, second_run: Event) -> None:
        """Save so many values, each from the version that stands; one who comes second tries again.

        The second half of them waits for the second run.
        """
        while len(self.saved) < times:
            if len(self.saved) * 2 >= times:
                assert second_run.wait(PATIENCE)
            job_id, field = self._random.choice(self._job_ids), self._random.choice(FIELDS)
            with self._app.app_context():
                version = version_of(job_id, field)
                db.session.remove()
            value = f"{field} {self._number}-{len(self.saved)}-{self.refused}"
            path = f"/orgs/northwind/jobs/{job_id}/fields/{field}"
            status = self._browser.post(path, data={"value": value, "version": version}).status_code
            assert status in (200, 303, 409), status
            if status == 409:
                self.refused += 1
            else:
                self.saved.append((job_id, field, version + 1, value))


def disturb(
    app: Flask, staff: Staff, board: DemoBoard, connection: Connection, over: Event, second_run: Event
) -> int:
    """Change every post and sync again and again, and kill the worker during every third; how many runs."""
    runs = 0
    with app.app_context():
        while not over.is_set():
            runs += 1
            for post in board.posts[:: 1 + runs % 5]:
                board.edit(
                    post["id"], title=f"{post['title'].split(' #')[0]} #{runs}", location=f"Place {runs}"
                )
            run_id = begin(connection)
            if runs > 1:
                second_run.set()
            wait_for(run_id, RunStatus.RUNNING, RunStatus.SUCCEEDED)
            if runs % 3 == 0:
                for worker in staff.workers[:]:
                    if not staff.is_idle(worker):
                        staff.kill(worker)
            wait_for(run_id, RunStatus.SUCCEEDED, RunStatus.FAILED)
    return runs


def edits_stand(
    app: Flask, cast: Cast, staff: Staff, board: DemoBoard, connection: Connection, each: int
) -> None:
    """Let four people make ``each`` edits during syncs, and look for every one of them."""
    end_read()
    job_ids = list(session().scalars(select(Job.id).order_by(Job.id).limit(8)))
    end_read()
    people = [Person(app, cast.mara, number, job_ids) for number in range(PEOPLE)]
    over, second_run = Event(), Event()
    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        syncs = pool.submit(disturb, app, staff, board, connection, over, second_run)
        try:
            list(pool.map(lambda person: person.edit(each, second_run), people))
        finally:
            over.set()
        assert syncs.result() >= 2
    saved = [edit for person in people for edit in person.saved]
    assert len({edit[:3] for edit in saved}) == len(saved) == PEOPLE * each
    last = {(job_id, field): value for job_id, field, _, value in sorted(saved, key=lambda edit: edit[2])}
    end_read()
    for (job_id, field), value in last.items():
        assert getattr(session().get_one(Job, job_id), field) == value
    query = select(Edit.job_id, Edit.field, Edit.version)
    assert {tuple(row) for row in session().execute(query)} == {edit[:3] for edit in saved}
    wait_for(begin(connection), RunStatus.SUCCEEDED)
    assert stored(connection.organisation_id) == jobs_on(board)


def test_eighty_edits_during_syncs_and_kills_all_stand(
    app: Flask, cast: Cast, staff: Staff, board: DemoBoard, connection: Connection
) -> None:
    edits_stand(app, cast, staff, board, connection, 20)


@pytest.mark.nightly
def test_eight_hundred_edits_during_syncs_and_kills_all_stand(
    app: Flask, cast: Cast, staff: Staff, board: DemoBoard, connection: Connection
) -> None:
    edits_stand(app, cast, staff, board, connection, 200)
