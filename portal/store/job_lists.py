"""Jobs as members list them: filtered, sorted and paged, in a constant number of statements."""

import json
from collections import Counter
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, select, union_all

from portal.extensions import session
from portal.models import Job
from portal.store.job_filters import JobFilter, Status, has, wanted_jobs
from portal.store.jobs import STATE, JobState, standing

MOST_VALUES: Final = 200
OFFERED_COLUMNS: Final = ("department", "location", "seniority", "hiring_manager")
_HOURS_A_YEAR: Final = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}


def list_jobs(
    organisation_id: int,
    wanted: JobFilter,
    today: date,
    *,
    shows_salaries: bool,
    sort: str,
    limit: int,
    offset: int,
) -> list[JobState]:
    """Return which of the matching jobs stand on one page."""
    condition = wanted_jobs(organisation_id, wanted, today, shows_salaries=shows_salaries)
    query = select(*STATE).where(condition).order_by(*_order(sort, today)).limit(limit).offset(offset)
    return [JobState(*row) for row in session().execute(query)]


def used_values(organisation_id: int, *names: str) -> dict[str, list[str]]:
    """Return the values that the organisation's jobs bear in some columns, each list in its order."""
    query: Any = union_all(*(_used(organisation_id, name) for name in names))
    values: dict[str, list[str]] = {name: [] for name in names}
    for row in session().execute(query):
        values[row[0]].append(row[1])
    return {name: sorted(found, key=str.casefold) for name, found in values.items()}


def used_tags(organisation_id: int) -> list[str]:
    """Return the tags that the organisation's jobs bear, those borne most often, in their order."""
    kept = cast(Job.tags, Text)
    query = select(kept, func.count()).where(standing(organisation_id)).group_by(kept)
    counts: Counter[str] = Counter()
    for row in session().execute(query):
        for tag in json.loads(row[0]) or ():
            counts[tag] += row[1]
    return sorted((tag for tag, _ in counts.most_common(MOST_VALUES)), key=str.casefold)


def is_sortable(sort: str) -> bool:
    """Whether ``sort`` names a column to sort by, with or without "-" before it."""
    return sort.removeprefix("-") in SORTED_BY


def _used(organisation_id: int, name: str) -> Select[tuple[str, str]]:
    if name not in OFFERED_COLUMNS:
        raise ValueError(f"No values are offered for {name!r}.")
    column: Any = getattr(Job, name)
    inner = (
        select(column.label("value"))
        .where(standing(organisation_id), column.is_not(None), column != "")
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(MOST_VALUES)
        .subquery()
    )
    return select(literal(name), inner.c.value)


SORTED_BY: Final[dict[str, tuple[Any, ...]]] = {
    "title": (func.lower(Job.title),),
    "department": (func.lower(Job.department),),
    "location": (func.lower(Job.location),),
    "workplace_type": (Job.workplace_type,),
    "employment_type": (Job.employment_type,),
    "salary": (
        Job.salary_currency,
        func.coalesce(Job.salary_max, Job.salary_min) * case(_HOURS_A_YEAR, value=Job.salary_period, else_=1),
    ),
    "seniority": (func.lower(Job.seniority),),
    "hiring_manager": (func.lower(Job.hiring_manager),),
    "requisition_id": (func.lower(Job.requisition_id),),
    "tags": (func.lower(Job.tags[0].as_string()), func.lower(cast(Job.tags, Text))),
    "featured": (Job.featured,),
    "visibility": (Job.visibility,),
    "salary_visible": (Job.salary_visible,),
    "source": (Job.source,),
    "summary": (func.lower(Job.summary),),
    "state": (),  # what it is depends on the day
    "changed_at": (Job.changed_at,),
    "opened_at": (Job.opened_at,),
    "closes_on": (Job.closes_on,),
}
_NEVER_EMPTY: Final = frozenset({"changed_at", "opened_at"})  # their indexes are of no use with NULLS LAST


def _state(today: date) -> ColumnElement[int]:
    """What a row says of its job, in the order of the views: open, hidden, closed."""
    opened = has(Status.OPEN, today, shows_salaries=False)
    return case((opened, 1), (has(Status.HIDDEN, today, shows_salaries=False), 2), else_=3)


def _order(sort: str, today: date) -> list[ColumnElement[Any]]:
    """The column asked for, empty values last either way; the newest first among equals."""
    name = sort.removeprefix("-")
    down = sort.startswith("-")
    columns = (_state(today),) if name == "state" else SORTED_BY[name]
    ordered = [column.desc() if down else column.asc() for column in columns]
    if name not in _NEVER_EMPTY:
        ordered = [column.nulls_last() for column in ordered]
    return [*ordered, Job.id.desc()]
