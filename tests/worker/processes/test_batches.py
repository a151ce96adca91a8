"""One worker carries out the runs that wait, one after the other."""

import pytest
from redis import Redis

from portal.config import Settings
from portal.domain.sync.runs import RunStatus
from tests.support.board_server import DemoBoard
from tests.support.staff import Staff, begin, connect, jobs_on, stored, wait_for

pytestmark = pytest.mark.usefixtures("in_app")


def test_what_waits_is_carried_out_once_each_and_leaves_nothing_in_the_queue(
    staff: Staff, board: DemoBoard, settings: Settings
) -> None:
    connections = [connect(f"org-{number}", board.token) for number in range(3)]
    runs = [begin(connection) for connection in connections]
    staff.worker()
    ended = [wait_for(run, RunStatus.SUCCEEDED) for run in runs]
    assert {run.attempt for run in ended} == {1}
    assert all(stored(each.organisation_id) == jobs_on(board) for each in connections)
    assert len(board.requests) == len(runs)
    with Redis.from_url(settings.redis_url) as redis:
        assert redis.llen("rq:queue:sync") == 0
        assert len(redis.keys("rq:job:sync-run-*")) <= 1  # the one that is just ending
