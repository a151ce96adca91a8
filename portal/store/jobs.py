"""Jobs: read by organisation, written in bulk by a sync and field by field by people."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import undefer

from portal.domain.sync_plan import StoredPost
from portal.extensions import session
from portal.models import Job, Source

MOST_DELETED: Final = 200
Row = dict[str, Any]
_TABLE: Table = Job.__table__  # type: ignore[assignment] # declared as FromClause


class JobState(NamedTuple):
    """Which state of a job is meant: what a row shows of it changes with nothing but these."""

    id: int
    revision: int
    changed_at: datetime


STATE: Final = (Job.id, Job.revision, Job.changed_at)


def job_of(organisation_id: int, job_id: int, *, whole: bool = False) -> Job | None:
    """Return the organisation's job; ``whole`` reads description and source values with it.

    A job that was paired into another is none of its own: ``heir_of`` leads on. Nor is one that was deleted.
    """
    return session().scalar(_one_job(whole), {"organisation_id": organisation_id, "job_id": job_id})


@cache
def _one_job(whole: bool) -> Select[Job]:
    query = select(Job).where(standing(bindparam("organisation_id")), Job.id == bindparam("job_id"))
    if not whole:
        return query
    whole_columns = (Job.description_html, Job.description_markdown, Job.source_values)
    return query.options(*(undefer(column) for column in whole_columns))


def standing(organisation_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """The organisation's jobs, without those that were deleted or paired into another."""
    return and_(
        Job.organisation_id == organisation_id, Job.merged_into_id.is_(None), Job.deleted_at.is_(None)
    )


def deleted(organisation_id: int) -> ColumnElement[bool]:
    """The organisation's jobs that were deleted and can still be restored."""
    return and_(Job.organisation_id == organisation_id, Job.deleted_at.is_not(None))


def deleted_job_of(organisation_id: int, job_id: int) -> Job | None:
    """Return the organisation's job if it was deleted and can still be restored."""
    return session().scalar(select(Job).where(deleted(organisation_id), Job.id == job_id))


def deleted_jobs(organisation_id: int) -> Sequence[Job]:
    """Return such jobs, the last deleted first."""
    query = select(Job).where(deleted(organisation_id)).order_by(Job.deleted_at.desc(), Job.id.desc())
    return session().scalars(query.limit(MOST_DELETED)).all()


def heir_of(organisation_id: int, job_id: int, *, whole: bool = False) -> Job | None:
    """Return the job that this one was paired into, perhaps by way of others."""
    seen: set[int] = set()
    heir_id = _merged_into(organisation_id, job_id)
    while heir_id is not None and heir_id not in seen:
        seen.add(heir_id)
        if heir := job_of(organisation_id, heir_id, whole=whole):
            return heir
        heir_id = _merged_into(organisation_id, heir_id)
    return None


def _merged_into(organisation_id: int, job_id: int) -> int | None:
    query = select(Job.merged_into_id).where(Job.organisation_id == organisation_id, Job.id == job_id)
    return session().scalar(query)


def gone_since(organisation_id: int, revision: int, limit: int) -> list[int]:
    """Return the jobs that were deleted or paired into another after a revision."""
    is_gone = or_(Job.merged_into_id.is_not(None), Job.deleted_at.is_not(None))
    query = select(Job.id).where(Job.organisation_id == organisation_id, Job.revision > revision, is_gone)
    return list(session().scalars(query.limit(limit)))


def changed_since(organisation_id: int, revision: int, limit: int) -> list[JobState]:
    """Return the jobs stamped with a later revision, the latest first."""
    query = (
        select(*STATE)
        .where(standing(organisation_id), Job.revision > revision)
        .order_by(Job.revision.desc(), Job.id)
        .limit(limit)
    )
    return [JobState(*row) for row in session().execute(query)]


def jobs_by_id(organisation_id: int, job_ids: Collection[int]) -> dict[int, Job]:
    """Return those of the jobs that stand, with what Greenhouse says of them, without descriptions."""
    query = select(Job).where(standing(organisation_id), Job.id.in_(job_ids))
    return {job.id: job for job in session().scalars(query.options(undefer(Job.source_values)))}


def count_jobs(organisation_id: int) -> int:
    """Return how many jobs the organisation has, of every state."""
    return session().scalar(select(func.count()).where(standing(organisation_id))) or 0


def stored_posts(organisation_id: int, board_token: str) -> dict[int, StoredPost]:
    """Return what is stored of a board, by post id. A deleted job counts as closed: its post reopens it."""
    listed = and_(Job.listed, Job.deleted_at.is_(None))
    query = select(Job.external_id, Job.id, Job.source_hash, listed, Job.source, Job.merged_into_id).where(
        Job.organisation_id == organisation_id, Job.board_token == board_token
    )
    return {
        external_id: StoredPost(
            job_id, fingerprint, listed, source == Source.GREENHOUSE, merged_into is not None
        )
        for external_id, job_id, fingerprint, listed, source, merged_into in session().execute(query)
        if external_id is not None
    }
