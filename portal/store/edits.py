"""Edits: one row per acknowledged change of a field."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, and_, bindparam, func, insert, literal, select
from sqlalchemy.orm import joinedload, undefer
from sqlalchemy.sql.dml import ReturningInsert

from portal.extensions import session
from portal.models import Edit, Job
from portal.store.jobs import standing

_EDITS: Table = Edit.__table__  # type: ignore[assignment] # declared as FromClause


def version_of(job_id: int, field: str) -> int:
    """Return how often the field was changed by a person: the version an editor starts from."""
    return session().execute(_version(), {"job_id": job_id, "field": field}).scalar_one()


@cache
def _version() -> Select[int]:
    given = (_EDITS.c.job_id == bindparam("job_id"), _EDITS.c.field == bindparam("field"))
    return select(func.coalesce(func.max(_EDITS.c.version), 0)).where(*given)


def job_to_edit(organisation_id: int, job_id: int, field: str) -> tuple[Job | None, int]:
    """Return the organisation's job, with what Greenhouse says of it, and the version of its field."""
    given = {"organisation_id": organisation_id, "job_id": job_id, "field": field}
    row = session().execute(_job_to_edit(), given).first()
    return (row[0], row[1]) if row else (None, 0)


@cache
def _job_to_edit() -> Select[Job, int]:
    job = and_(standing(bindparam("organisation_id")), Job.id == bindparam("job_id"))
    query = select(Job, _version().scalar_subquery()).where(job)
    return query.options(undefer(Job.source_values))


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
    job: Job, field: str, version: int, user_id: int | None, before: Any, after: Any, now: datetime
) -> int:
    """Add the change that makes ``version`` and return its id; the database refuses a number given twice."""
    row = {
        "organisation_id": job.organisation_id,
        "job_id": job.id,
        "user_id": user_id,
        "field": field,
        "version": version,
        "before": before,
        "after": after,
        "at": now,
    }
    return session().execute(_recording(), row).scalar_one()


@cache
def _recording() -> ReturningInsert[int]:
    return insert(_EDITS).returning(_EDITS.c.id)
