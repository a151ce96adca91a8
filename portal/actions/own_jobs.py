"""Jobs of the organisation's own: added, copied, closed, reopened and deleted here."""

from collections.abc import Mapping
from typing import Any, Final

from portal.actions.edit_field import Saved
from portal.domain.edit_values import as_json
from portal.domain.job_fields import DELETION, FIELDS, OPENING, OWN_FIELDS, Visibility
from portal.domain.texts import cut_line
from portal.live.publish import announce
from portal.models import Job, Source
from portal.models.base import utc_now
from portal.store.edits import last_edit, record_edit, version_of
from portal.store.held_closings import end_holds_of
from portal.store.job_columns import set_columns
from portal.store.jobs import deleted_job_of, job_of
from portal.store.organisations import next_revision
from portal.store.transactions import write

COPIED: Final = frozenset(
    column for field in (*FIELDS.values(), *OWN_FIELDS.values()) for column in field.columns
)
"""What people say of a job, and nothing of where it came from."""


class NotOwnJob(Exception):
    """The job is Greenhouse's: it opens and closes there."""

    def __init__(self, what: str = "close or reopen it in Greenhouse") -> None:
        super().__init__(f"This job comes from Greenhouse: {what}.")


def add_job(organisation_id: int, columns: Mapping[str, Any]) -> Job:
    """Add an open job with these (already checked) columns and return it."""
    now = utc_now()
    with write() as session:
        revision = next_revision(organisation_id)
        job = Job(
            organisation_id=organisation_id,
            source=Source.OWN,
            listed=True,
            changed_at=now,
            opened_at=now,
            revision=revision,
            **columns,
        )
        session.add(job)
    announce(organisation_id, revision)
    return job


def duplicate_job(organisation_id: int, job_id: int) -> Job | None:
    """Add a hidden copy of any job as the organisation's own; ``None`` when there is no such job.

    The link to apply of an imported job is not copied: it leads to that very post.
    """
    job = job_of(organisation_id, job_id, whole=True)
    if job is None:
        return None
    columns = {name: getattr(job, name) for name in COPIED}
    columns |= {"title": cut_line(f"Copy of {job.title}", OWN_FIELDS["title"].max_length)}
    columns |= {"visibility": Visibility.HIDDEN.value}
    if job.imported:
        columns |= {"apply_url": None, "description_markdown": None}
    return add_job(organisation_id, columns)


def open_or_close(
    organisation_id: int, job_id: int, *, open_it: bool, user_id: int | None = None
) -> Saved | None:
    """Open or close an own job, which is an edit of it; ``None``: no such job. Raises ``NotOwnJob``."""
    now = utc_now()
    with write():
        revision = next_revision(organisation_id)
        job = job_of(organisation_id, job_id)
        if job is None:
            return None
        if job.imported:
            raise NotOwnJob
        if job.listed == open_it:
            return Saved(job, OPENING, None)
        before = {"listed": job.listed, "closed_at": job.closed_at}
        after = {"listed": open_it, "closed_at": None if open_it else now}
        version = version_of(job_id, OPENING.name) + 1
        edit_id = record_edit(job, OPENING.name, version, user_id, as_json(before), as_json(after), now)
        set_columns(job, after, now, revision)
        saved = Saved(job, OPENING, edit_id)
    announce(organisation_id, revision)
    return saved


def delete_job(organisation_id: int, job_id: int, user_id: int | None = None) -> Saved | None:
    """Delete an own job, which is an edit of it that can be undone for ``retention.DELETED``.

    Returns the edit that deleted it, also where somebody did before; ``None`` when there is no such job.
    Raises ``NotOwnJob``.
    """
    now = utc_now()
    with write():
        revision = next_revision(organisation_id)
        job = job_of(organisation_id, job_id)
        if job is None:
            return _deleted_before(organisation_id, job_id)
        if job.imported:
            raise NotOwnJob("it can be closed there, and not be deleted here")
        version = version_of(job_id, DELETION.name) + 1
        before, after = as_json({"deleted_at": None}), as_json({"deleted_at": now})
        edit_id = record_edit(job, DELETION.name, version, user_id, before, after, now)
        set_columns(job, {"deleted_at": now}, now, revision)
        end_holds_of(job_id, now)
        saved = Saved(job, DELETION, edit_id)
    announce(organisation_id, revision)
    return saved


def _deleted_before(organisation_id: int, job_id: int) -> Saved | None:
    job = deleted_job_of(organisation_id, job_id)
    if job is None:
        return None
    edit = last_edit(job_id, DELETION.name)
    return Saved(job, DELETION, edit.id if edit else None)
