"""Runs that fail, meet each other, or lose their worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import select, update

from portal.actions.sync import run as run_sync_module
from portal.actions.sync.connection import disconnect
from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, SyncRun
from portal.models.base import utc_now
from portal.queues import SLOW_QUEUE, SYNC_QUEUE
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync, first_post, jobs_on, reread, stored

FindJob = Callable[[int], Job]


@contextmanager
def carried_out_meanwhile(app: Flask, board: DemoBoard, run: SyncRun) -> Iterator[None]:
    """Carry out a run in another thread; Greenhouse answers it when the block ends."""
    board.hold()

    def work() -> None:
        with app.app_context():
            run_sync(run.id, 0)

    worker = Thread(target=work)
    worker.start()
    try:
        assert board.faults.wait_held()
        yield
    finally:
        board.release()
        worker.join()


@on_sqlite
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_fault_leaves_the_jobs_as_they_were_and_is_tried_again(
    sync: Sync, board: DemoBoard, status: int
) -> None:
    sync()
    before = stored()
    board.retitle(first_post(board), "Too early")
    board.fail(status, times=1)
    run = sync()
    assert (run.status, stored()) == (RunStatus.QUEUED, before)
    assert run.not_before is not None
    with write() as current:
        current.execute(update(SyncRun).values(not_before=None))
    run_sync(run.id, run.generation)
    assert reread(run).status == RunStatus.SUCCEEDED
    assert "Too early" in {title for title, _ in stored().values()}


@on_sqlite
def test_after_three_attempts_a_run_fails_and_says_why(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    board.fail(503, times=3)
    run = sync()
    for _ in range(2):
        with write() as current:
            current.execute(update(SyncRun).values(not_before=None))
        run_sync(run.id, run.generation)
        run = reread(run)
    assert (run.status, run.attempt) == (RunStatus.FAILED, 3)
    assert run.error == "Greenhouse is busy."
    held = session().get_one(Connection, connection.id)
    assert held.failing_since is not None
    assert held.next_sync_at is not None


@on_sqlite
def test_an_incomplete_answer_closes_nothing(sync: Sync, board: DemoBoard) -> None:
    sync()
    before = stored()
    board.short(2)
    board.lie_total(len(before))
    run = sync()
    assert (run.status, stored()) == (RunStatus.QUEUED, before)


@on_sqlite
def test_a_post_that_cannot_be_read_is_set_aside_and_its_row_stays(
    sync: Sync, board: DemoBoard, job: FindJob
) -> None:
    sync()
    odd, other = list(jobs_on(board))[:2]
    title = job(odd).title
    posts = [post | {"title": 7} if post["id"] == odd else post for post in board.posts]
    posts = [post | {"title": "Changed"} if post["id"] == other else post for post in posts]
    board.set_posts(board.token, posts)
    run = sync()
    assert (run.status, run.updated) == (RunStatus.SUCCEEDED, 1)
    assert [aside["id"] for aside in run.set_aside] == [odd]
    assert (job(odd).title, job(odd).listed) == (title, True)


def test_a_run_is_carried_out_once_however_often_it_is_queued(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    for _ in range(3):
        run_sync(run.id, 0)
    assert len(board.requests) == 1


def test_a_start_during_a_run_queues_one_behind_it(
    sync: Sync, board: DemoBoard, connection: Connection, app: Flask
) -> None:
    first = start_sync(connection, Trigger.MANUAL)
    assert first is not None
    with carried_out_meanwhile(app, board, first):
        board.retitle(first_post(board), "Changed meanwhile")
        behind = [start_sync(connection, Trigger.MANUAL) for _ in range(5)]
    assert {run.id for run in behind if run} == {first.id + 1}
    run_sync(first.id + 1, 0)
    assert "Changed meanwhile" in {title for title, _ in stored().values()}
    assert len(board.requests) == 2


def test_a_disconnect_during_a_run_is_final(
    sync: Sync, board: DemoBoard, connection: Connection, app: Flask
) -> None:
    run = start_sync(connection, Trigger.CONNECT)
    assert run is not None
    with carried_out_meanwhile(app, board, run):
        assert disconnect(connection.organisation_id, keep_jobs=True)
    assert stored() == {}
    assert reread(run).status == RunStatus.CANCELLED


def test_a_worker_whose_lease_was_taken_commits_nothing(
    sync: Sync, board: DemoBoard, connection: Connection, app: Flask
) -> None:
    run = start_sync(connection, Trigger.CONNECT)
    assert run is not None
    with carried_out_meanwhile(app, board, run):
        with write() as current:
            current.execute(update(SyncRun).values(lease_until=utc_now() - timedelta(seconds=1)))
        assert sweep(utc_now()) == 1
    assert stored() == {}
    again = reread(run)
    assert (again.status, again.generation) == (RunStatus.QUEUED, 2)
    run_sync(again.id, again.generation)
    assert stored() == jobs_on(board)


def test_a_run_whose_workers_keep_dying_is_named_failed(sync: Sync, connection: Connection) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    past = utc_now() - timedelta(hours=1)
    with write() as current:
        values = {"status": RunStatus.RUNNING, "attempt": 3, "lease_until": past}
        current.execute(update(SyncRun).values(**values))
    sweep(utc_now())
    assert reread(run).status == RunStatus.FAILED
    assert "stopped" in (reread(run).error or "")


@on_sqlite
def test_a_board_that_took_long_waits_among_slow_ones_until_it_is_quick_again(
    app: Flask, sync: Sync, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queue_of_the_next() -> list[str]:
        start_sync(connection, Trigger.MANUAL)
        redis = app.extensions["redis"]
        waiting = [name for name in (SYNC_QUEUE, SLOW_QUEUE) if Queue(name, connection=redis).job_ids]
        redis.flushall()
        return waiting

    assert queue_of_the_next() == [SYNC_QUEUE]
    with monkeypatch.context() as patched:
        patched.setattr(run_sync_module, "SLOW_SECONDS", 0.0)  # however quick it is, it took longer
        sync()
    assert queue_of_the_next() == [SLOW_QUEUE]
    sync()
    assert queue_of_the_next() == [SYNC_QUEUE]


def test_a_board_that_failed_slowly_waits_among_slow_ones_too(
    board: DemoBoard, sync: Sync, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_sync_module, "SLOW_SECONDS", 0.0)
    board.fail(503)
    assert sync().status == RunStatus.QUEUED
    end_read()
    assert session().scalars(select(Connection.slow)).one()
