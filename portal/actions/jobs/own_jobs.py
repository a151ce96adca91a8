"""Jobs of the organisation's own: added, copied, closed, reopened and deleted here."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.jobs.edit import Saved
from portal.domain.audit import Action
from portal.domain.jobs.fields import DELETION, FIELDS, OPENING, OWN_FIELDS, Source, Visibility
from portal.domain.jobs.values import as_json
from portal.domain.texts import cut_line
from portal.models import Job
from portal.store.closings import end_closings_of
from portal.store.edits import last_edit, record_edit, version_of
from portal.store.job_columns import set_columns
from portal.store.jobs import added_since, deleted_job_of, job_of

COPIED: Final = frozenset(
    column for field in (*FIELDS.values(), *OWN_FIELDS.values()) for column in field.columns
)
"""What people say of a job, and nothing of where it came from."""
SENT_TWICE: Final = timedelta(seconds=10)
"""Who sends the same within so long clicked twice, or sent the page again."""


class NotOwnJob(Exception):
    """The job is Greenhouse's: it opens and closes there."""

    def __init__(self, what: str = "close or reopen it in Greenhouse") -> None:
        super().__init__(f"This job comes from Greenhouse: {what}.")


def add_job(organisation_id: int, columns: Mapping[str, Any], *, once: bool = False) -> Job:
    """Add an open job with these (already checked) columns and return it.

    ``once``: not a second time where the very same was added a moment ago, and return that one.
    """
    with changing(organisation_id) as change:
        recent = added_since(organisation_id, columns["title"], change.now - SENT_TWICE) if once else ()
        for job in recent:
            if all(getattr(job, name) == value for name, value in columns.items()):
                return job
        job = Job(
            organisation_id=organisation_id,
            source=Source.OWN,
            listed=True,
            changed_at=change.now,
            opened_at=change.now,
            revision=change.revision,
            **columns,
        )
        change.session.add(job)
        record(organisation_id, Action.JOB_ADDED, job.title)
    return job


def duplicate_job(organisation_id: int, job_id: int) -> Job | None:
    """Add a hidden copy of any job as the organisation's own; ``None`` when there is no such job.

    The link to apply of an imported job is not copied: it leads to that very post.
    """
    job = job_of(organisation_id, job_id, whole=True)
    if job is None:
        return None
    columns = {name: getattr(job, name) for name in (*COPIED, "office_places")}
    columns |= {"title": cut_line(f"Copy of {job.title}", OWN_FIELDS["title"].max_length)}
    columns |= {"visibility": Visibility.HIDDEN.value}
    if job.imported:
        columns |= {"apply_url": None, "description_markdown": None}
    return add_job(organisation_id, columns)


def open_or_close(
    organisation_id: int, job_id: int, *, open_it: bool, user_id: int | None = None
) -> Saved | None:
    """Open or close an own job, which is an edit of it; ``None``: no such job. Raises ``NotOwnJob``."""
    with changing(organisation_id) as change:
        job = job_of(organisation_id, job_id)
        if job is None:
            return None
        if job.imported:
            raise NotOwnJob
        if job.listed == open_it:
            return Saved(job, OPENING, None)
        before = {"listed": job.listed, "closed_at": job.closed_at}
        after = {"listed": open_it, "closed_at": None if open_it else change.now}
        version = version_of(job_id, OPENING.name) + 1
        edit_id = record_edit(
            job, OPENING.name, version, user_id, as_json(before), as_json(after), change.now
        )
        set_columns(job, after, change.now, change.revision)
    return Saved(job, OPENING, edit_id)


def delete_job(organisation_id: int, job_id: int, user_id: int | None = None) -> Saved | None:
    """Delete an own job, which is an edit of it that can be undone for ``retention.DELETED``.

    Returns the edit that deleted it, also where somebody did before; ``None`` when there is no such job.
    Raises ``NotOwnJob``.
    """
    with changing(organisation_id) as change:
        job = job_of(organisation_id, job_id)
        if job is None:
            return _deleted_before(organisation_id, job_id)
        if job.imported:
            raise NotOwnJob("it can be closed there, and not be deleted here")
        version = version_of(job_id, DELETION.name) + 1
        before, after = as_json({"deleted_at": None}), as_json({"deleted_at": change.now})
        edit_id = record_edit(job, DELETION.name, version, user_id, before, after, change.now)
        set_columns(job, {"deleted_at": change.now}, change.now, change.revision)
        end_closings_of(job_id, change.now)
    return Saved(job, DELETION, edit_id)


def _deleted_before(organisation_id: int, job_id: int) -> Saved | None:
    job = deleted_job_of(organisation_id, job_id)
    if job is None:
        return None
    edit = last_edit(job_id, DELETION.name)
    return Saved(job, DELETION, edit.id if edit else None)
