"""Edits: one row per acknowledged change of a field; and uploaded files that propose such."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Table, and_, bindparam, delete, func, insert, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.db import as_value, connection, count_deleted, session
from portal.domain.jobs.bulk import Step
from portal.domain.jobs.values import as_json
from portal.domain.sync.following import FOLLOWABLE, is_following
from portal.models import Edit, Job, JobImport
from portal.prepared_rows import batches
from portal.prepared_statements import execute
from portal.store.job_lists import JobFilter, wanted_jobs
from portal.store.jobs import deleted, not_gone

_EDITS: Table = Edit.__table__  # type: ignore[assignment] # declared as FromClause
_JOBS: Table = Job.__table__  # type: ignore[assignment] # declared as FromClause


def version_of(job_id: int, field: str) -> int:
    """Return how often the field was changed by a person: the version an editor starts from."""
    return session().execute(_version(), {"job_id": job_id, "field": field}).scalar_one()


@cache
def _version() -> Select[int]:
    given = (_EDITS.c.job_id == bindparam("job_id"), _EDITS.c.field == bindparam("field"))
    return select(func.coalesce(func.max(_EDITS.c.version), 0)).where(*given)


def job_to_edit(organisation_id: int, job_id: int, field: str) -> tuple[Job | None, int]:
    """Return the organisation's job, whole and as a value, and the version of its field."""
    given = {"organisation_id": organisation_id, "job_id": job_id, "field": field}
    rows = execute(connection(), _job_to_edit(), given)
    return (as_value(Job, rows[0]), rows[0][-1]) if rows else (None, 0)


@cache  # built for each edit, this and the statement that writes the columns add half of its time
def _job_to_edit() -> Select[*tuple[Any, ...]]:
    job = and_(not_gone(bindparam("organisation_id")), Job.id == bindparam("job_id"))
    return select(_JOBS, _version().scalar_subquery()).where(job)


def last_edit(job_id: int, field: str) -> Edit | None:
    """Return the field's latest change."""
    query = (
        select(Edit).where(Edit.job_id == job_id, Edit.field == field).order_by(Edit.version.desc()).limit(1)
    )
    return session().scalars(query).first()


def last_edits(job_id: int) -> dict[str, Edit]:
    """Return the latest change of each field of a job that was ever changed."""
    latest = (
        select(Edit.field, func.max(Edit.version).label("version"))
        .where(Edit.job_id == job_id)
        .group_by(Edit.field)
        .subquery()
    )
    query = (
        select(Edit)
        .options(joinedload(Edit.user))
        .join(
            latest,
            and_(Edit.job_id == job_id, Edit.field == latest.c.field, Edit.version == latest.c.version),
        )
    )
    return {edit.field: edit for edit in session().scalars(query)}


def last_edits_of(job_ids: Collection[int], field: str) -> dict[int, Edit]:
    """Return the latest change of one field in each of these jobs, with who made it."""
    query = select(Edit).where(Edit.job_id.in_(job_ids), Edit.field == field).order_by(Edit.version)
    return {edit.job_id: edit for edit in session().scalars(query.options(joinedload(Edit.user)))}


def edit_of(organisation_id: int, edit_id: int) -> Edit | None:
    """Return one of the organisation's edits."""
    query = select(Edit).where(Edit.organisation_id == organisation_id, Edit.id == edit_id)
    return session().scalar(query)


def is_undone(edit_id: int) -> bool:
    """Whether another edit took this one back."""
    return session().scalar(select(Edit.id).where(Edit.undoes_id == edit_id).limit(1)) is not None


def times_undone(edit: Edit) -> int:
    """Return how many undos in a row this edit is: 0 for an edit, 1 for its undo, 2 for the undo of that."""
    if edit.undoes_id is None:
        return 0
    chain = (
        select(Edit.id, Edit.undoes_id, literal(1).label("place"))
        .where(Edit.id == edit.id)
        .cte("chain", recursive=True)
    )
    chain = chain.union_all(
        select(Edit.id, Edit.undoes_id, chain.c.place + 1).join(chain, Edit.id == chain.c.undoes_id)
    )
    return (session().scalar(select(func.max(chain.c.place))) or 1) - 1


def history_of(job_id: int, field: str, limit: int) -> list[Edit]:
    """Return the changes of a field, the latest first, with who made them."""
    query = (
        select(Edit)
        .where(Edit.job_id == job_id, Edit.field == field)
        .order_by(Edit.version.desc())
        .options(joinedload(Edit.user))
        .limit(limit)
    )
    return list(session().scalars(query))


def record_edit(
    job: Job,
    field: str,
    version: int,
    user_id: int | None,
    before: Any,
    after: Any,
    now: datetime,
    token_name: str | None = None,
) -> int:
    """Add the change that makes ``version`` and return its id; the database refuses a number given twice.

    Call it before the job is written: the edit keeps whether the field followed Greenhouse until now.
    """
    row = {
        "organisation_id": job.organisation_id,
        "job_id": job.id,
        "user_id": user_id,
        "field": field,
        "version": version,
        "before": before,
        "after": after,
        "followed": field in FOLLOWABLE and is_following(job.follows, field),
        "at": now,
        "token_name": token_name,
    }
    [[edit_id]] = execute(connection(), _new_edit(tuple(row)), row)
    return int(edit_id)


@cache
def _new_edit(columns: tuple[str, ...]) -> Insert:
    return insert(_EDITS).values({name: bindparam(name) for name in columns}).returning(_EDITS.c.id)


@dataclass(frozen=True, slots=True)
class EditedRow:
    """What taking an edit back needs of it."""

    id: int
    job_id: int
    field: str
    version: int
    before: dict[str, Any]
    after: dict[str, Any]
    followed: bool


def wanted_rows(
    organisation_id: int, wanted: JobFilter, today: date, columns: Sequence[str], *, any_salary_shown: bool
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield id and columns of every job that a filter finds."""
    condition = wanted_jobs(organisation_id, wanted, today, any_salary_shown=any_salary_shown)
    yield from _rows(condition, columns)


def chosen_rows(
    organisation_id: int, job_ids: Collection[int], columns: Sequence[str], *, or_deleted: bool = False
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield id and columns of the organisation's jobs among ``job_ids``, deleted ones too if asked for."""
    condition = not_gone(organisation_id)
    if or_deleted:
        condition = or_(condition, deleted(organisation_id))
    for _, batch in batches(sorted(set(job_ids))):
        yield from _rows(and_(condition, _JOBS.c.id.in_(batch)), columns)


def edits_with(edit: Edit) -> list[EditedRow]:
    """Return the edits that were made at once with this one, of every field, or it alone."""
    columns = (Edit.id, Edit.job_id, Edit.field, Edit.version, Edit.before, Edit.after, Edit.followed)
    meant = Edit.id == edit.id if edit.batch_id is None else Edit.batch_id == edit.batch_id
    query = select(*columns).where(Edit.organisation_id == edit.organisation_id)
    return [EditedRow(*row) for row in session().execute(query.where(meant).order_by(Edit.id))]


def versions_of(job_ids: Sequence[int], field: str) -> dict[int, int]:
    """Return the version of a field in each of the jobs in which it was ever changed."""
    found: dict[int, int] = {}
    for _, batch in batches(job_ids):
        query = (
            select(Edit.job_id, func.max(Edit.version))
            .where(Edit.job_id.in_(batch), Edit.field == field)
            .group_by(Edit.job_id)
        )
        found |= {row[0]: row[1] for row in session().execute(query)}
    return found


def later_edits(job_ids: Sequence[int], field: str, version: int) -> dict[int, dict[int, int | None]]:
    """Return, by job, the versions of a field after ``version``, each with the version that it took back."""
    undone = aliased(Edit)
    found: dict[int, dict[int, int | None]] = {}
    for _, batch in batches(job_ids):
        query = (
            select(Edit.job_id, Edit.version, undone.version)
            .outerjoin(undone, Edit.undoes_id == undone.id)
            .where(Edit.job_id.in_(batch), Edit.field == field, Edit.version > version)
        )
        for row in session().execute(query):
            found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def record_steps(
    organisation_id: int,
    field: str,
    steps: Sequence[Step],
    user_id: int | None,
    now: datetime,
    *,
    batch: int | None,
    undoes: Mapping[int, int] | None = None,
) -> None:
    """Record one edit a job, each the next version of its field. ``undoes`` gives a job's undone edit."""
    if not steps:
        return
    versions = versions_of([step.job_id for step in steps], field)
    shared = {"organisation_id": organisation_id, "user_id": user_id, "field": field, "at": now}
    rows = [
        {
            **shared,
            "job_id": step.job_id,
            "version": versions.get(step.job_id, 0) + 1,
            "before": as_json(step.before),
            "after": as_json(step.after),
            "followed": step.followed,
            "batch_id": batch,
            "undoes_id": (undoes or {}).get(step.job_id),
        }
        for step in steps
    ]
    session().execute(insert(_EDITS), rows)


def first_of_batch(organisation_id: int, batch: int) -> int | None:
    """Return the first edit of a bulk edit, which stands for all of it in an address."""
    query = select(func.min(Edit.id)).where(Edit.organisation_id == organisation_id, Edit.batch_id == batch)
    return session().scalar(query)


def import_of(organisation_id: int, user_id: int, import_id: int, after: datetime) -> JobImport | None:
    """Return what somebody uploaded after then."""
    mine = (JobImport.organisation_id == organisation_id, JobImport.user_id == user_id)
    query = select(JobImport).where(*mine, JobImport.id == import_id, JobImport.created_at > after)
    return session().scalar(query)


def drop_older_imports(organisation_id: int, user_id: int, most: int) -> None:
    """Delete what somebody uploaded, but for the latest."""
    mine = (JobImport.organisation_id == organisation_id, JobImport.user_id == user_id)
    latest = select(JobImport.id).where(*mine).order_by(JobImport.id.desc()).limit(most)
    session().execute(delete(JobImport).where(*mine, JobImport.id.not_in(list(session().scalars(latest)))))


def _rows(condition: Any, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    query = select(_JOBS.c.id, *(_JOBS.c[name] for name in columns)).where(condition)
    for row in session().execute(query.order_by(_JOBS.c.id)).mappings():
        yield row["id"], dict(row)


def delete_old_imports(before: datetime, limit: int) -> tuple[int, int]:
    """Delete what uploaded files of before proposed."""
    over = select(JobImport.id).where(JobImport.created_at <= before).limit(limit)
    gone = count_deleted(delete(JobImport).where(JobImport.id.in_(over)))
    return gone, gone
