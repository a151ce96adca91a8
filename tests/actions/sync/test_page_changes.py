"""When the public page of a job changed last: true for syncs, edits and all else that writes jobs."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import delete, select, update

from portal.actions.jobs.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.jobs.edit import edit_field, keep_ours
from portal.db import end_read, session, write
from portal.domain.jobs.bulk import How
from portal.models import Job
from tests.support.faults import post
from tests.support.syncs import Sync

FindJob = Callable[[int], Job]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def changed() -> bool:
    """Whether the page of the only job changed since this was asked last; its row may have all the same."""
    end_read()
    [page_changed_at] = session().scalars(select(Job.page_changed_at))
    with write() as current:
        current.execute(update(Job).values(page_changed_at=LONG_AGO))
    return bool(page_changed_at != LONG_AGO)


def test_a_page_changes_by_what_it_shows_and_by_nothing_else(
    sync: Sync, listed: Callable[..., None], job: FindJob
) -> None:
    listed(post(1))
    sync()
    assert changed()
    sync()
    assert not changed()
    organisation, job_id = job(1).organisation_id, job(1).id
    edit_field(organisation, job_id, "location", "Faro", 0, None)
    assert changed()
    listed(post(1, location={"name": "Munich"}))  # which is only offered
    before = job(1).changed_at
    sync()
    assert job(1).changed_at > before
    assert not changed()
    keep_ours(organisation, job_id, "location")
    assert not changed()
    listed(post(1, location={"name": "Munich"}, title="Another title"))
    sync()
    assert changed()
    listed(post(2))
    sync()
    with write() as current:
        current.execute(delete(Job).where(Job.external_id == 2))
    changed()
    listed(post(1, location={"name": "Munich"}, title="Another title"))
    sync()
    assert changed()  # it is back
    change = checked_change(organisation, "department", How.SET, "Sea")
    bulk_edit(organisation, Selection((job_id,)), change, None)
    assert changed()
