"""Many jobs at once: which are meant, what stands in them, and writing them in few statements."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Table, and_, func, insert, or_, select
from sqlalchemy.orm import aliased

from portal.domain.bulk_changes import Step
from portal.domain.edit_values import as_json
from portal.extensions import session
from portal.models import Edit, Job
from portal.store.job_filters import JobFilter, wanted_jobs
from portal.store.jobs import deleted, standing

BATCH: Final = 500
STRETCH: Final = 1000
_JOBS: Table = Job.__table__  # type: ignore[assignment] # declared as FromClause
_EDITS: Table = Edit.__table__  # type: ignore[assignment] # declared as FromClause


@dataclass(frozen=True, slots=True)
class EditedRow:
    """What taking an edit back needs of it."""

    id: int
    job_id: int
    version: int
    before: dict[str, Any]
    after: dict[str, Any]


def wanted_rows(
    organisation_id: int, wanted: JobFilter, today: date, columns: Sequence[str], *, shows_salaries: bool
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield id and columns of every job that a filter finds."""
    condition = wanted_jobs(organisation_id, wanted, today, shows_salaries=shows_salaries)
    yield from _rows(condition, columns)


def chosen_rows(
    organisation_id: int, job_ids: Collection[int], columns: Sequence[str], *, or_deleted: bool = False
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield id and columns of the organisation's jobs among ``job_ids``, deleted ones too if asked for."""
    condition = standing(organisation_id)
    if or_deleted:
        condition = or_(condition, deleted(organisation_id))
    ids = sorted(set(job_ids))
    for start in range(0, len(ids), BATCH):
        chosen = _JOBS.c.id.in_(ids[start : start + BATCH])
        yield from _rows(and_(condition, chosen), columns)


def edits_with(edit: Edit) -> list[EditedRow]:
    """Return the edits that were made at once with this one, or it alone."""
    columns = (Edit.id, Edit.job_id, Edit.version, Edit.before, Edit.after)
    meant = Edit.id == edit.id if edit.batch_id is None else Edit.batch_id == edit.batch_id
    query = select(*columns).where(Edit.organisation_id == edit.organisation_id, Edit.field == edit.field)
    return [EditedRow(*row) for row in session().execute(query.where(meant).order_by(Edit.id))]


def versions_of(job_ids: Sequence[int], field: str) -> dict[int, int]:
    """Return the version of a field in each of the jobs in which it was ever changed."""
    found: dict[int, int] = {}
    for start in range(0, len(job_ids), BATCH):
        query = (
            select(Edit.job_id, func.max(Edit.version))
            .where(Edit.job_id.in_(job_ids[start : start + BATCH]), Edit.field == field)
            .group_by(Edit.job_id)
        )
        found |= {row[0]: row[1] for row in session().execute(query)}
    return found


def later_edits(job_ids: Sequence[int], field: str, version: int) -> dict[int, dict[int, int | None]]:
    """Return, by job, the versions of a field after ``version``, each with the version that it took back."""
    undone = aliased(Edit)
    found: dict[int, dict[int, int | None]] = {}
    for start in range(0, len(job_ids), BATCH):
        query = (
            select(Edit.job_id, Edit.version, undone.version)
            .outerjoin(undone, Edit.undoes_id == undone.id)
            .where(
                Edit.job_id.in_(job_ids[start : start + BATCH]), Edit.field == field, Edit.version > version
            )
        )
        for row in session().execute(query):
            found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def stretches(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    """Yield the steps in stretches of which each takes a moment: in between it can be told how far it is."""
    for start in range(0, len(steps), STRETCH):
        yield steps[start : start + STRETCH]


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


def _rows(condition: Any, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    query = select(_JOBS.c.id, *(_JOBS.c[name] for name in columns)).where(condition)
    for row in session().execute(query.order_by(_JOBS.c.id)).mappings():
        yield row["id"], dict(row)
