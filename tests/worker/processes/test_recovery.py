"""Whatever takes worker, queue or database away for a while: a run goes on unaided, never half-written."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import rmtree
from time import sleep

import psycopg
import pytest
from redis import Redis
from rq import Worker
from sqlalchemy.engine import make_url

from portal.config import Settings
from portal.db import write
from portal.domain.sync.runs import RunStatus, WaitingRun
from portal.models import Connection
from portal.models.base import utc_now
from portal.queues import enqueue_runs
from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE, is_alive, wait_until
from tests.support.redis_server import running_redis
from tests.support.staff import (
    LEASE,
    Staff,
    begin,
    children_of,
    connect,
    held,
    jobs_on,
    revision_of,
    run_now,
    send,
    stored,
    wait_for,
)

pytestmark = pytest.mark.usefixtures("in_app")
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def lease_seconds() -> int:
    """Short: whoever was killed loses it soon."""
    return LEASE


@pytest.fixture
def connection(staff: Staff, board: DemoBoard) -> Connection:
    """A connection to the demo board, with one worker and a tick at work."""
    staff.tick()
    staff.worker()
    return connect("northwind", board.token)


def synced(connection: Connection, board: DemoBoard) -> bool:
    return stored(connection.organisation_id) == jobs_on(board)


def running(connection: Connection, board: DemoBoard) -> int:
    """Start a run and wait until a worker asks Greenhouse, which keeps it waiting."""
    run_id = begin(connection)
    assert board.faults.wait_held()
    return run_id


@only_sqlite
def test_a_killed_supervisor_takes_everybody_along_and_the_next_ones_programs_go_on(
    staff: Staff, board: DemoBoard
) -> None:
    connection = connect("northwind", board.token)
    supervisor = staff.supervisor(WORKER_PROCESSES="1")
    with held(board):
        run_id = running(connection, board)
        family = children_of(supervisor.pid)
        assert len(family) == 5  # a worker, one for slow boards, tick, mails and webhooks
        supervisor.kill()
        wait_until(lambda: not any(map(is_alive, family)), "the end of the supervisor's family")
    assert stored(connection.organisation_id) == {}
    staff.tick()  # what the next supervisor starts
    staff.worker()
    wait_for(run_id, RunStatus.SUCCEEDED)
    assert synced(connection, board)


@only_sqlite
def test_a_run_whose_worker_is_killed_is_taken_up_within_a_lease_and_a_tick(
    staff: Staff, board: DemoBoard, connection: Connection
) -> None:
    with held(board):
        run_id = running(connection, board)
        worker = staff.workers[0]
        worker.kill()
        wait_until(lambda: not is_alive(worker.pid), "the worker's end")
        ended = wait_for(run_id, RunStatus.QUEUED)
        assert (ended.generation, ended.attempt) == (2, 1)
    staff.worker()
    run = wait_for(run_id, RunStatus.SUCCEEDED)
    assert (run.attempt, synced(connection, board)) == (2, True)


def test_a_paused_worker_that_wakes_up_late_commits_nothing_and_works_on(
    staff: Staff, board: DemoBoard, connection: Connection
) -> None:
    asleep = staff.workers[0]
    with held(board):
        run_id = running(connection, board)
        send(asleep.pid, signal.SIGSTOP)
    assert board.faults.wait_asked(1)  # its answer, by now an old one, waits for it
    board.retitle(next(iter(jobs_on(board))), "What the later run read")
    another = staff.worker()
    run = wait_for(run_id, RunStatus.SUCCEEDED)
    assert synced(connection, board)
    before = revision_of(connection.organisation_id)
    send(asleep.pid, signal.SIGCONT)
    wait_until(lambda: staff.is_idle(asleep), "the worker to give up")
    after = run_now(run_id)
    assert (after.generation, after.finished_at) == (run.generation, run.finished_at)
    assert (revision_of(connection.organisation_id), synced(connection, board)) == (before, True)
    another.kill()  # from here on, the one that slept must do
    board.retitle(next(iter(jobs_on(board))), "Changed afterwards")
    wait_for(begin(connection), RunStatus.SUCCEEDED)
    assert synced(connection, board)


@only_sqlite
def test_a_worker_that_is_asked_to_stop_ends_its_run_first_and_takes_no_other(
    staff: Staff, board: DemoBoard, connection: Connection
) -> None:
    other = connect("other", board.token)
    with held(board):
        run_id = running(connection, board)
        waiting = begin(other)
        staff.workers[0].terminate()
    assert staff.workers[0].wait(PATIENCE) == 0
    assert (run_now(run_id).status, run_now(run_id).attempt) == (RunStatus.SUCCEEDED, 1)
    assert run_now(waiting).status == RunStatus.QUEUED
    staff.worker()
    wait_for(waiting, RunStatus.SUCCEEDED)


@only_sqlite
def test_a_worker_that_starts_while_redis_is_away_works_once_it_is_there(
    board: DemoBoard, settings: Settings, staff: Staff, servers: ExitStack, tmp_path: Path
) -> None:
    connection = connect("northwind", board.token)
    with Redis.from_url(settings.redis_url) as redis:
        pid = int(redis.info()["process_id"])
    send(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid), "the end of Redis")
    run_id = begin(connection)
    staff.worker()
    staff.tick()
    wait_until(lambda: "queue_unreachable" in staff.log.read_text(), "the worker to look for Redis")
    servers.enter_context(running_redis(tmp_path / "queue"))
    wait_for(run_id, RunStatus.SUCCEEDED)


@only_sqlite
def test_an_emptied_redis_loses_no_queued_run(staff: Staff, board: DemoBoard, settings: Settings) -> None:
    connection = connect("northwind", board.token)
    run_id = begin(connection)
    with Redis.from_url(settings.redis_url) as redis:
        redis.flushall()
    staff.tick()
    staff.worker()
    wait_for(run_id, RunStatus.SUCCEEDED)
    assert synced(connection, board)


@only_sqlite
def test_an_emptied_redis_ends_no_running_run_and_no_worker(
    staff: Staff, board: DemoBoard, connection: Connection, settings: Settings
) -> None:
    with held(board), Redis.from_url(settings.redis_url) as redis:
        run_id = running(connection, board)
        redis.flushall()
    wait_for(run_id, RunStatus.SUCCEEDED)
    board.retitle(next(iter(jobs_on(board))), "Changed afterwards")
    wait_for(begin(connection), RunStatus.SUCCEEDED)
    assert synced(connection, board)
    with Redis.from_url(settings.redis_url) as redis:
        wait_until(lambda: Worker.count(connection=redis) == 1, "the worker to be known again")


@only_sqlite
@pytest.mark.parametrize("kept", [True, False], ids=["with its data", "empty"])
def test_a_restarted_redis_holds_up_no_run_for_long(
    staff: Staff,
    board: DemoBoard,
    connection: Connection,
    settings: Settings,
    servers: ExitStack,
    tmp_path: Path,
    kept: bool,
) -> None:
    wait_for(begin(connection), RunStatus.SUCCEEDED)
    board.retitle(next(iter(jobs_on(board))), "Changed")
    with Redis.from_url(settings.redis_url) as redis:
        pid = int(redis.info()["process_id"])
        with held(board):
            run_id = running(connection, board)
            send(pid, signal.SIGKILL)
            wait_until(lambda: not is_alive(pid), "the end of Redis")
        wait_for(run_id, RunStatus.SUCCEEDED)
    waiting = begin(connection)  # with Redis away: the database keeps it
    assert run_now(waiting).status == RunStatus.QUEUED
    folder = tmp_path / "queue"
    if not kept:
        rmtree(folder / "redis")
    assert servers.enter_context(running_redis(folder)) == settings.redis_url
    wait_for(waiting, RunStatus.SUCCEEDED)
    assert synced(connection, board)


@contextmanager
def locked(settings: Settings, organisation_id: int) -> Iterator[None]:
    """Hold the database (SQLite) or the organisation (PostgreSQL) in a transaction."""
    if settings.database_url.startswith("sqlite"):
        other = sqlite3.connect(make_url(settings.database_url).database or "", check_same_thread=False)
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        end = other.close
    else:
        url = make_url(settings.database_url).set(drivername="postgresql")
        held = psycopg.connect(url.render_as_string(hide_password=False))
        held.execute("UPDATE organisations SET revision = revision WHERE id = %s", [organisation_id])
        end = held.close
    try:
        yield
    finally:
        end()


def test_a_database_locked_for_longer_than_a_lease_only_delays_a_run(
    staff: Staff, board: DemoBoard, connection: Connection, settings: Settings
) -> None:
    with held(board):
        run_id = running(connection, board)
        with locked(settings, connection.organisation_id):
            board.release()  # what was read now waits to be written
            sleep(2.5 * LEASE)
            assert stored(connection.organisation_id) == {}
    wait_for(run_id, RunStatus.SUCCEEDED)
    assert synced(connection, board)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite locks all of it
def test_a_locked_organisation_holds_up_no_other(
    staff: Staff, board: DemoBoard, connection: Connection, settings: Settings
) -> None:
    other = connect("other", board.token)
    with held(board):
        mine = running(connection, board)
        staff.kill(staff.workers[0])
    with locked(settings, connection.organisation_id):
        with write() as current:
            current.get_one(Connection, other.id).next_sync_at = utc_now()
        wait_until(lambda: synced(other, board), "the tick to start the other sync")
        assert run_now(mine).status == RunStatus.RUNNING
    wait_for(mine, RunStatus.SUCCEEDED)
    assert synced(connection, board)


@only_sqlite
def test_a_run_is_not_queued_twice_in_redis_while_nobody_works(
    staff: Staff, board: DemoBoard, settings: Settings
) -> None:
    connection = connect("northwind", board.token)
    run_id = begin(connection)
    for _ in range(3):
        assert enqueue_runs([WaitingRun(run_id, 0, slow=False)])
    with Redis.from_url(settings.redis_url) as redis:
        assert redis.llen("rq:queue:sync") == 1
