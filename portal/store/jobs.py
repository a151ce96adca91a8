"""Jobs: read by organisation, written in bulk by a sync and field by field by people."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnDefault,
    ColumnElement,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import undefer
from sqlalchemy.orm.attributes import set_committed_value

from portal.domain.derived import DERIVED, derive, touched
from portal.domain.sync_plan import StoredPost
from portal.extensions import session
from portal.models import Job, Source
from portal.store.prepared_rows import Rows, Updates, batches

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


def new_jobs() -> Rows:
    """Return what new jobs are added to; each is made by ``new_job``."""
    return Rows(_TABLE)


def job_updates() -> Updates:
    """Return what updates of stored jobs are added to."""
    return Updates(_TABLE)


def new_job(row: Row) -> Row:
    """Return every column of a new job: a default for what is left out, and what follows from others."""
    full = {name: make(None) for name, make in _defaults() if name not in row} | row
    return full | {name: derive(name, full) for name in DERIVED}


@cache
def _defaults() -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """What makes each column's default, as an INSERT of SQLAlchemy's would."""
    defaults = [(c.name, c.default) for c in _TABLE.c if c.name not in DERIVED]
    return tuple(
        (name, default.arg if default.is_callable else partial(_always, default.arg))
        for name, default in defaults
        if isinstance(default, ColumnDefault)
    )


def _always(value: Any, _context: Any) -> Any:
    return value


def restamp(organisation_id: int, stamped: int, revision: int) -> None:
    """Stamp the organisation's jobs anew that bear a revision which others have passed meanwhile."""
    these = (_TABLE.c.organisation_id == organisation_id, _TABLE.c.revision == stamped)
    session().execute(update(_TABLE).where(*these).values(revision=revision))


def close_jobs(job_ids: Sequence[int], now: datetime, revision: int, renew: Callable[[], None]) -> None:
    """Mark jobs as no longer listed; nothing of theirs is deleted. ``renew`` is called between batches."""
    for _, batch in batches(job_ids):
        renew()
        session().execute(
            update(_TABLE)
            .where(_TABLE.c.id.in_(batch))
            .values(listed=False, closed_at=now, changed_at=now, revision=revision)
        )


def follow_columns(job_ids: Sequence[int], columns: Collection[str]) -> None:
    """Make anew what follows from these columns, after a statement that wrote them in many jobs."""
    names = touched(columns)
    sources = sorted({source for name in names for source in DERIVED[name][0]})
    if not names:
        return
    statement = _writing(tuple(names))
    for _, batch in batches(job_ids):
        query = select(_TABLE.c.id.label("job_id"), *(_TABLE.c[source] for source in sources))
        found = session().execute(query.where(_TABLE.c.id.in_(batch))).mappings()
        rows = [
            {"job_id": row["job_id"], **{name: derive(name, dict(row)) for name in names}} for row in found
        ]
        session().execute(statement, [_bound(row) for row in rows])


def set_columns(job: Job, values: Mapping[str, Any], now: datetime, revision: int) -> None:
    """Write some columns of one job, and what follows from them."""
    written = {**values, "changed_at": now, "revision": revision}
    for name, value in written.items():
        set_committed_value(job, name, value)
    for name in touched(values):
        sources, _ = DERIVED[name]
        written[name] = derive(name, {source: getattr(job, source) for source in sources})
        set_committed_value(job, name, written[name])
    session().execute(_writing(tuple(written)), _bound({"job_id": job.id, **written}))


@lru_cache(100)
def _writing(columns: tuple[str, ...]) -> Update:
    """An UPDATE of these columns of one job; its parameters are what ``_bound`` makes of a row."""
    statement = update(_TABLE).where(_TABLE.c.id == bindparam("job_id"))
    return statement.values({name: bindparam(f"new_{name}") for name in columns})


def release_board(
    organisation_id: int, board_token: str, now: datetime, revision: int, *, keep: bool
) -> None:
    """End Greenhouse's hold on a board's jobs: kept ones become the organisation's own, others close.

    What was written here of a job before Greenhouse took it up (again) says something else than its HTML now.

    Either way the hash goes, so that a reconnection takes every listed row up anew.
    """
    values: Row = {"source_hash": None, "changed_at": now, "revision": revision}
    if keep:
        values |= {"source": Source.OWN, "description_markdown": None}
    else:
        values |= {"listed": False, "closed_at": func.coalesce(_TABLE.c.closed_at, now)}
    statement = update(_TABLE).where(
        _TABLE.c.organisation_id == organisation_id,
        _TABLE.c.board_token == board_token,
        _TABLE.c.source == Source.GREENHOUSE,
    )
    session().execute(statement.values(values))


def _bound(row: Row) -> Row:
    return {name if name == "job_id" else f"new_{name}": value for name, value in row.items()}
