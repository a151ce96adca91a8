"""A board that is connected again: its jobs are taken up, and those that it lists no more are asked about."""

import pytest
from sqlalchemy import select

from portal.actions.jobs.own_jobs import delete_job, open_or_close
from portal.actions.jobs.undo import Left, undo_edit
from portal.actions.sync.closings import decide_closings
from portal.actions.sync.connection import disconnect
from portal.db import end_read, session
from portal.domain.jobs.fields import Source
from portal.domain.sync.plan import ChangeKind, HoldStatus
from portal.models import Connection, Edit, Job, SyncChange
from portal.store.closings import held_closings, pending_closings
from portal.store.jobs import job_of
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync, reconnect, sync_now


@pytest.fixture
def gone(sync: Sync, board: DemoBoard, connection: Connection) -> list[int]:
    """Two posts that the board took off while it was not connected; the jobs were kept."""
    sync()
    posts = [int(post["id"]) for post in board.posts if post["internal_job_id"]][:2]
    disconnect(connection.organisation_id, keep_jobs=True)
    for post_id in posts:
        board.close(post_id)
    reconnect(connection.organisation_id, board.token)
    return posts


@pytest.fixture
def again(gone: list[int]) -> Connection:
    """The new connection."""
    return session().scalars(select(Connection)).one()


def jobs(posts: list[int]) -> list[tuple[bool, str]]:
    end_read()
    query = select(Job.listed, Job.source).where(Job.external_id.in_(posts))
    return [(listed, source) for listed, source in session().execute(query)]


def test_kept_jobs_that_are_listed_no_more_wait_for_a_decision(gone: list[int], again: Connection) -> None:
    pending = pending_closings(again.id)
    assert (pending.number, pending.kept, pending.dropped) == (2, 2, 0)
    held = session().scalars(select(SyncChange.title).where(SyncChange.kind == ChangeKind.HELD)).all()
    assert len(held) == 2
    assert jobs(gone) == [(True, Source.OWN)] * 2
    for _ in range(2):
        run = sync_now(again)
        assert (run.held, run.closed, pending_closings(again.id).number) == (2, 0, 2)


@on_sqlite
def test_approved_they_close(gone: list[int], again: Connection) -> None:
    assert decide_closings(again, HoldStatus.APPROVED, None) == 2
    assert sync_now(again).closed == 2
    assert jobs(gone) == [(False, Source.OWN)] * 2
    assert held_closings(again.id) == []


@on_sqlite
def test_discarded_they_stay_the_organisations_own(gone: list[int], again: Connection) -> None:
    decide_closings(again, HoldStatus.DISCARDED, None)
    for _ in range(2):
        run = sync_now(again)
        assert (run.held, run.closed) == (0, 0)
    assert jobs(gone) == [(True, Source.OWN)] * 2
    assert pending_closings(again.id).number == 0


@on_sqlite
def test_listed_again_they_are_taken_up(gone: list[int], again: Connection, board: DemoBoard) -> None:
    board.reopen(gone[0])
    assert sync_now(again).held == 1
    assert sorted(jobs(gone)) == [(True, Source.GREENHOUSE), (True, Source.OWN)]
    board.reopen(gone[1])
    sync_now(again)
    assert held_closings(again.id) == []
    for post_id in gone:
        board.close(post_id)
    assert sync_now(again).closed == 2, "they are Greenhouse's, as all the others"


@on_sqlite
def test_one_that_an_admin_closes_waits_no_more(gone: list[int], again: Connection) -> None:
    job_id = session().scalars(select(Job.id).where(Job.external_id == gone[0])).one()
    open_or_close(again.organisation_id, job_id, open_it=False)
    assert sync_now(again).held == 1
    assert {hold.status for hold in held_closings(again.id)} == {HoldStatus.PENDING}


@on_sqlite
def test_a_job_kept_later_is_not_asked_about_by_the_connection_that_knew_it(
    gone: list[int], again: Connection, board: DemoBoard
) -> None:
    decide_closings(again, HoldStatus.DISCARDED, None)
    disconnect(again.organisation_id, keep_jobs=True)
    reconnect(again.organisation_id, board.token)
    third = session().scalars(select(Connection)).one()
    assert pending_closings(third.id).kept == 2, "another reconnection asks anew"


@on_sqlite
def test_a_deleted_one_waits_no_more_and_comes_back_with_its_post(
    gone: list[int], again: Connection, board: DemoBoard
) -> None:
    ids = dict(session().execute(select(Job.external_id, Job.id).where(Job.external_id.in_(gone))).all())
    for post_id in gone:
        delete_job(again.organisation_id, ids[post_id])
    assert pending_closings(again.id).number == 0
    run = sync_now(again)
    assert (run.held, run.closed) == (0, 0)
    board.reopen(gone[0])
    assert sync_now(again).reopened == 1
    end_read()
    here = job_of(again.organisation_id, ids[gone[0]])
    assert here is not None
    assert (here.imported, here.listed) == (True, True)
    assert job_of(again.organisation_id, ids[gone[1]]) is None
    edits = [edit.id for edit in session().scalars(select(Edit).where(Edit.job_id == here.id))]
    undone = undo_edit(again.organisation_id, edits[-1], None)
    assert undone is not None
    assert undone.left == {Left.GREENHOUSES: 1}
