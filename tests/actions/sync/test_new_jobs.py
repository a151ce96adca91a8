"""New jobs stay hidden until somebody decides, where a connection says so; on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.pair import accept_pairs
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync.connection import change_settings
from portal.db import end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job
from portal.store.edits import version_of
from portal.store.job_counts import count_new
from tests.support.databases import on_sqlite
from tests.support.faults import post
from tests.support.syncs import Sync, before_the_commit, mails

Listed = Callable[..., None]


def switch(connection: Connection, hides_new: bool) -> None:
    change_settings(connection, prefill=True, include_prospects=False, hides_new=hides_new, user_id=1)


def seen() -> dict[int | None, tuple[str, bool]]:
    """Who sees each post's job, and whether it is listed."""
    end_read()
    rows = session().execute(select(Job.external_id, Job.visibility, Job.listed))
    return {post_id: (visibility, is_listed) for post_id, visibility, is_listed in rows}


def decide(job: Job, visibility: str) -> int:
    version = version_of(job.id, "visibility")
    edit_id = edit_field(job.organisation_id, job.id, "visibility", visibility, version, None).edit_id
    assert edit_id is not None
    return edit_id


@on_sqlite
def test_what_a_sync_creates_waits_once_the_switch_is_on_and_what_was_here_stays(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    listed(post(1))
    first = sync()
    switch(connection, True)
    listed(post(1), post(2), post(3))
    run = sync()
    assert seen() == {1: ("shown", True), 2: ("new", True), 3: ("new", True)}
    assert (first.hides_new, run.hides_new, run.created) == (False, True, 2)
    assert count_new(connection.organisation_id) == 2
    assert not sync().hides_new
    switch(connection, False)
    listed(post(1), post(2), post(3), post(4))
    sync()
    assert seen() == {1: ("shown", True), 2: ("new", True), 3: ("new", True), 4: ("shown", True)}


@on_sqlite
def test_a_job_that_returns_keeps_what_a_person_chose_and_one_that_waits_goes_on_waiting(
    sync: Sync, listed: Listed, connection: Connection, job: Callable[[int], Job]
) -> None:
    switch(connection, True)
    listed(*(post(number) for number in range(1, 8)))
    sync()
    for number, visibility in ((1, "shown"), (2, "members"), (3, "hidden")):
        decide(job(number), visibility)
    listed(*(post(number) for number in range(5, 8)))
    sync()
    assert count_new(connection.organisation_id) == 3  # a closed job waits for nobody
    listed(*(post(number) for number in range(1, 8)))
    run = sync()
    assert (run.reopened, run.created, run.hides_new) == (4, 0, False)
    assert [seen()[number][0] for number in range(1, 5)] == ["shown", "members", "hidden", "new"]


@on_sqlite
def test_a_job_that_goes_on_under_another_post_keeps_its_visibility_and_a_doubtful_one_waits(
    sync: Sync, listed: Listed, connection: Connection, job: Callable[[int], Job]
) -> None:
    listed(post(3, internal_job_id=777, title="Three"), post(4))
    sync()
    switch(connection, True)
    decide(job(3), "members")
    listed(post(33, internal_job_id=777, title="Three"), post(4), post(5, title="Three"))
    sync()
    assert {number: seen()[number][0] for number in (33, 4, 5)} == {33: "members", 4: "shown", 5: "new"}


@on_sqlite
def test_a_post_that_is_shown_stays_so_when_a_closed_job_that_nobody_decided_of_becomes_part_of_it(
    sync: Sync, listed: Listed, connection: Connection, job: Callable[[int], Job]
) -> None:
    switch(connection, True)
    listed(post(3, internal_job_id=777), post(4))
    sync()
    edit_field(connection.organisation_id, job(3).id, "location", "Faro", 0, None)
    switch(connection, False)
    listed(post(33, internal_job_id=777, title="Other"), post(4))
    sync()
    assert accept_pairs(connection.organisation_id, None) == 1
    assert (seen()[33], job(33).location) == (("shown", True), "Faro")


@on_sqlite
def test_a_decision_that_is_undone_waits_again(
    sync: Sync, listed: Listed, connection: Connection, job: Callable[[int], Job]
) -> None:
    switch(connection, True)
    listed(post(1))
    sync()
    edit_id = decide(job(1), "hidden")
    assert (job(1).visibility, count_new(connection.organisation_id)) == ("hidden", 0)
    undone = undo_edit(connection.organisation_id, edit_id, None)
    assert undone is not None
    assert undone.restored == 1
    assert (job(1).visibility, count_new(connection.organisation_id)) == ("new", 1)


@pytest.mark.parametrize("hides_new", [True, False])
def test_the_switch_counts_as_it_is_when_a_sync_commits(
    sync: Sync, listed: Listed, connection: Connection, monkeypatch: pytest.MonkeyPatch, hides_new: bool
) -> None:
    switch(connection, not hides_new)
    listed(post(1))
    sync()
    listed(post(1), post(2))
    with before_the_commit(monkeypatch, lambda: switch(connection, hides_new)):
        run = sync()
    assert seen()[2][0] == ("new" if hides_new else "shown")
    assert seen()[1][0] == ("shown" if hides_new else "new")
    assert run.hides_new == hides_new


@on_sqlite
def test_a_preview_says_that_new_jobs_would_be_hidden_and_creates_none(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    switch(connection, True)
    listed(post(1))
    run = sync(Trigger.PREVIEW)
    assert (run.status, run.created, run.hides_new) == (RunStatus.SUCCEEDED, 1, True)
    assert (seen(), mails()) == ({}, [])


def test_the_admins_are_mailed_once_a_day_how_many_wait_and_only_of_more(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    switch(connection, True)
    listed(post(1))
    sync()
    assert mails() == [("mara@example.com", "1 new job waits at Northwind Labs")]
    listed(post(1), post(2))
    sync()
    assert len(mails()) == 1
    a_day_passes(connection, but_not_for=2)
    sync()  # Greenhouse says that nothing changed: the second job is told of all the same
    assert mails()[1:] == [("mara@example.com", "2 new jobs wait at Northwind Labs")]
    a_day_passes(connection)
    sync()
    assert len(mails()) == 2


def a_day_passes(connection: Connection, but_not_for: int = 0) -> None:
    """Let the last mail be older, and the jobs that came before it."""
    day = timedelta(days=1, seconds=1)
    with write() as current:
        told = current.get_one(Connection, connection.id)
        assert told.new_told_at is not None
        told.new_told_at -= day
        for job in current.scalars(select(Job).where(Job.external_id != but_not_for)):
            job.created_at -= day
