"""What a sitemap lists: every organisation, its public jobs, and when the pages of each changed last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from portal.db import session
from portal.domain.jobs.fields import seen_by
from portal.models import Job, Organisation


class Site(NamedTuple):
    """An organisation, and what tells whether its public pages changed."""

    id: int
    slug: str
    revision: int
    time_zone: str
    profile_changed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SiteJobs:
    """The jobs of an organisation that everybody saw: how many are open, and when the last of them changed.

    ``ended_on`` is the last day of those that closed by their date.
    """

    open: int
    changed_at: datetime | None
    ended_on: date | None


class SitemapJob(NamedTuple):
    """A public job, and when its page changed last."""

    organisation_id: int
    id: int
    changed_at: datetime


def sites() -> list[Site]:
    """Return every organisation."""
    columns = (getattr(Organisation, name) for name in Site._fields)
    rows = session().execute(select(*columns).order_by(Organisation.id))
    return [Site(*row) for row in rows]


_CHANGED_AT = func.coalesce(Job.page_changed_at, Job.changed_at)


def jobs_of_sites(days: Sequence[tuple[date, Sequence[str]]]) -> dict[int, SiteJobs]:
    """Return what each organisation's lists of jobs show; ``days`` says which zones have which date."""
    is_open = _open_by(days)
    changed = case((is_open, _CHANGED_AT), (~Job.listed, Job.closed_at))
    ended_on = case((and_(Job.listed, ~is_open), Job.closes_on))
    query = (
        select(Job.organisation_id, func.count().filter(is_open), func.max(changed), func.max(ended_on))
        .join(Organisation, Organisation.id == Job.organisation_id)
        .where(_were_shown())
        .group_by(Job.organisation_id)
    )
    return {row[0]: SiteJobs(*row[1:]) for row in session().execute(query)}


def sitemap_jobs(
    days: Sequence[tuple[date, Sequence[str]]], *, limit: int, offset: int
) -> Iterable[SitemapJob]:
    """Return a part of all public jobs, in an order that stays."""
    query = (
        select(Job.organisation_id, Job.id, _CHANGED_AT)
        .join(Organisation, Organisation.id == Job.organisation_id)
        .where(_were_shown(), _open_by(days))
        .order_by(Job.organisation_id, Job.id)
    )
    rows: Iterable[Any] = session().execute(query.limit(limit).offset(offset))
    return (SitemapJob(*row) for row in rows)


def _were_shown() -> ColumnElement[bool]:
    shown = Job.visibility.in_(seen_by(members=False))
    return and_(Job.merged_into_id.is_(None), Job.deleted_at.is_(None), shown)


def _open_by(days: Sequence[tuple[date, Sequence[str]]]) -> ColumnElement[bool]:
    """Whether a job is listed, and its last day is not over where its organisation is."""
    lasting = (and_(Organisation.time_zone.in_(zones), Job.closes_on >= day) for day, zones in days)
    return and_(Job.listed, or_(Job.closes_on.is_(None), *lasting))
