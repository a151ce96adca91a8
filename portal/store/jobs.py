"""Jobs: read by organisation, written in bulk by a sync and field by field by people."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Date, Integer, Select, Table, and_, bindparam, delete, func, or_, select
from sqlalchemy.orm import undefer

from portal.db import count_deleted, read_rows, session
from portal.domain.jobs.fields import Source, seen_by
from portal.domain.jobs.pairs import GonePost
from portal.domain.sync.following import FOLLOWABLE_COLUMNS
from portal.domain.sync.plan import StoredPost
from portal.models import Job
from portal.models.base import BIG

MOST_DELETED: Final = 200
Row = dict[str, Any]
PageJob = Any
"""A ``Job``, or a row with what its page shows (``store.public.jobs.job_of_page``)."""
_TABLE: Table = Job.__table__  # type: ignore[assignment] # declared as FromClause


class JobState(NamedTuple):
    """Which state of a job is meant: what a row shows of it changes with nothing but these."""

    id: int
    revision: int
    changed_at: datetime


DESCRIPTION: Final = (Job.description_html, Job.description_markdown)
STATE: Final = (Job.id, Job.revision, Job.changed_at)
FOLLOWING: Final = (Job.follows, Job.accepted_differences, Job.source_values)
"""What tells which fields follow Greenhouse, and where it says something else; read only when asked for."""


def job_of(organisation_id: int, job_id: int, *, whole: bool = False) -> Job | None:
    """Return the organisation's job; ``whole`` reads description and source values with it.

    A job that was paired into another is none of its own (see ``merged_into``), nor is one that was deleted.
    """
    return session().scalar(_job_of(whole), {"organisation_id": organisation_id, "job_id": job_id})


@cache
def _job_of(whole: bool) -> Select[Job]:
    query = select(Job).where(not_gone(bindparam("organisation_id")), Job.id == bindparam("job_id"))
    return query.options(*map(undefer, (*DESCRIPTION, Job.office_places, *FOLLOWING))) if whole else query


def not_gone(organisation_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """The organisation's jobs, without those that were deleted or paired into another."""
    return and_(
        Job.organisation_id == organisation_id, Job.merged_into_id.is_(None), Job.deleted_at.is_(None)
    )


def added_since(organisation_id: int, title: str, moment: datetime) -> Sequence[Job]:
    """Return the jobs called ``title`` that came after a moment."""
    query = select(Job).where(not_gone(organisation_id), Job.title == title, Job.created_at > moment)
    return session().scalars(query).all()


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


def merged_into(organisation_id: int, job_id: int, *, whole: bool = False) -> Job | None:
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
    given = {"organisation_id": organisation_id, "revision": revision, "limit": limit}
    return list(session().scalars(_gone_since(), given))


@cache
def _gone_since() -> Select[int]:
    is_gone = or_(Job.merged_into_id.is_not(None), Job.deleted_at.is_not(None))
    later = and_(Job.organisation_id == bindparam("organisation_id"), Job.revision > bindparam("revision"))
    return select(Job.id).where(later, is_gone).limit(bindparam("limit", type_=Integer))


def changed_since(organisation_id: int, revision: int, limit: int) -> list[JobState]:
    """Return the jobs stamped with a later revision, the latest first."""
    given = {"organisation_id": organisation_id, "revision": revision, "limit": limit}
    return [JobState(*row) for row in session().execute(_changed_since(), given)]


@cache  # every web process asks after each change, before anybody hears of it
def _changed_since() -> Select[int, int, datetime]:
    query = select(*STATE).where(not_gone(bindparam("organisation_id")), Job.revision > bindparam("revision"))
    return query.order_by(Job.revision.desc(), Job.id).limit(bindparam("limit", type_=Integer))


def changed_ids(organisation_id: int, revision: int) -> set[int]:
    """Return every job stamped with a later revision."""
    query = select(Job.id).where(Job.organisation_id == organisation_id, Job.revision > revision)
    return set(session().scalars(query))


def jobs_by_id(organisation_id: int, job_ids: Collection[int]) -> dict[int, Job]:
    """Return those of the jobs that stand, with what Greenhouse says of them, without descriptions."""
    given = {"organisation_id": organisation_id, "job_ids": list(job_ids)}
    return {job.id: job for job in session().scalars(_jobs_by_id(), given)}


@cache
def _jobs_by_id() -> Select[Job]:
    these = Job.id.in_(bindparam("job_ids", expanding=True))
    query = select(Job).where(not_gone(bindparam("organisation_id")), these)
    return query.options(*(undefer(column) for column in FOLLOWING))


def languages_of(job_ids: Collection[int]) -> dict[int, str | None]:
    """Return the language of each of these jobs."""
    query = select(Job.id, Job.language).where(Job.id.in_(job_ids))
    return {row[0]: row[1] for row in session().execute(query)} if job_ids else {}


def count_jobs(organisation_id: int) -> int:
    """Return how many jobs the organisation has, of every state."""
    return session().scalar(select(func.count()).where(not_gone(organisation_id))) or 0


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


def jobs_to_follow(organisation_id: int, board_token: str) -> dict[int, dict[str, Any]]:
    """Return each listed job of a board by its post: whether and what it follows, and what it holds."""
    names = ("id", "title", "follows", "source_values", *FOLLOWABLE_COLUMNS)
    columns = [getattr(Job, name) for name in names]
    query = select(Job.external_id, *columns).where(
        not_gone(organisation_id), _of_board(organisation_id, board_token), Job.listed
    )
    rows = session().execute(query.order_by(Job.title, Job.id))
    return {post_id: dict(zip(names, values, strict=True)) for post_id, *values in rows if post_id}


def gone_posts(organisation_id: int, board_token: str, post_ids: Collection[int]) -> list[GonePost]:
    """Return what tells whether other posts take the place of these, which are listed no more."""
    query = select(Job.external_id, Job.internal_job_id, Job.title).where(
        _of_board(organisation_id, board_token), Job.listed, Job.deleted_at.is_(None)
    )
    asked = set(post_ids)
    rows = session().execute(query)
    return [GonePost(row[0], row[1], row[2]) for row in rows if row[0] is not None and row[0] in asked]


def count_imported(organisation_id: int, board_token: str) -> int:
    """Return how many jobs of a board are Greenhouse's, open or closed."""
    query = select(func.count(Job.id)).where(_of_board(organisation_id, board_token))
    return session().scalar(query) or 0


def count_open(organisation_id: int, board_token: str, before: datetime | None = None) -> int:
    """Return how many jobs of a board are Greenhouse's and open; of those only that came ``before``."""
    query = select(func.count(Job.id)).where(_of_board(organisation_id, board_token), Job.listed)
    if before is not None:
        query = query.where(Job.created_at < before)
    return session().scalar(query) or 0


def jobs_of_posts(organisation_id: int, board_token: str, post_ids: Collection[int]) -> dict[int, int]:
    """Return the job of each of these posts that has one."""
    query = select(Job.external_id, Job.id).where(
        _of_board(organisation_id, board_token), Job.external_id.in_(post_ids)
    )
    return {row[0]: row[1] for row in session().execute(query) if row[0] is not None}


def _of_board(organisation_id: int, board_token: str) -> ColumnElement[bool]:
    return and_(
        Job.organisation_id == organisation_id,
        Job.board_token == board_token,
        Job.source == Source.GREENHOUSE,
    )


MOST: Final = 50


def siblings_of(job: Job) -> Sequence[Job]:
    """Return the other posts of the same job, of every state, by their places."""
    same = _same_job(job)
    return session().scalars(_posts(), same).all() if same else ()


def public_siblings_of(job: PageJob, today: date, *, to_members: bool = False) -> Sequence[Any]:
    """Return those of them that somebody sees, each a row with its id, title and location."""
    same = _same_job(job)
    return read_rows(_posts(to_members), same | {"today": today}) if same else ()


def _same_job(job: PageJob) -> Row:
    if job.internal_job_id is None or job.board_token is None:
        return {}
    same = {"internal_job_id": job.internal_job_id, "board_token": job.board_token, "job_id": job.id}
    return same | {"organisation_id": job.organisation_id}


@cache
def _posts(to_members: bool | None = None) -> Select[Any]:
    owner, today = bindparam("organisation_id", type_=BIG), bindparam("today", type_=Date())
    shown = not_gone(owner) if to_members is None else public(owner, today, to_members=to_members)
    same = and_(
        Job.internal_job_id == bindparam("internal_job_id"),
        Job.board_token == bindparam("board_token"),
        Job.id != bindparam("job_id"),
    )
    columns: tuple[Any, ...] = (Job,) if to_members is None else (Job.id, Job.title, Job.location)
    return select(*columns).where(shown, same).order_by(Job.location_sort, Job.title_sort, Job.id).limit(MOST)


def public(
    organisation_id: int | ColumnElement[int], today: date | ColumnElement[date], *, to_members: bool = False
) -> ColumnElement[bool]:
    """The open jobs that everybody sees, or a member of the organisation; they close after their last day."""
    kind = _TABLE.c.visibility.type  # parameters of their own: a list would be rendered at each execution
    seen = [bindparam(None, each, kind) for each in seen_by(members=to_members)]
    return and_(
        not_gone(organisation_id),
        Job.listed,
        Job.visibility.in_(seen),
        or_(Job.closes_on.is_(None), Job.closes_on >= today),
    )


def is_public(job: PageJob, today: date, *, to_members: bool = False) -> bool:
    """Whether everybody, or a member, sees the job on ``today``, the organisation's own date."""
    return job.visibility in seen_by(members=to_members) and is_open(job, today)


def is_open(job: PageJob, today: date) -> bool:
    """Whether the job takes applications on ``today``, the organisation's own date."""
    return job.listed and (job.closes_on is None or job.closes_on >= today)


def count_public_jobs(organisation_id: int, today: date, *, to_members: bool = False) -> int:
    """Return how many jobs somebody sees."""
    given = {"organisation_id": organisation_id, "today": today}
    return session().scalar(_count_public(to_members), given) or 0


@cache
def _count_public(to_members: bool) -> Select[int]:
    shown = public(bindparam("organisation_id"), bindparam("today"), to_members=to_members)
    return select(func.count()).where(shown)


def delete_jobs(before: datetime, limit: int) -> tuple[int, int]:
    """Delete for good the jobs that were deleted before then, and what was paired into them."""
    query = select(Job.id).where(Job.deleted_at <= before).order_by(Job.deleted_at).limit(limit)
    over = set(session().scalars(query.with_for_update(skip_locked=True)))
    found, latest = len(over), over
    while latest:  # they lead to nothing any more, and without what they lead to they would be jobs again
        latest = set(session().scalars(select(Job.id).where(Job.merged_into_id.in_(latest)))) - over
        over |= latest
    return found, count_deleted(delete(Job).where(Job.id.in_(over))) if over else 0
