"""A run that fails while another waits behind it: that one is the next attempt, and no sooner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal.actions.sync import run as running
from portal.actions.sync.retry import SUPERSEDED, sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import enqueue_waiting, pause, start_due, start_sync
from portal.db import session, write
from portal.domain.sync.runs import MAX_ATTEMPTS, RunStatus, Trigger
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.store import runs
from portal.store.run_steps import claim
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.processes import PATIENCE
from tests.support.syncs import Sync, connection_now, make_connection_due, reread

Begin = Callable[[Trigger], SyncRun]
Fail = Callable[[SyncRun, Callable[[], SyncRun]], SyncRun]


@pytest.fixture
def begin(connection: Connection) -> Begin:
    """Queue a run, or join the one that waits."""

    def start(trigger: Trigger) -> SyncRun:
        run = start_sync(connection, trigger)
        assert run is not None
        return run

    return start


@pytest.fixture
def fail(app: Flask, board: DemoBoard) -> Fail:
    """Carry out a run that Greenhouse lets down, and do something while it asks."""

    def carry_out(run: SyncRun) -> None:
        with app.app_context():
            run_sync(run.id, run.generation)

    def fail(run: SyncRun, meanwhile: Callable[[], SyncRun]) -> SyncRun:
        board.hold()
        with ThreadPoolExecutor(1) as threads:
            late = threads.submit(carry_out, reread(run))
            assert board.faults.wait_held()
            behind = meanwhile()
            board.release()
            late.result(PATIENCE)
        return reread(behind)

    return fail


def let_lapse(run: SyncRun, attempt: int = 1) -> None:
    """Let a worker take the run and fall silent."""
    with write():
        assert claim(run.id, run.generation, utc_now(), timedelta(seconds=60))
        past = {"lease_until": utc_now() - timedelta(seconds=1), "attempt": attempt}
        session().execute(update(SyncRun).where(SyncRun.id == run.id).values(**past))


@on_sqlite
def test_what_waits_behind_waits_as_long_as_greenhouse_asks(
    sync: Sync, board: DemoBoard, connection: Connection, begin: Begin, fail: Fail
) -> None:
    sync()
    board.fail(429, retry_after="600")
    first = begin(Trigger.SCHEDULE)
    behind = fail(first, lambda: begin(Trigger.WEBHOOK))
    assert reread(first).status == RunStatus.FAILED
    assert (behind.status, behind.attempt, behind.enqueued_at) == (RunStatus.QUEUED, 1, None)
    assert behind.not_before is not None
    assert behind.not_before > utc_now() + timedelta(minutes=9)
    assert connection_now(connection).failures == 0, "the next attempt is to come"


@on_sqlite
def test_a_longer_wait_than_the_pause_stays(board: DemoBoard, begin: Begin, fail: Fail) -> None:
    later = utc_now() + timedelta(hours=1)

    def queue_for_later() -> SyncRun:
        run = begin(Trigger.WEBHOOK)
        with write():
            session().get_one(SyncRun, run.id).not_before = later
        return run

    board.fail(503)
    assert fail(begin(Trigger.SCHEDULE), queue_for_later).not_before == later


@on_sqlite
def test_three_attempts_in_a_row_end_failed_whichever_runs_made_them(
    sync: Sync, board: DemoBoard, connection: Connection, begin: Begin, fail: Fail
) -> None:
    sync()
    run = begin(Trigger.SCHEDULE)
    for attempt in range(1, MAX_ATTEMPTS):
        board.fail(503)
        run = fail(run, lambda: begin(Trigger.WEBHOOK))
        assert (run.attempt, connection_now(connection).failures) == (attempt, 0)
        assert begin(Trigger.MANUAL).id == run.id  # a click frees it from its pause
    board.fail(503)
    behind = fail(run, lambda: begin(Trigger.WEBHOOK))
    assert (reread(run).status, connection_now(connection).failures) == (RunStatus.FAILED, 1)
    assert behind.attempt == 0
    assert behind.not_before is not None
    assert behind.not_before > utc_now(), "Greenhouse is given a pause all the same"


@on_sqlite
def test_a_preview_behind_a_sync_that_failed_becomes_the_sync(
    sync: Sync, board: DemoBoard, connection: Connection, begin: Begin, fail: Fail
) -> None:
    sync()
    board.fail(503)
    behind = fail(begin(Trigger.WEBHOOK), lambda: begin(Trigger.PREVIEW))
    assert (behind.trigger, behind.attempt) == (Trigger.WEBHOOK, 1)


def test_a_preview_behind_a_sync_of_a_connection_paused_meanwhile_stays_one(
    board: DemoBoard, connection: Connection, begin: Begin, fail: Fail
) -> None:
    def pause_and_look() -> SyncRun:
        pause(connection_now(connection))
        return begin(Trigger.PREVIEW)

    board.fail(503)
    assert fail(begin(Trigger.WEBHOOK), pause_and_look).trigger == Trigger.PREVIEW


def test_a_preview_behind_a_sync_whose_worker_vanished_becomes_the_sync(begin: Begin) -> None:
    lost = begin(Trigger.SCHEDULE)
    let_lapse(lost)
    behind = begin(Trigger.PREVIEW)
    assert sweep(utc_now()) == 1
    assert (reread(lost).status, reread(behind).trigger) == (RunStatus.CANCELLED, Trigger.SCHEDULE)


def test_the_schedule_makes_a_waiting_preview_a_sync(connection: Connection, begin: Begin) -> None:
    run = begin(Trigger.PREVIEW)
    make_connection_due(connection)
    assert start_due(utc_now()) == 1
    assert reread(run).trigger == Trigger.SCHEDULE


def test_what_waits_behind_a_dead_run_is_handed_over_as_soon_as_that_is_swept(
    app: Flask, connection: Connection, begin: Begin
) -> None:
    lost = begin(Trigger.MANUAL)
    let_lapse(lost)
    behind = begin(Trigger.MANUAL)
    app.extensions["redis"].flushall()  # a worker took its message, and could not claim it
    assert sweep(utc_now()) == 1
    assert enqueue_waiting(utc_now()) == 1
    assert (reread(behind).attempt, connection_now(connection).failures) == (1, 0)


@on_sqlite
def test_the_last_attempt_of_a_dead_run_is_a_failure(connection: Connection, begin: Begin) -> None:
    lost = begin(Trigger.MANUAL)
    let_lapse(lost, MAX_ATTEMPTS)
    behind = begin(Trigger.WEBHOOK)
    assert sweep(utc_now()) == 1
    assert (reread(behind).attempt, connection_now(connection).failures) == (0, 1)
    assert enqueue_waiting(utc_now()) == 1


@on_sqlite
def test_a_run_that_a_newer_one_replaced_has_not_failed(
    sync: Sync, connection: Connection, begin: Begin
) -> None:
    sync()
    lost = begin(Trigger.MANUAL)
    let_lapse(lost)
    behind = begin(Trigger.WEBHOOK)
    assert sweep(utc_now()) == 1
    assert (reread(lost).status, reread(lost).error) == (RunStatus.CANCELLED, SUPERSEDED)
    assert runs.runs_by_status(utc_now())[RunStatus.FAILED] == 0
    run_sync(behind.id, behind.generation)
    assert (reread(behind).status, connection_now(connection).failing_since) == (RunStatus.SUCCEEDED, None)


def test_a_worker_whose_run_was_taken_over_ends_quietly_whatever_became_of_it(
    app: Flask, board: DemoBoard, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(Trigger.MANUAL)

    def carry_out() -> None:
        with app.app_context():
            run_sync(run.id, run.generation)

    monkeypatch.setattr(running, "plan_sync", _break)
    board.hold()
    with ThreadPoolExecutor(1) as threads:
        late = threads.submit(carry_out)
        assert board.faults.wait_held()
        with write():
            session().execute(update(SyncRun).where(SyncRun.id == run.id).values(generation=9))
        board.release()
        assert late.exception(30) is None
    assert reread(run).status == RunStatus.RUNNING
    monkeypatch.undo()
    with write():
        session().execute(update(SyncRun).where(SyncRun.id == run.id).values(status=RunStatus.QUEUED))
    run_sync(run.id, 9)
    assert reread(run).status == RunStatus.SUCCEEDED


def _break(*_: object) -> None:
    raise RuntimeError
