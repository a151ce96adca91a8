"""Boards that do not answer hold up each other, and nobody else once they are known."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from portal.config import Settings
from portal.db import write
from portal.domain.sync.runs import RunStatus
from portal.models import Connection
from portal.queues import CHORES_QUEUE, SLOW_QUEUE, SYNC_QUEUE
from tests.support import faults
from tests.support.fault_server import Exchange, FaultServer
from tests.support.staff import Staff, begin, connect, run_now, wait_for

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Who waits for whom follows from queues; which board is slow, test_tick.py tries on both databases."""
    return sqlite_url


@pytest.fixture
def greenhouse() -> Iterator[FaultServer]:
    """Answers for every board but “silent”."""
    good = faults.normal(faults.board(faults.post(1)))

    def answer(to: Exchange) -> None:
        faults.silence(to) if "/silent/" in to.request.path else good(to)

    with FaultServer() as server:
        server.answer(answer)
        yield server


@pytest.fixture
def settings(settings: Settings, greenhouse: FaultServer) -> Settings:
    return replace(settings, greenhouse_api_url=greenhouse.url)


def test_boards_that_were_slow_last_time_wait_for_each_other_and_for_nobody_else(staff: Staff) -> None:
    slow = [connect(f"silent-{number}", "silent") for number in range(3)]
    with write() as current:
        current.execute(update(Connection).values(slow=True))
    silent = [begin(connection) for connection in slow]
    behind = [begin(connect(f"org-{number}", "good")) for number in range(5)]
    staff.worker(SYNC_QUEUE)
    staff.worker(CHORES_QUEUE, SLOW_QUEUE)
    for run_id in behind:
        assert wait_for(run_id, RunStatus.SUCCEEDED, RunStatus.FAILED).status == RunStatus.SUCCEEDED
    wait_for(silent[0], RunStatus.RUNNING)
    late = begin(connect("late", "good"))
    wait_for(late, RunStatus.SUCCEEDED)
    assert (run_now(silent[0]).status, run_now(silent[0]).generation) == (RunStatus.RUNNING, 1)
    assert {run_now(run_id).status for run_id in silent[1:]} == {RunStatus.QUEUED}


def test_one_that_falls_silent_for_the_first_time_holds_up_one_worker_of_two(staff: Staff) -> None:
    silent = begin(connect("silent", "silent"))
    staff.worker(SYNC_QUEUE)
    wait_for(silent, RunStatus.RUNNING)
    staff.worker(SYNC_QUEUE)
    behind = [begin(connect(f"org-{number}", "good")) for number in range(5)]
    for run_id in behind:
        assert wait_for(run_id, RunStatus.SUCCEEDED, RunStatus.FAILED).status == RunStatus.SUCCEEDED
    assert (run_now(silent).status, run_now(silent).generation) == (RunStatus.RUNNING, 1)
