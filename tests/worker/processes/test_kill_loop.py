"""Workers killed at random moments of an import: nothing half-written shows, and it ends well unaided."""

import random
from threading import Event

import pytest
from sqlalchemy import func, select

from portal.actions.sync.lease import lease
from portal.db import end_read, session, write
from portal.domain.sync.runs import RunStatus
from portal.models import Connection, SyncChange, SyncRun
from portal.models.base import utc_now
from tests.bench.board import post
from tests.support.board_server import DemoBoard
from tests.support.staff import Staff, begin, connect, run_now, stored, wait_for

POSTS, LENGTH = 150, 2_000  # so that an import takes a part of a second


def kill_at_random_moments(staff: Staff, board: DemoBoard, moments: int) -> None:
    """Import the board anew, each time for a new organisation, and kill who imports it."""
    posts = [each | {"content": each["content"][:LENGTH]} for each in map(post, range(POSTS))]
    board.set_posts("large", posts)
    titles = {each["id"]: each["title"] for each in posts}
    rng = random.Random(moments)
    staff.tick()
    staff.worker()
    longest = min(undisturbed(f"undisturbed-{number}") for number in range(2))
    interrupted = 0
    for number in range(moments):
        connection = connect(f"org-{number}", "large")

        def nothing_or_all(organisation_id: int = connection.organisation_id) -> None:
            assert stored(organisation_id) in ({}, titles)

        run_id = begin(connection)
        if number % 4 != 3:  # every fourth may be struck before it starts
            wait_for(run_id, RunStatus.RUNNING, RunStatus.SUCCEEDED)
        Event().wait(rng.uniform(0, longest))  # the random moment
        interrupted += run_now(run_id).status == RunStatus.RUNNING
        staff.kill(staff.workers[0])
        nothing_or_all()
        let_lapse(run_id)
        run = wait_for(run_id, RunStatus.SUCCEEDED, look=nothing_or_all)
        assert stored(connection.organisation_id) == titles
        assert run.created == changes_of(run_id) == POSTS
        assert session().get_one(Connection, connection.id).last_synced_at is not None
    assert interrupted >= moments / 4, "too few imports were hit"


def undisturbed(slug: str) -> float:
    """How many seconds an import takes that nobody disturbs."""
    run = wait_for(begin(connect(slug, "large")), RunStatus.SUCCEEDED)
    assert run.finished_at is not None
    assert run.started_at is not None
    return (run.finished_at - run.started_at).total_seconds()


def let_lapse(run_id: int) -> None:
    """Let the lease of whoever was killed run out now: nobody is there who would renew it.

    Who was killed with the message taken and the run not yet begun held it for as long.
    """
    with write() as current:
        run = current.get_one(SyncRun, run_id)
        if run.status == RunStatus.RUNNING:
            run.lease_until = utc_now()
        elif run.enqueued_at is not None:
            run.enqueued_at -= lease()


def changes_of(run_id: int) -> int:
    end_read()
    return session().scalar(select(func.count()).where(SyncChange.run_id == run_id)) or 0


@pytest.mark.usefixtures("in_app")
def test_killed_at_some_moments_an_import_is_whole_or_not_there(staff: Staff, board: DemoBoard) -> None:
    kill_at_random_moments(staff, board, 6)


@pytest.mark.nightly
@pytest.mark.usefixtures("in_app")
def test_killed_at_forty_moments_an_import_is_whole_or_not_there(staff: Staff, board: DemoBoard) -> None:
    kill_at_random_moments(staff, board, 40)
