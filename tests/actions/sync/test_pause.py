"""A paused connection: no schedule, no webhook, no click starts anything; resuming syncs at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.actions.sync.connection import disconnect
from portal.actions.sync.retry import retry_or_fail
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import pause, resume, start_due, start_sync
from portal.db import end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import claim
from portal.web.sync_runs.rows import run_row
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync, reread


def statuses() -> list[str]:
    end_read()
    return list(session().scalars(select(SyncRun.status).order_by(SyncRun.id)))


@on_sqlite
@pytest.mark.parametrize("trigger", [Trigger.MANUAL, Trigger.WEBHOOK, Trigger.SCHEDULE])
def test_nothing_starts(connection: Connection, trigger: Trigger) -> None:
    pause(connection)
    assert start_sync(connection, trigger) is None
    assert statuses() == []


@on_sqlite
def test_a_preview_may_be_looked_at(connection: Connection, board: DemoBoard) -> None:
    pause(connection)
    run = start_sync(connection, Trigger.PREVIEW)
    assert run is not None
    run_sync(run.id, run.generation)
    assert (reread(run).status, reread(run).created > 0) == (RunStatus.SUCCEEDED, True)


@on_sqlite
def test_the_schedule_passes_over_it(connection: Connection) -> None:
    with write():
        session().get_one(Connection, connection.id).next_sync_at = utc_now() - timedelta(hours=1)
    pause(connection)
    assert start_due(utc_now()) == 0
    assert statuses() == []


@on_sqlite
def test_what_waits_is_cancelled_and_what_runs_may_finish(connection: Connection, board: DemoBoard) -> None:
    running = start_sync(connection, Trigger.MANUAL)
    assert running is not None
    with write():
        assert claim(running.id, 0, utc_now(), timedelta(minutes=1))
    start_sync(connection, Trigger.MANUAL)
    pause(connection)
    assert statuses() == [RunStatus.RUNNING, RunStatus.CANCELLED]


@on_sqlite
def test_what_was_cancelled_says_why_for_ever_and_leaves_after_a_day(connection: Connection) -> None:
    first = start_sync(connection, Trigger.MANUAL)
    assert first is not None
    pause(connection)
    resume(connection, None)
    end_read()
    disconnect(connection.organisation_id, keep_jobs=True)
    one, two = session().query(SyncRun).order_by(SyncRun.id)
    assert run_row(one).sentence == "Syncing was paused before it ended."
    assert run_row(two).sentence == "Greenhouse was disconnected before it ended."
    for run in (one, two):
        assert run.forget_at is not None
        assert run.finished_at is not None
        assert run.forget_at - run.finished_at == timedelta(days=1)


@on_sqlite
def test_a_run_that_fails_while_paused_is_not_tried_again_before_it_is_resumed(
    connection: Connection,
) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with write():
        claimed = claim(run.id, 0, utc_now(), timedelta(minutes=1))
    pause(connection)
    assert claimed is not None
    retry_or_fail(claimed, "Greenhouse is busy.", None, retryable=True)
    assert statuses() == [RunStatus.FAILED]


@on_sqlite
def test_a_run_that_waits_for_its_next_attempt_is_cancelled(connection: Connection, board: DemoBoard) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    board.fail(503)
    run_sync(run.id, run.generation)
    pause(connection)
    assert statuses() == [RunStatus.CANCELLED]


@on_sqlite
def test_a_run_that_fails_after_its_connection_ended_stays_cancelled(connection: Connection) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with write():
        claimed = claim(run.id, 0, utc_now(), timedelta(minutes=1))
    assert claimed is not None
    session().expunge(claimed)
    disconnect(connection.organisation_id, keep_jobs=True)
    retry_or_fail(claimed, "Greenhouse is busy.", None, retryable=True)
    assert statuses() == [RunStatus.CANCELLED]


@on_sqlite
def test_resuming_syncs_at_once(connection: Connection, sync: Sync, board: DemoBoard) -> None:
    sync()
    pause(connection)
    resume(connection, None)
    end_read()
    assert session().get_one(Connection, connection.id, populate_existing=True).paused_at is None
    assert statuses() == [RunStatus.SUCCEEDED, RunStatus.QUEUED]


@on_sqlite
def test_pausing_twice_keeps_the_first_time_and_resuming_twice_starts_one(
    connection: Connection,
) -> None:
    pause(connection)
    first = session().get_one(Connection, connection.id, populate_existing=True).paused_at
    pause(connection)
    assert session().get_one(Connection, connection.id, populate_existing=True).paused_at == first
    resume(connection, None)
    resume(connection, None)
    assert statuses() == [RunStatus.QUEUED]


@on_sqlite
def test_a_connection_that_ended_is_neither_paused_nor_resumed(connection: Connection) -> None:
    disconnect(connection.organisation_id, keep_jobs=True)
    with pytest.raises(NoResultFound):
        pause(connection)
    with pytest.raises(NoResultFound):
        resume(connection, None)
