"""A field follows Greenhouse until a person edits it, and never overwrites what one wrote."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.actions.jobs.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.jobs.edit import edit_field, keep_ours, take_greenhouse_value
from portal.actions.jobs.own_jobs import duplicate_job
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync.connection import change_settings, disconnect
from portal.actions.sync.run import PREFILL_ENDED, run_sync
from portal.db import end_read, session, write
from portal.domain.jobs.bulk import How
from portal.domain.jobs.derived import DERIVED, derive
from portal.domain.sync.following import ALL_FOLLOW, is_following
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Edit, Job, SyncChange, SyncRun
from portal.store import people
from portal.store.edits import version_of
from portal.store.jobs import is_public
from portal.store.public.jobs import list_public_jobs
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.faults import post
from tests.support.syncs import Sync, before_the_commit, job_writes, reconnect

FindJob = Callable[[int], Job]
FEEDS = {
    "location": {"location": {"name": "Munich"}},
    "department": {"departments": [{"id": 9, "name": "Optics", "parent_id": None, "child_ids": []}]},
    "closes_on": {"application_deadline": "2031-01-15"},
}


def told(run: SyncRun) -> list[tuple[str, Any, Any, bool]]:
    """Every field that a run says it changed: before, after, and whether it followed."""
    end_read()
    changes = session().scalars(select(SyncChange).where(SyncChange.run_id == run.id).order_by(SyncChange.id))
    return [
        (each["field"], each["before"], each.get("after"), each.get("followed", False))
        for change in changes
        for each in change.fields
    ]


@on_sqlite
def test_a_deadline_that_moves_opens_and_closes_a_job_that_nobody_edited(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1, application_deadline="2026-11-26"))
    sync()
    today = date(2026, 11, 28)
    assert not is_public(job(1), today)
    listed(post(1, application_deadline="2027-01-15"))
    sync()
    assert (job(1).closes_on, is_public(job(1), today)) == (date(2027, 1, 15), True)
    listed(post(1))
    sync()
    assert (job(1).closes_on, is_public(job(1), date(2030, 1, 1))) == (None, True)
    listed(post(1, application_deadline="2026-11-27"))
    sync()
    assert not list_public_jobs(job(1).organisation_id, today, limit=9)


@on_sqlite
def test_what_followed_is_foreseen_and_told_field_by_field(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1, application_deadline="2031-01-01"))
    sync()
    edit_field(job(1).organisation_id, job(1).id, "location", "Faro", 0, None)
    listed(post(1, location={"name": "Munich"}, application_deadline="2031-02-01"))
    expected = [
        ("closes_on", "2031-01-01", "2031-02-01", True),
        ("location", "Berlin", "Munich", False),
    ]
    with job_writes() as writes:
        foreseen = sync(Trigger.PREVIEW)
    assert (told(foreseen), writes) == (expected, [])
    done = sync()
    assert (told(done), done.updated) == (expected, 1)
    assert (job(1).location, job(1).closes_on) == ("Faro", date(2031, 2, 1))


@pytest.mark.parametrize("name", FEEDS)
def test_what_is_derived_from_a_field_that_followed_is_made_anew(
    sync: Sync, listed: Callable[..., None], job: FindJob, name: str
) -> None:
    listed(post(1, location={"name": ""}, offices=[], departments=[]))
    sync()
    edit_field(job(1).organisation_id, job(1).id, "tags", "sea", 0, None)
    listed(post(1, **{"location": {"name": ""}, "offices": [], "departments": []} | FEEDS[name]))
    sync()
    row = {column: getattr(job(1), column) for column in Job.__table__.c.keys()}  # noqa: SIM118 - a collection of columns
    assert row["tags"] == ["sea"]
    assert {column: derive(column, row) for column in DERIVED} == {column: row[column] for column in DERIVED}


@on_sqlite
def test_a_field_that_greenhouse_is_silent_of_goes_on_following(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    for name, expected in (("Berlin", "Berlin"), ("", "Berlin"), ("Oslo", "Oslo")):
        listed(post(1, location={"name": name}, offices=[]))
        sync()
        assert job(1).location == expected


@on_sqlite
def test_an_unchanged_value_that_is_saved_goes_on_following(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1))
    sync()
    assert edit_field(job(1).organisation_id, job(1).id, "location", " Berlin ", 0, None).edit_id is None
    listed(post(1, location={"name": "Oslo"}))
    sync()
    assert job(1).location == "Oslo"


@on_sqlite
def test_undoing_an_edit_lets_the_field_follow_again_and_say_what_greenhouse_says_by_now(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1))
    sync()
    org, job_id = job(1).organisation_id, job(1).id
    first = edit_field(org, job_id, "location", "Faro", 0, None).edit_id
    second = edit_field(org, job_id, "location", "Porto", 1, None).edit_id
    listed(post(1, location={"name": "Oslo"}))
    sync()
    assert first
    assert second
    assert undo_edit(org, second, None) is not None
    assert (job(1).location, is_following(job(1).follows, "location")) == ("Faro", False)
    undone = undo_edit(org, first, None)
    assert undone
    assert undone.edit_id
    assert (job(1).location, is_following(job(1).follows, "location")) == ("Oslo", True)
    listed(post(1, location={"name": "Bergen"}))
    sync()
    assert job(1).location == "Bergen"
    assert undo_edit(org, undone.edit_id, None) is not None
    assert (job(1).location, is_following(job(1).follows, "location")) == ("Faro", False)


@on_sqlite
def test_a_value_that_is_taken_follows_again_and_the_undo_of_that_ends_it(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1))
    sync()
    org, job_id = job(1).organisation_id, job(1).id
    edit_field(org, job_id, "location", "Faro", 0, None)
    taken = take_greenhouse_value(org, job_id, "location", None)
    assert taken.edit_id
    listed(post(1, location={"name": "Oslo"}))
    sync()
    assert job(1).location == "Oslo"
    undo_edit(org, taken.edit_id, None)
    sync()
    assert (job(1).location, is_following(job(1).follows, "location")) == ("Faro", False)


@on_sqlite
def test_many_jobs_follow_again_at_once_and_one_undo_takes_all_of_it_back(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    posts = [post(number) for number in range(1, 6)]
    listed(*posts)
    sync()
    org, ids = job(1).organisation_id, [job(number).id for number in range(1, 6)]
    for name, text in (("location", "Faro"), ("seniority", "Lead")):
        bulk_edit(org, Selection(tuple(ids[:3])), checked_change(org, name, How.SET, text), None)
    edit_field(org, ids[2], "location", "Berlin", 1, None)
    done = bulk_edit(org, Selection(tuple(ids)), checked_change(org, "location", How.TAKE, ""), None)
    assert (done.changed, done.same, done.unfit) == (3, 2, 0)
    assert [job(number).location for number in range(1, 6)] == ["Berlin"] * 5
    assert {is_following(job(number).follows, "location") for number in range(1, 6)} == {True}
    assert [is_following(job(n).follows, "seniority") for n in range(1, 6)] == [False] * 3 + [True] * 2
    assert done.edit_id
    undone = undo_edit(org, done.edit_id, None)
    assert undone
    assert undone.restored == 3
    assert [job(number).location for number in range(1, 6)] == ["Faro", "Faro", *["Berlin"] * 3]
    assert [is_following(job(n).follows, "location") for n in range(1, 6)] == [False] * 3 + [True] * 2


@on_sqlite
def test_a_difference_that_is_kept_is_accepted_until_greenhouse_says_something_new(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1))
    sync()
    org, job_id = job(1).organisation_id, job(1).id
    edit_field(org, job_id, "location", "Faro", 0, None)
    keep_ours(org, job_id, "location")
    assert job(1).accepted_differences == {"location": "Berlin"}
    assert version_of(job_id, "location") == 1
    listed(post(1, location={"name": "Oslo"}))
    sync()
    assert (job(1).location, job(1).accepted_differences) == ("Faro", {"location": "Berlin"})
    keep_ours(org, job_id, "location", keep=False)
    assert job(1).accepted_differences == {}


@on_sqlite
def test_jobs_that_are_kept_without_the_board_follow_no_more_also_when_it_is_back(
    sync: Sync, listed: Callable[..., None], job: FindJob, board: DemoBoard
) -> None:
    listed(post(1), post(2))
    sync()
    org = job(1).organisation_id
    disconnect(org, keep_jobs=True)
    assert job(1).follows == 0
    listed(post(1, location={"name": "Oslo"}), post(2))
    reconnect(org, board.token)
    assert (job(1).location, job(1).source_values["location"]) == ("Berlin", "Oslo")


@on_sqlite
def test_jobs_that_were_taken_off_the_page_go_on_following_when_the_board_is_back(
    sync: Sync, listed: Callable[..., None], job: FindJob, board: DemoBoard
) -> None:
    listed(post(1), post(2))
    sync()
    org = job(1).organisation_id
    edit_field(org, job(2).id, "location", "Faro", 0, None)
    disconnect(org, keep_jobs=False)
    listed(*(post(number, location={"name": "Oslo"}) for number in (1, 2)))
    reconnect(org, board.token)
    assert (job(1).location, job(2).location) == ("Oslo", "Faro")


@on_sqlite
def test_a_copy_follows_nothing(sync: Sync, listed: Callable[..., None], job: FindJob) -> None:
    listed(post(1))
    sync()
    copy = duplicate_job(job(1).organisation_id, job(1).id)
    assert copy is not None
    assert (copy.location, copy.follows, job(1).follows) == ("Berlin", 0, ALL_FOLLOW)


def switched(connection: Connection, *, prefill: bool) -> None:
    same = {"include_prospects": connection.include_prospects, "hides_new": False, "user_id": None}
    change_settings(connection, prefill=prefill, **same)


def test_while_prefill_is_off_nothing_follows_and_then_all_that_nobody_edited(
    sync: Sync, listed: Callable[..., None], job: FindJob, connection: Connection
) -> None:
    listed(post(1), post(2))
    sync()
    switched(connection, prefill=False)
    edit = edit_field(connection.organisation_id, job(2).id, "location", "Faro", 0, None).edit_id
    listed(*(post(number, location={"name": "Oslo"}) for number in (1, 2, 3)))
    run = sync()
    assert [job(number).location for number in (1, 2, 3)] == ["Berlin", "Faro", None]
    assert ("location", "Berlin", "Oslo", False) in told(run)
    assert edit
    assert undo_edit(connection.organisation_id, edit, None)
    assert job(2).location == "Berlin"
    edit_field(connection.organisation_id, job(2).id, "location", "Faro", 2, None)
    switched(connection, prefill=True)
    run = sync()
    assert [job(number).location for number in (1, 2, 3)] == ["Oslo", "Faro", "Oslo"]
    assert {each for each in told(run) if each[0] == "location"} == {
        ("location", "Berlin", "Oslo", True),
        ("location", None, "Oslo", True),
    }
    with write() as current:
        current.execute(update(Connection).values(etag=None))
    with job_writes() as writes:
        sync()
    assert writes == []


def test_a_sync_begins_anew_where_prefill_is_switched_off_while_it_prepares(
    sync: Sync,
    listed: Callable[..., None],
    job: FindJob,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed(post(1))
    sync()
    listed(*(post(number, title="Diver", location={"name": "Oslo"}) for number in (1, 2)))
    with before_the_commit(monkeypatch, lambda: switched(connection, prefill=False)):
        run = sync()
    assert (run.status, run.error) == (RunStatus.QUEUED, PREFILL_ENDED)
    assert (job(1).title, job(1).location) == ("Engineer 1", "Berlin")
    with write() as current:
        current.execute(update(SyncRun).values(not_before=None))
    run_sync(run.id, run.generation)
    assert [(job(each).title, job(each).location) for each in (1, 2)] == [
        ("Diver", "Berlin"),
        ("Diver", None),
    ]
    switched(connection, prefill=True)
    sync()
    assert [job(each).location for each in (1, 2)] == ["Oslo", "Oslo"]


@pytest.mark.parametrize(
    "number", [5, 250]
)  # few are written one by one, many by way of a table of their own
def test_an_edit_made_while_a_sync_was_preparing_is_not_overwritten(
    sync: Sync, listed: Callable[..., None], job: FindJob, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    listed(*(post(each) for each in range(1, number + 1)))
    sync()
    org, edited, taken = job(1).organisation_id, job(1).id, job(2).id
    edit_field(org, taken, "location", "Faro", 0, None)
    listed(*(post(each, title="Diver", location={"name": "Oslo"}) for each in range(1, number + 2)))

    def act() -> None:
        edit_field(org, edited, "location", "Porto", 0, None)
        edit_field(org, edited, "tags", "sea", 0, None)
        take_greenhouse_value(org, taken, "location", None)

    with before_the_commit(monkeypatch, act):
        run = sync()
    assert (run.updated, run.created) == (number, 1)
    assert [job(each).location for each in (1, 2, 3, number, number + 1)] == ["Porto", *["Oslo"] * 4]
    assert {job(each).title for each in (1, 2, 3, number)} == {"Diver"}
    assert (job(1).tags, job(1).search_own.split()) == (["sea"], ["engineering", "porto", "sea"])
    followed = [each[3] for each in told(run) if each[0] == "location"]
    assert (len(followed), followed.count(False)) == (number, 1)
    end_read()
    assert session().scalars(select(Edit.after).where(Edit.job_id == edited)).first() == {"location": "Porto"}


@on_sqlite
def test_an_edit_that_bears_the_very_revision_that_the_sync_reserved_is_not_overwritten(
    sync: Sync, listed: Callable[..., None], job: FindJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "RESERVED_AHEAD", 1)
    listed(post(1), post(2))
    sync()
    listed(*(post(each, location={"name": "Oslo"}) for each in (1, 2, 3)))
    with before_the_commit(
        monkeypatch, lambda: edit_field(job(1).organisation_id, job(1).id, "location", "Porto", 0, None)
    ):
        sync()
    assert [job(each).location for each in (1, 2, 3)] == ["Porto", "Oslo", "Oslo"]


@on_sqlite
def test_a_type_that_is_taken_again_is_the_default_one_where_greenhouse_names_none(
    sync: Sync, listed: Callable[..., None], job: FindJob, connection: Connection
) -> None:
    with write() as current:
        current.get_one(Connection, connection.id).default_employment_type = "full_time"
    listed(post(1), post(2))
    sync()
    org, ids = connection.organisation_id, (job(1).id, job(2).id)
    for job_id in ids:
        edit_field(org, job_id, "employment_type", "contract", 0, None)
    take_greenhouse_value(org, ids[0], "employment_type", None)
    change = checked_change(org, "employment_type", How.TAKE, "")
    assert bulk_edit(org, Selection(ids), change, None).changed == 1
    assert [job(number).employment_type for number in (1, 2)] == ["full_time"] * 2
