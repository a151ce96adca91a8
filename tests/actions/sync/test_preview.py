"""A preview shows what a sync would do, and does none of it."""

from datetime import timedelta

from sqlalchemy import select

from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import end_read, session
from portal.domain.sync.plan import ChangeKind
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, SyncChange
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync


def rows() -> list[tuple[object, ...]]:
    end_read()
    return [tuple(row) for row in session().execute(select(Job.id, Job.title, Job.listed, Job.revision))]


@on_sqlite
def test_a_preview_tells_every_change_and_makes_none(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    before = rows()
    one, two = [post["id"] for post in board.posts if post["internal_job_id"]][:2]
    board.edit(one, title="Keeper", description="<p>New words.</p>")
    board.close(two)
    board.add(title="Rigger")
    run = sync(Trigger.PREVIEW)
    assert (run.status, run.created, run.updated, run.closed) == (RunStatus.SUCCEEDED, 1, 1, 1)
    assert rows() == before
    changes = session().scalars(select(SyncChange).where(SyncChange.run_id == run.id)).all()
    assert {change.kind: change.title for change in changes} == {
        ChangeKind.CREATED: "Rigger",
        ChangeKind.UPDATED: "Keeper",
        ChangeKind.CLOSED: board.post(two)["title"],
    }
    told = next(change for change in changes if change.kind == ChangeKind.UPDATED)
    assert {field["field"]: field["after"] for field in told.fields} == {
        "title": "Keeper",
        "description": "<p>New words.</p>",
    }
    done = sync()
    assert (done.created, done.updated, done.closed) == (1, 1, 1)


@on_sqlite
def test_a_preview_leaves_after_a_day_with_the_descriptions_that_it_holds(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    board.edit(board.posts[0]["id"], description="<p>New words.</p>")
    run = sync(Trigger.PREVIEW)
    assert run.forget_at is not None
    assert run.finished_at is not None
    assert run.forget_at - run.finished_at == timedelta(days=1)


@on_sqlite
def test_a_preview_of_too_many_closings_holds_none_of_them(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    board.short(3)
    assert sync(Trigger.PREVIEW).held > 0
    board.short(None)
    assert sync().held == 0


@on_sqlite
def test_a_sync_that_joins_a_queued_preview_makes_it_a_sync(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    run = start_sync(connection, Trigger.PREVIEW)
    joined = start_sync(connection, Trigger.WEBHOOK)
    assert run is not None
    assert joined is not None
    assert joined.id == run.id
    run_sync(run.id, 0)
    assert rows()


@on_sqlite
def test_a_preview_that_joins_a_queued_sync_leaves_it_one(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    start_sync(connection, Trigger.PREVIEW)
    assert run is not None
    run_sync(run.id, 0)
    assert rows()
