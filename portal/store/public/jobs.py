"""The jobs that the public pages list: filtered and counted; and what the page of one needs."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)

from portal.db import read_rows, session
from portal.domain.jobs.fields import seen_by
from portal.domain.jobs.public_list import EVERY_JOB, FILTERS, Group, PublicFilter
from portal.domain.languages import primary_language
from portal.domain.people import SLUG
from portal.domain.places.keys import place_key, place_keys
from portal.domain.texts import name_segment, search_terms
from portal.models import Job, Organisation
from portal.models.base import BIG
from portal.prepared_rows import batches
from portal.prepared_statements import execute
from portal.store.job_lists import contains
from portal.store.jobs import PageJob, not_gone, public


class OrganisationState(NamedTuple):
    """What every public page of an organisation follows from, whatever its address."""

    id: int
    revision: int
    name: str
    summary: str
    time_zone: str


def organisation_state(slug: str, connection: Connection | None = None) -> OrganisationState | None:
    """Return the state of the organisation whose address is ``slug``, by the cheapest of queries.

    It is asked over ``connection``, or else within the session.
    """
    given = {"slug": slug if SLUG.fullmatch(slug) else ""}
    rows = execute(connection or session().connection(), _organisation_state(), given)
    return OrganisationState(*rows[0]) if rows else None


@cache
def _organisation_state() -> Select[Any]:
    columns = (getattr(Organisation, name) for name in OrganisationState._fields)
    return select(*columns).where(Organisation.slug == bindparam("slug"))


MOST_STATEMENTS: Final = 200
"""As many are kept: building one takes longer than what it asks for."""
ASKED: Final = (bindparam("organisation_id", type_=BIG), bindparam("today", type_=Date()))
Row = Any
"""A row with what a feed says of a job."""


class ListedJob(NamedTuple):
    """What a public list says of a job."""

    id: int
    title: str
    language: str | None
    department: str | None
    location: str | None
    workplace_type: str | None
    employment_type: str | None
    salary_min: int | None
    salary_max: int | None
    salary_currency: str | None
    salary_period: str | None
    salary_visible: bool
    featured: bool
    visibility: str
    opened_at: datetime


LISTED: Final = tuple(getattr(Job, name) for name in ListedJob._fields)
_GROUPED: Final = (
    *(Job.department, Job.location, Job.places, Job.workplace_type, Job.employment_type, Job.language),
    Job.featured,
)


_NEWEST: Final = (Job.opened_at.desc(), Job.id.desc())
_BY_DEPARTMENT: Final = (
    Job.featured.desc(),
    case((Job.featured, literal("")), else_=func.nullif(Job.department_sort, "")).asc().nulls_last(),
)

_OF_PAGE: Final = (
    *("organisation_id", "source", "board_token", "external_id", "internal_job_id", "id", "listed"),
    *("closed_at", "opened_at", "closes_on", "visibility", "featured", "title", "summary", "language"),
    *("department", "department_sort", "location", "places", "office_places"),
    *("workplace_type", "employment_type", "seniority"),
    *("salary_min", "salary_max", "salary_currency", "salary_period", "salary_visible", "tags"),
    *("hiring_manager", "requisition_id", "apply_url", "source_values", "description_html"),
)


def job_of_page(organisation_id: int, job_id: int) -> PageJob | None:
    """Return what the page of an organisation's job needs of it, and whether it ``has_other_posts``."""
    rows = read_rows(_job_of_page(), {"organisation_id": organisation_id, "job_id": job_id})
    if not rows:
        return None
    [row] = rows
    # A page reads some eighty attributes: of a row itself, each would take ten times as long.
    return SimpleNamespace(**dict(zip(row._fields, row, strict=True)))


@cache
def _job_of_page() -> Select[*tuple[Any, ...]]:
    columns = Job.__table__.c  # the columns themselves: the ORM has nothing to do with the row
    others = Job.__table__.alias().c
    same = (others[name] == columns[name] for name in ("organisation_id", "internal_job_id", "board_token"))
    has_others = exists().where(*same, others.id != columns.id).label("has_other_posts")
    of_organisation = columns.organisation_id == bindparam("organisation_id")
    stands = and_(columns.merged_into_id.is_(None), columns.deleted_at.is_(None))
    query = select(*(columns[name] for name in _OF_PAGE), has_others)
    return query.where(of_organisation, stands, columns.id == bindparam("job_id"))


def list_public_jobs(
    organisation_id: int,
    today: date,
    wanted: PublicFilter = EVERY_JOB,
    *,
    to_members: bool = False,
    by_department: bool = False,
    limit: int,
    offset: int = 0,
) -> list[ListedJob]:
    """Return a page of the jobs that somebody sees: featured ones first, then by department or age."""
    given = {"organisation_id": organisation_id, "today": today, "limit": limit, "offset": offset}
    rows = session().execute(_list(wanted, to_members, by_department), given)
    return [ListedJob(*row) for row in rows]


@lru_cache(MOST_STATEMENTS)
def _list(wanted: PublicFilter, to_members: bool, by_department: bool) -> Select[*tuple[Any, ...]]:
    grouped = _BY_DEPARTMENT if by_department else (Job.featured.desc(),)
    query = select(*LISTED).where(_wanted(*ASKED, wanted, to_members=to_members))
    query = query.order_by(*grouped, *_NEWEST)
    return query.limit(bindparam("limit")).offset(bindparam("offset"))


FEED_BATCH: Final = 200
_IN_A_FEED: Final = (
    *LISTED,
    *(Job.apply_url, Job.changed_at, Job.closes_on, Job.office_places, Job.requisition_id, Job.seniority),
    *(Job.summary, Job.tags, Job.description_html, Job.source, Job.external_id, Job.board_token),
)


def public_job_ids(
    organisation_id: int,
    today: date,
    wanted: PublicFilter,
    *,
    to_members: bool = False,
    by_department: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[int]:
    """Return the jobs that somebody finds, the newest first; or by department, featured ones first."""
    query = select(Job.id).where(_wanted(organisation_id, today, wanted, to_members=to_members))
    query = query.order_by(*(_BY_DEPARTMENT if by_department else ()), *_NEWEST)
    return list(session().scalars(query.limit(limit).offset(offset) if limit is not None else query))


def jobs_with_descriptions(
    organisation_id: int, today: date, job_ids: Sequence[int], *, to_members: bool = False
) -> Iterator[Row]:
    """Yield these jobs in their order, a batch at a time in memory; what is no longer seen is left out."""
    for _, batch in batches(job_ids, FEED_BATCH):
        is_seen = public(organisation_id, today, to_members=to_members)
        query = select(*_IN_A_FEED).where(is_seen, Job.id.in_(batch))
        found = {row.id: row for row in session().execute(query)}
        yield from (found[job_id] for job_id in batch if job_id in found)


def last_change(organisation_id: int, wanted: PublicFilter) -> datetime | None:
    """Return when the last of these jobs changed; one that closed meanwhile changed by that."""
    shown = and_(not_gone(organisation_id), Job.visibility.in_(seen_by(members=False)))
    return session().scalar(select(func.max(Job.changed_at)).where(shown, *_filtered(wanted)))


def count_groups(organisation_id: int, today: date, q: str = "", *, to_members: bool = False) -> list[Group]:
    """Return the jobs that a search finds among those that somebody sees, alike ones counted together."""
    given = {"organisation_id": organisation_id, "today": today}
    groups = [Group(*row) for row in session().execute(_groups(q, to_members), given)]
    by_office = {(each.location, each.places) for each in groups if each.places != place_keys(each.location)}
    if not by_office:
        return groups
    condition = _wanted(organisation_id, today, PublicFilter(q), to_members=to_members)
    offices = _offices(condition, sorted({location for location, _ in by_office if location}))
    return [each._replace(offices=offices.get((each.location, each.places))) for each in groups]


@lru_cache(MOST_STATEMENTS)
def _groups(q: str, to_members: bool) -> Select[*tuple[Any, ...]]:
    condition = _wanted(*ASKED, PublicFilter(q), to_members=to_members)
    return select(*_GROUPED, func.count()).where(condition).group_by(*_GROUPED)


def _offices(
    condition: ColumnElement[bool], locations: Sequence[str]
) -> dict[tuple[str | None, str], str | None]:
    """Where the offices are that make a difference; others are not read: they stand behind descriptions."""
    found: dict[tuple[str | None, str], str | None] = {}
    for _, batch in batches(locations):
        query = select(Job.location, Job.places, func.max(Job.office_places))
        query = query.where(condition, Job.location.in_(batch)).group_by(Job.location, Job.places)
        found |= {(row[0], row[1]): row[2] for row in session().execute(query)}
    return found


def _wanted(
    organisation_id: int | ColumnElement[int],
    today: date | ColumnElement[date],
    wanted: PublicFilter,
    *,
    to_members: bool,
) -> ColumnElement[bool]:
    return and_(public(organisation_id, today, to_members=to_members), *_filtered(wanted))


def _filtered(wanted: PublicFilter) -> Iterator[ColumnElement[bool]]:
    for term in search_terms(wanted.q):
        yield or_(contains(Job.search_source, term), contains(Job.search_own, term))
    for name, values in wanted.chosen:
        yield or_(*(_is(name, value) for value in values))


def _is(name: str, value: str) -> ColumnElement[bool]:
    if name not in FILTERS:
        raise ValueError(f"Public jobs are not filtered by {name!r}.")
    if name == "department":
        return contains(Job.department_sort, name_segment(value))
    if name == "location":
        return contains(Job.places, place_key(value))
    if name == "language":
        language = primary_language(value)
        return or_(Job.language == language, Job.language.startswith(f"{language}-")) if language else false()
    column: ColumnElement[bool] = getattr(Job, name) == value
    return column
