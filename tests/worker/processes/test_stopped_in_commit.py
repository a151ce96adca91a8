"""A worker that is stopped in the middle of its commit: its locks end, and nothing of it ever shows.

PostgreSQL ends its transaction. SQLite has no server that could: README says what helps there.
"""

import json
import signal
from time import sleep

import pytest
from redis import Redis

from portal.config import Settings
from portal.db import write
from portal.domain.sync.runs import RunStatus
from portal.models import Connection
from portal.store.people import next_revision
from tests.bench.board import post
from tests.support.board_server import DemoBoard
from tests.support.forked import Forked
from tests.support.processes import wait_until
from tests.support.staff import LEASE, Staff, begin, connect, revision_of, run_now, send, stored, wait_for

pytestmark = [
    pytest.mark.usefixtures("in_app"),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
POSTS = 3000
SHORT = "&lt;p&gt;Climb the mast.&lt;/p&gt;"  # most of an import is reading what posts say
TRIES = 5


@pytest.fixture
def lease_seconds() -> int:
    """Short: whoever was killed loses it soon."""
    return LEASE


@pytest.fixture
def titles(board: DemoBoard) -> dict[int, str]:
    """A large board's."""
    posts = [post(number, content=SHORT) for number in range(POSTS)]
    board.set_posts("large", posts)
    return {each["id"]: each["title"] for each in posts}


def is_writing(redis: Redis, run_id: int) -> bool:
    told = json.loads(redis.get(f"portal:progress:{run_id}") or "{}")
    return told.get("phase") == "writing" and 0 < told["done"] < POSTS


def stopped_while_writing(staff: Staff, settings: Settings, worker: Forked) -> tuple[Connection, int]:
    """A connection and its run; the worker was stopped while it wrote."""
    with Redis.from_url(settings.redis_url) as redis:
        for number in range(TRIES):
            connection = connect(f"org-{number}", "large")
            run_id = begin(connection)
            while run_now(run_id).status in (RunStatus.QUEUED, RunStatus.RUNNING):
                if is_writing(redis, run_id):
                    send(worker.pid, signal.SIGSTOP)
                    if run_now(run_id).status == RunStatus.RUNNING:
                        return connection, run_id
                    send(worker.pid, signal.SIGCONT)
                sleep(0.005)
    pytest.fail("every import was over before it could be stopped")


def test_it_blocks_nobody_for_longer_than_its_lease_and_its_run_is_taken_up(
    staff: Staff, board: DemoBoard, settings: Settings, titles: dict[int, str]
) -> None:
    other = connect("other", board.token)
    staff.tick()
    stopped = staff.worker()
    connection, run_id = stopped_while_writing(staff, settings, stopped)
    staff.worker()

    def nothing_or_all() -> None:
        assert stored(connection.organisation_id) in ({}, titles)

    with write():
        next_revision(other.organisation_id)  # an edit waits no longer than for a lock
    run = wait_for(run_id, RunStatus.SUCCEEDED, look=nothing_or_all)
    assert run.attempt > 1
    assert stored(connection.organisation_id) == titles
    before = revision_of(connection.organisation_id)
    send(stopped.pid, signal.SIGCONT)
    wait_until(lambda: staff.is_idle(stopped), "the worker to give up")
    after = run_now(run_id)
    assert (after.generation, after.finished_at) == (run.generation, run.finished_at)
    assert revision_of(connection.organisation_id) == before
    assert stored(connection.organisation_id) == titles


def test_with_no_tick_it_holds_up_no_edit_and_commits_nothing_after_its_lease(
    staff: Staff, settings: Settings, titles: dict[int, str]
) -> None:
    worker = staff.worker()
    connection, _ = stopped_while_writing(staff, settings, worker)
    with write():
        next_revision(connection.organisation_id)
    assert stored(connection.organisation_id) == {}
    sleep(LEASE + 0.5)
    send(worker.pid, signal.SIGCONT)
    wait_until(lambda: staff.is_idle(worker), "the worker to give up")
    assert worker.poll() is None
    assert stored(connection.organisation_id) == {}
    wait_for(begin(connect("another", "large")), RunStatus.SUCCEEDED)  # what broke is not used again
