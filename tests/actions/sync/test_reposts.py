"""A job whose post is listed under another id goes on with its row; what is doubtful a person decides."""

from collections.abc import Callable

from sqlalchemy import select

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.pair import accept_pairs, part_pair
from portal.db import end_read, session
from portal.domain.sync.following import is_following
from portal.domain.sync.runs import Trigger
from portal.models import Connection, Job, SyncChange, SyncRun
from portal.store.edits import version_of
from portal.store.pairs import offers_of
from tests.support.databases import on_sqlite
from tests.support.faults import post
from tests.support.syncs import Sync

Listed = Callable[..., None]


def jobs() -> dict[int | None, Job]:
    """Every job by its post."""
    end_read()
    rows = session().scalars(select(Job).execution_options(populate_existing=True))
    return {job.external_id: job for job in rows}


def edit(job: Job, field: str, value: str) -> None:
    edit_field(job.organisation_id, job.id, field, value, version_of(job.id, field), None)


def fields_of(run: SyncRun) -> list[dict[str, object]]:
    end_read()
    changes = session().scalars(select(SyncChange).where(SyncChange.run_id == run.id))
    return [field for change in changes for field in change.fields]


@on_sqlite
def test_the_row_goes_on_under_the_new_id_with_edits_and_address(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    listed(post(3, internal_job_id=777, title="Three"), post(4))
    sync()
    old = jobs()[3]
    edit(old, "department", "Ours")
    listed(post(33, internal_job_id=777, title="Three"), post(4))
    run = sync()
    assert (run.created, run.updated, run.closed, run.held) == (0, 1, 0, 0)
    now = jobs()
    assert now.keys() == {33, 4}
    assert (now[33].id, now[33].department, now[33].listed) == (old.id, "Ours", True)
    assert {"field": "external_id", "before": 3, "after": 33} in fields_of(run)
    assert sync().updated == 0


def test_many_posts_that_move_at_once_are_no_closings(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    listed(*(post(number, internal_job_id=number, title=f"Job {number}") for number in range(1, 21)))
    sync()
    before = {job.id for job in jobs().values()}
    listed(*(post(100 + number, internal_job_id=number, title=f"Job {number}") for number in range(1, 21)))
    run = sync()
    assert (run.created, run.updated, run.closed, run.held) == (0, 20, 0, 0)
    assert {job.id for job in jobs().values()} == before


@on_sqlite
def test_a_post_that_moves_back_takes_its_row_along(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    for post_id in (3, 33, 3, 33):
        listed(post(post_id, internal_job_id=777, title="Three"))
        sync()
        assert list(jobs()) == [post_id]


@on_sqlite
def test_a_preview_says_that_the_row_would_go_on(sync: Sync, listed: Listed, connection: Connection) -> None:
    listed(post(3, internal_job_id=777, title="Three"))
    sync()
    listed(post(33, internal_job_id=777, title="Three"))
    run = sync(Trigger.PREVIEW)
    assert {"field": "external_id", "before": 3, "after": 33} in fields_of(run)
    assert list(jobs()) == [3]


@on_sqlite
def test_both_posts_listed_are_two_jobs(sync: Sync, listed: Listed, connection: Connection) -> None:
    listed(post(3, internal_job_id=777, title="Three"))
    sync()
    listed(post(3, internal_job_id=777, title="Three"), post(33, internal_job_id=777, title="Three"))
    assert sync().created == 1
    assert jobs().keys() == {3, 33}
    listed(post(33, internal_job_id=777, title="Three"))
    assert sync().closed == 1


@on_sqlite
def test_another_title_is_offered_as_a_pair_that_hands_edits_and_address_on(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    listed(post(3, internal_job_id=777, title="Three"), post(4), post(5))
    sync()
    edit(jobs()[3], "department", "Ours")
    listed(post(33, internal_job_id=777, title="Three and a half"), post(4), post(5))
    run = sync()
    assert (run.created, run.closed) == (1, 1)
    offers = offers_of(connection.organisation_id)
    assert offers.jobs == 1
    assert accept_pairs(connection.organisation_id, None, offers.ids) == 1
    old, new = jobs()[3], jobs()[33]
    assert (new.department, old.merged_into_id) == ("Ours", new.id)
    assert is_following(new.follows, "location"), "nobody wrote it"
    assert not is_following(new.follows, "department")
    listed(post(33, internal_job_id=777, title="Changed"), post(4), post(5))
    sync()
    assert jobs()[3].merged_into_id == new.id, "a sync takes no such pair apart"
    parted = part_pair(connection.organisation_id, offers.ids[0], None)
    assert parted is not None
    assert jobs()[33].department != "Ours"


@on_sqlite
def test_a_paired_post_that_is_listed_again_is_a_job_of_its_own(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    listed(post(3, internal_job_id=777, title="Three"), post(4), post(5))
    sync()
    listed(post(33, internal_job_id=777, title="Other"), post(4), post(5))
    sync()
    accept_pairs(connection.organisation_id, None, offers_of(connection.organisation_id).ids)
    listed(
        post(3, internal_job_id=777, title="Three"),
        post(33, internal_job_id=777, title="Other"),
        post(4),
        post(5),
    )
    assert sync().reopened == 1
    assert (jobs()[3].listed, jobs()[3].merged_into_id) == (True, None)


@on_sqlite
def test_several_of_one_job_are_offered_and_none_is_guessed(
    sync: Sync, listed: Listed, connection: Connection
) -> None:
    listed(post(3, internal_job_id=777, title="Three"), post(4), post(5))
    sync()
    listed(
        post(33, internal_job_id=777, title="Three"),
        post(34, internal_job_id=777, title="Three"),
        post(4),
        post(5),
    )
    run = sync()
    assert (run.created, run.closed) == (2, 1)
    offers = offers_of(connection.organisation_id)
    assert (offers.jobs, len(offers.rows)) == (1, 2)
    assert offers.unclear == set(offers.ids)


@on_sqlite
def test_prospect_posts_belong_to_no_job(sync: Sync, listed: Listed, connection: Connection) -> None:
    listed(post(3, internal_job_id=777, title="Three"), post(4))
    sync()
    listed(post(33, internal_job_id=778, title="Three"), post(4))
    run = sync()
    assert (run.created, run.closed) == (1, 1)
    assert offers_of(connection.organisation_id).jobs == 0
