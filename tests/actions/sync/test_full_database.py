"""A database that is full for a while: nothing half-written shows, and the sync comes back by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, SyncChange, SyncRun
from portal.models.base import utc_now
from portal.store.runs import queued_run
from tests.support.board_server import DemoBoard
from tests.support.full_database import full
from tests.support.syncs import Sync, reread


def rows() -> list[tuple[object, ...]]:
    end_read()
    return [tuple(row) for row in session().execute(select(Job.external_id, Job.title, Job.listed))]


def fill(board: DemoBoard) -> None:
    """More than what room is left in the pages that the database has."""
    for number in range(60):
        board.add(title=f"Rigger {number}", description="<p>" + "Climb the mast. " * 400 + "</p>")


def carry_on(connection: Connection) -> SyncRun:
    """What the tick and a worker do once the lease has run out: as often as it takes."""
    for _ in range(5):
        sweep(utc_now() + timedelta(hours=1))
        end_read()
        waiting = queued_run(connection.id)
        if waiting is None:
            break
        with write() as current:
            current.get_one(SyncRun, waiting.id).not_before = None
        run_sync(waiting.id, waiting.generation)
        end_read()
    end_read()
    return session().scalars(select(SyncRun).order_by(SyncRun.id.desc())).first()  # type: ignore[return-value]


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize("table", ["jobs", "sync_changes"])
def test_a_sync_that_finds_no_room_leaves_nothing_and_succeeds_once_there_is(
    sync: Sync, board: DemoBoard, connection: Connection, table: str, *, imported: bool
) -> None:
    if imported:
        sync()
    before = rows()
    fill(board)
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with full(table):
        with pytest.raises(SQLAlchemyError):
            run_sync(run.id, run.generation)
        assert rows() == before
    waiting = reread(run)
    assert waiting.status in (RunStatus.QUEUED, RunStatus.RUNNING)
    assert carry_on(connection).status == RunStatus.SUCCEEDED
    listed = {post["id"] for post in board.posts if post["internal_job_id"]}
    assert {row[0] for row in rows() if row[2]} == listed
    assert reread(run).status == RunStatus.SUCCEEDED
    told = session().scalars(select(SyncChange.id).where(SyncChange.run_id == run.id)).all()
    assert len(told) == len(listed) - len(before)


def test_full_for_longer_than_every_attempt_the_run_ends_and_the_schedule_brings_the_next(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    fill(board)
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with full("jobs"):
        for _ in range(3):
            waiting = reread(run)
            with pytest.raises(SQLAlchemyError):
                run_sync(run.id, waiting.generation)
            make_due(run)
    sweep(utc_now() + timedelta(hours=1))
    assert reread(run).status == RunStatus.FAILED
    assert reread(run).error
    assert rows() == []
    assert sync().status == RunStatus.SUCCEEDED
    assert rows()


def make_due(run: SyncRun) -> None:
    """Let a run that waits for its next attempt, or whose lease must run out, be taken at once."""
    end_read()
    try:
        sweep(utc_now() + timedelta(hours=1))
        with write() as current:
            current.get_one(SyncRun, run.id).not_before = None
    except SQLAlchemyError:
        session().rollback()
