"""A sync, from Greenhouse's answer to the stored jobs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import shuffle
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import func, select, update

from portal.actions.jobs.edit import edit_field
from portal.actions.sync import prepare
from portal.actions.sync import run as run_sync_module
from portal.actions.sync.connection import disconnect
from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import end_read, session, write
from portal.domain.jobs.fields import Source
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, SyncRun
from portal.models.base import utc_now
from portal.queues import SLOW_QUEUE, SYNC_QUEUE
from portal.store.sync_changes import changes_of
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.faults import post
from tests.support.syncs import Sync, job_writes, reconnect, reread

FindJob = Callable[[int], Job]


def stored() -> dict[int, tuple[str, bool]]:
    """Every imported job: title, and whether it stands listed."""
    end_read()
    rows = session().execute(select(Job.external_id, Job.title, Job.listed))
    return {key: (title, listed) for key, title, listed in rows}


def jobs_on(board: DemoBoard) -> dict[int, tuple[str, bool]]:
    """What the board lists, prospect posts apart."""
    return {post["id"]: (post["title"], True) for post in board.posts if post["internal_job_id"]}


def first_post(board: DemoBoard) -> int:
    return next(iter(jobs_on(board)))


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
def test_a_first_import_brings_every_post_but_prospects(sync: Sync, board: DemoBoard) -> None:
    run = sync(Trigger.CONNECT)
    assert run.status == RunStatus.SUCCEEDED
    assert stored() == jobs_on(board)
    assert run.created == len(stored())


@on_sqlite
def test_prospect_posts_come_when_the_connection_says_so(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    with write() as current:
        current.get_one(Connection, connection.id).include_prospects = True
    sync()
    assert set(stored()) == {post["id"] for post in board.posts}


@on_sqlite
def test_a_change_in_greenhouse_changes_that_job_alone(sync: Sync, board: DemoBoard, job: FindJob) -> None:
    sync()
    post_id = first_post(board)
    board.edit(post_id, title="Keeper of masts", description="<h2>Masts</h2><p>Keep them &amp; climb.</p>")
    run = sync()
    assert (run.created, run.updated, run.closed, run.reopened) == (0, 1, 0, 0)
    assert job(post_id).title == "Keeper of masts"
    assert "<p>Keep them &amp; climb.</p>" in job(post_id).description_html


@on_sqlite
def test_an_unpublished_post_closes_and_reopens_with_its_edits(
    sync: Sync, board: DemoBoard, job: FindJob, connection: Connection
) -> None:
    sync()
    post_id = first_post(board)
    edit_field(connection.organisation_id, job(post_id).id, "location", "Faro", 0, None)
    board.close(post_id)
    assert sync().closed == 1
    assert (job(post_id).listed, job(post_id).closed_at is None) == (False, False)
    board.reopen(post_id)
    assert sync().reopened == 1
    assert (job(post_id).listed, job(post_id).closed_at, job(post_id).location) == (True, None, "Faro")


def test_a_sync_never_writes_an_organisations_column(
    sync: Sync, board: DemoBoard, job: FindJob, connection: Connection
) -> None:
    sync()
    post_id = first_post(board)
    fields = {
        "location": "Faro",
        "workplace_type": "remote",
        "department": "Winds",
        "salary": "25.50 EUR per hour",
        "tags": "sea, wind",
        "closes_on": "2031-05-04",
        "visibility": "hidden",
        "featured": "true",
    }
    for name, text in fields.items():
        edit_field(connection.organisation_id, job(post_id).id, name, text, 0, None)
    before = {
        c: getattr(job(post_id), c) for c in (*fields, "salary_min", "salary_currency") if c != "salary"
    }
    board.edit(
        post_id, title="Another", location="Oslo", department=board.post(post_id)["departments"][0]["name"]
    )
    board.close(post_id)
    sync()
    board.reopen(post_id)
    sync()
    assert {c: getattr(job(post_id), c) for c in before} == before
    assert job(post_id).title == "Another"


@on_sqlite
def test_without_prefill_title_and_description_are_all_that_is_taken(
    sync: Sync, board: DemoBoard, job: FindJob, connection: Connection
) -> None:
    with write() as current:
        current.get_one(Connection, connection.id).prefill = False
    post_id = board.add(title="Rigger", location="Lisbon, Portugal")
    sync()
    assert (job(post_id).title, job(post_id).location, job(post_id).department) == ("Rigger", None, None)


@on_sqlite
def test_an_unchanged_board_answers_304_and_no_job_row_is_written(sync: Sync, board: DemoBoard) -> None:
    sync()
    with job_writes() as writes:
        run = sync()
    assert (run.status, writes) == (RunStatus.SUCCEEDED, [])
    assert board.requests[-1].status == 304


@on_sqlite
def test_another_order_writes_no_job_row(sync: Sync, board: DemoBoard) -> None:
    sync()
    board.set_posts(board.token, list(reversed(board.posts)))
    with job_writes() as writes:
        run = sync()
    assert board.requests[-1].status == 200
    assert (run.status, run.updated, writes) == (RunStatus.SUCCEEDED, 0, [])


@on_sqlite
def test_thousands_of_posts_in_another_order_and_without_an_etag_write_no_job_row(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    posts = [post(number) for number in range(1, 2_001)]
    board.set_posts(board.token, posts)
    assert sync().created == len(posts)
    shuffle(posts)
    board.set_posts(board.token, posts)
    with write() as current:
        current.execute(update(Connection).values(etag=None))
    with job_writes() as writes:
        run = sync()
    assert board.requests[-1].status == 200
    assert (run.posts, run.updated, writes) == (len(posts), 0, [])


def test_no_transaction_is_open_while_the_rows_of_a_first_import_are_made(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, made = [], prepare.new_job_columns

    def noting(*given: Any, **named: Any) -> dict[str, Any]:
        seen.append(session().in_transaction())
        return made(*given, **named)

    monkeypatch.setattr(prepare, "new_job_columns", noting)
    assert sync().created == len(seen)
    assert set(seen) == {False}  # PostgreSQL ends one that is idle for as long as a large board takes


@on_sqlite
def test_a_changed_switch_does_not_hide_behind_a_304(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    with write() as current:
        current.get_one(Connection, connection.id).include_prospects = True
    sync()
    assert board.requests[-1].status == 200


def clean_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a version of the portal that makes other descriptions of the same posts."""
    monkeypatch.setattr("portal.boards.greenhouse.payloads.PIPELINE_VERSION", 99)
    monkeypatch.setattr("portal.actions.sync.mapping.PIPELINE_VERSION", 99)
    monkeypatch.setattr("portal.domain.sync.reading.clean_description", lambda *_: "<p>Cleaner</p>")


@on_sqlite
def test_another_way_of_cleaning_reaches_the_jobs_that_are_stored_already_and_is_no_change_of_theirs(
    sync: Sync, board: DemoBoard, job: FindJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    revision = job(first_post(board)).revision
    clean_otherwise(monkeypatch)
    run = sync()
    assert (run.updated, changes_of(run.id, limit=10)) == (0, [])
    assert job(first_post(board)).description_html == "<p>Cleaner</p>"
    assert job(first_post(board)).revision > revision  # the pages that show it are told
    with job_writes() as writes:
        assert sync().updated == 0
    assert writes == []


def test_a_post_updated_meanwhile_is_a_change_though_it_is_cleaned_in_another_way(
    sync: Sync, board: DemoBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    board.retitle(first_post(board), "Another")
    clean_otherwise(monkeypatch)
    run = sync()
    assert run.updated == 1
    fields = [change["field"] for change in changes_of(run.id, limit=10)[0].fields]
    assert fields == ["title", "description"]


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


def test_a_reconnected_board_takes_up_the_same_rows(
    sync: Sync, board: DemoBoard, connection: Connection, job: FindJob
) -> None:
    sync()
    post_id = first_post(board)
    kept = job(post_id).id
    edit_field(connection.organisation_id, kept, "location", "Faro", 0, None)
    token = connection.board_token
    disconnect(connection.organisation_id, keep_jobs=True)
    edit_field(connection.organisation_id, kept, "title", "Our own title", 0, None)
    assert job(post_id).source == Source.OWN
    reconnect(connection.organisation_id, token)
    taken = job(post_id)
    assert (taken.id, taken.location, taken.title) == (kept, "Faro", board.post(post_id)["title"])
    assert session().scalar(select(func.count()).select_from(Job)) == len(jobs_on(board))


def test_every_revision_is_stamped_on_the_rows_that_changed(
    sync: Sync, board: DemoBoard, job: FindJob
) -> None:
    sync()
    post_id = first_post(board)
    before = job(post_id).revision
    board.retitle(post_id, "New")
    sync()
    newer = session().scalars(select(Job.external_id).where(Job.revision > before)).all()
    assert newer == [post_id]


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
