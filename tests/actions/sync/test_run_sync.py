"""A sync, from Greenhouse's answer to the stored jobs."""

from collections.abc import Callable
from random import shuffle
from typing import Any

import pytest
from sqlalchemy import func, select, update

from portal.actions.jobs.edit import edit_field
from portal.actions.sync import prepare
from portal.actions.sync.connection import disconnect
from portal.db import session, write
from portal.domain.jobs.fields import Source
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job
from portal.store.sync_changes import changes_of
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.faults import post
from tests.support.syncs import Sync, first_post, job_writes, jobs_on, reconnect, stored

FindJob = Callable[[int], Job]


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


@on_sqlite
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


@on_sqlite
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


@on_sqlite
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
