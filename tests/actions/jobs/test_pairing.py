"""An own job and the imported one of the same title become one job, and can be two again."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.actions.jobs.edit import Conflict, NoSuchField, edit_field
from portal.actions.jobs.own_jobs import add_job, open_or_close
from portal.actions.jobs.pair import accept_pairs, decline_pairs, part_pair
from portal.actions.sync.connection import disconnect
from portal.db import end_read, session
from portal.domain.jobs.pairs import PairStatus
from portal.domain.sync.following import is_following
from portal.models import AuditEntry, Connection, Edit, Job
from portal.store.jobs import changed_since, count_jobs, count_public_jobs, gone_since, is_public, job_of
from portal.store.pairs import count_offered, offers_of, pairs_into
from portal.store.people import revisions
from portal.store.public.jobs import list_public_jobs
from portal.store.shortcuts import used_values
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.pairing import TODAY, WRITTEN, heir, org_of, pair, written
from tests.support.syncs import Sync, reconnect


def test_what_was_written_here_is_taken_over_as_edits(
    imported: Callable[[], Job], own: Job, cast: Any
) -> None:
    before = imported()
    department = before.department
    assert accept_pairs(org_of(own), cast.mara.id) == 1
    after = imported()
    assert written(after) == WRITTEN
    assert after.department == department, "what the own job leaves open stays as it was prefilled"
    edits = session().query(Edit).filter_by(job_id=after.id).all()
    assert {edit.field for edit in edits} == {
        "location", "salary", "tags", "hiring_manager", "closes_on", "featured"
    }  # fmt: skip
    assert {edit.user_id for edit in edits} == {cast.mara.id}
    with pytest.raises(Conflict):
        edit_field(org_of(own), after.id, "location", "Lagos", 0, cast.mara.id)


def test_a_paired_job_is_in_no_list_and_no_count(
    imported: Callable[[], Job], own: Job, connection: Connection
) -> None:
    org = connection.organisation_id
    revision = revisions([org])[org]
    jobs, public = count_jobs(org), count_public_jobs(org, TODAY)
    accept_pairs(org, None)
    end_read()
    assert (count_jobs(org), count_public_jobs(org, TODAY)) == (jobs - 1, public - 1)
    shown = {job.id for job in list_public_jobs(org, TODAY, limit=500)}
    assert own.id not in shown
    assert imported().id in shown
    assert used_values(org, "hiring_manager") == {"hiring_manager": ["Mara"]}
    assert [job.id for job in changed_since(org, revision, 50)] == [imported().id]
    assert gone_since(org, revision, 50) == [own.id]
    assert job_of(org, own.id) is None
    assert heir(own) == imported().id


@on_sqlite
def test_an_own_job_whose_closing_date_is_over_does_not_take_the_other_off_the_page(
    own: Job, imported: Callable[[], Job]
) -> None:
    imported()
    edit_field(org_of(own), own.id, "closes_on", "2024-05-01", 0, None)
    assert accept_pairs(org_of(own), None) == 1
    after = imported()
    assert written(after) == WRITTEN | {"closes_on": None}
    assert (is_following(after.follows, "closes_on"), is_public(after, TODAY)) == (True, True)
    part_pair(org_of(own), pair().id, None)
    alone = job_of(org_of(own), own.id)
    assert alone is not None
    assert (alone.closes_on, imported().closes_on) == (date(2024, 5, 1), None)


@on_sqlite
def test_a_paired_job_is_not_edited_closed_or_offered_again(
    imported: Callable[[], Job], own: Job, connection: Connection
) -> None:
    accept_pairs(org_of(own), None)
    with pytest.raises(NoSuchField):
        edit_field(org_of(own), own.id, "location", "Lagos", 0, None)
    assert open_or_close(org_of(own), own.id, open_it=False) is None
    assert accept_pairs(org_of(own), None) == 0


@on_sqlite
def test_taken_apart_both_are_as_they_were(imported: Callable[[], Job], own: Job) -> None:
    before = written(imported())
    jobs = count_jobs(org_of(own))
    accept_pairs(org_of(own), None)
    parted = part_pair(org_of(own), pair().id, None)
    assert parted is not None
    assert parted.id == own.id
    assert written(imported()) == before
    assert job_of(org_of(own), own.id) is not None
    assert count_jobs(org_of(own)) == jobs
    assert (pair().status, count_offered(org_of(own))) == (PairStatus.PARTED, 0)
    assert part_pair(org_of(own), pair().id, None) is None


@on_sqlite
def test_what_was_edited_since_stays_when_they_are_taken_apart(imported: Callable[[], Job], own: Job) -> None:
    before = imported()
    salary = before.salary_min
    accept_pairs(org_of(own), None)
    edit_field(org_of(own), before.id, "location", "Lagos", 1, None)
    edit_field(org_of(own), before.id, "seniority", "Senior", 0, None)
    part_pair(org_of(own), pair().id, None)
    after = imported()
    assert (after.location, after.seniority, after.salary_min) == ("Lagos", "Senior", salary)
    assert job_of(org_of(own), own.id).location == "Faro"  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        edit_field(org_of(own), before.id, "tags", "one", 1, None)


@on_sqlite
def test_a_sync_keeps_what_was_taken_over(
    imported: Callable[[], Job], own: Job, sync: Sync, board: DemoBoard
) -> None:
    accept_pairs(org_of(own), None)
    post_id = imported().external_id or 0
    board.edit(post_id, location="Oslo", description="<p>New words.</p>")
    assert sync().updated == 1
    assert written(imported()) == WRITTEN
    board.close(post_id)
    sync()
    board.reopen(post_id)
    assert sync().reopened == 1
    assert written(imported()) == WRITTEN
    assert heir(own) == imported().id


@pytest.mark.parametrize("keep", [True, False])
def test_after_a_disconnect_the_pair_stands_and_can_be_taken_apart(
    imported: Callable[[], Job], own: Job, *, keep: bool
) -> None:
    job_id = imported().id
    accept_pairs(org_of(own), None)
    disconnect(org_of(own), keep_jobs=keep)
    end_read()
    assert heir(own) == job_id
    assert [each.own_job_id for each in pairs_into(org_of(own), job_id)] == [own.id]
    part_pair(org_of(own), pair().id, None)
    end_read()
    alone = job_of(org_of(own), own.id)
    assert alone is not None
    assert (alone.listed, alone.merged_into_id) == (True, None)
    other = job_of(org_of(own), job_id)
    assert other is not None
    assert other.listed is keep


@on_sqlite
def test_another_organisations_pair_is_out_of_reach(imported: Callable[[], Job], own: Job, cast: Any) -> None:
    offered = pair().id
    assert accept_pairs(cast.cafe.id, cast.otto.id, [offered]) == 0
    accept_pairs(org_of(own), None)
    assert part_pair(cast.cafe.id, offered, cast.otto.id) is None
    assert pair().status == PairStatus.PAIRED


def test_of_several_pairs_of_one_job_that_are_accepted_at_once_one_counts(
    connection: Connection, sync: Sync, board: DemoBoard
) -> None:
    org = connection.organisation_id
    for place in ("A-town", "B-town"):
        add_job(org, {"title": "Engineer", "location": place})
    board.add(title="Engineer")
    sync()
    assert accept_pairs(org, None, offers_of(org).ids) == 1
    end_read()
    assert count_offered(org) == 0


@on_sqlite
def test_no_second_job_is_paired_into_an_import(imported: Callable[[], Job], own: Job, title: str) -> None:
    org = org_of(own)
    accept_pairs(org, None)
    disconnect(org, keep_jobs=True)
    add_job(org, {"title": title, "location": "B-town"})
    reconnect(org, "northwind")
    assert count_offered(org) == 0
    part_pair(org, pair().id, None)
    assert imported().location != "Faro"


@on_sqlite
def test_what_is_decided_of_pairs_is_noted(
    own: Job, imported: Callable[[], Job], title: str, cast: Cast
) -> None:
    org = org_of(own)
    imported()
    accept_pairs(org, cast.mara.id)
    part_pair(org, pair().id, cast.mara.id)
    decline_pairs(org, cast.mara.id)
    end_read()
    noted = session().scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    decisions = [(each.action, each.about, each.user_id) for each in noted if each.action != "job-added"]
    assert decisions == [
        ("jobs-paired", title, cast.mara.id),
        ("pair-parted", title, cast.mara.id),
    ], "nothing is noted where nothing waited"


@on_sqlite
def test_what_the_own_job_says_follows_no_more_until_the_pair_is_parted(
    own: Job, sync: Sync, board: DemoBoard, title: str
) -> None:
    post_id = next(post["id"] for post in board.posts if post["title"] == title)
    board.edit(post_id, location=WRITTEN["location"])
    sync()
    accept_pairs(org_of(own), None)
    optics = {"id": 9, "name": "Optics", "parent_id": None, "child_ids": []}
    board.edit(post_id, location="Oslo", departments=[optics])
    sync()
    end_read()
    job = session().query(Job).filter_by(external_id=post_id).populate_existing().one()
    assert (job.location, job.department) == (WRITTEN["location"], "Optics")
    part_pair(org_of(own), pair().id, None)
    end_read()
    job = session().query(Job).filter_by(external_id=post_id).populate_existing().one()
    assert (job.location, is_following(job.follows, "location")) == ("Oslo", True)
