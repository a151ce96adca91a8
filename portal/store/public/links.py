"""Tracked links of an organisation, and how often each was followed."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import case, delete, func, select

from portal.db import count_deleted, session
from portal.models import Job, TrackedLink, Traffic
from portal.store.public.traffic import TAB, Sums


class LinkRow(NamedTuple):
    """A link, the title of its job (``None``: it leads to the Jobs tab) and what came by it."""

    link: TrackedLink
    title: str | None
    sums: Sums


def links_of(organisation_id: int) -> list[LinkRow]:
    """Return the links, the newest first, with the views of the page that each leads to.

    The clicks of one to the Jobs tab are those on any job, since the source goes along.
    """
    query = (
        select(TrackedLink, Job.title)
        .outerjoin(Job, Job.id == TrackedLink.job_id)
        .where(TrackedLink.organisation_id == organisation_id)
        .order_by(TrackedLink.created_at.desc(), TrackedLink.id.desc())
    )
    rows = session().execute(query).all()
    sums = _sums(organisation_id, [link.source.lower() for link, _ in rows])
    none = Sums()
    return [LinkRow(link, title, sums.get((link.job_id, link.source.lower()), none)) for link, title in rows]


def _sums(organisation_id: int, sources: Sequence[str]) -> dict[tuple[int | None, str], Sums]:
    """By job and source; by ``None`` and source, for links to the tab."""
    wanted = (Traffic.organisation_id == organisation_id, Traffic.source.in_(sources))
    views, clicks = func.sum(Traffic.views), func.sum(Traffic.clicks)
    by_job = select(Traffic.job_id, Traffic.source, views, clicks).where(*wanted, Traffic.job_id != TAB)
    found: dict[tuple[int | None, str], Sums] = {
        (row[0], row[1]): Sums(int(row[2]), int(row[3]))
        for row in session().execute(by_job.group_by(Traffic.job_id, Traffic.source))
    }
    of_tab = func.sum(case((Traffic.job_id == TAB, Traffic.views), else_=0))
    for row in session().execute(
        select(Traffic.source, of_tab, clicks).where(*wanted).group_by(Traffic.source)
    ):
        found[None, row[0]] = Sums(int(row[1]), int(row[2]))
    return found


def link_of(organisation_id: int, link_id: int) -> TrackedLink | None:
    """Return a link of the organisation."""
    query = select(TrackedLink).where(
        TrackedLink.organisation_id == organisation_id, TrackedLink.id == link_id
    )
    return session().scalar(query)


def link_with(organisation_id: int, job_id: int | None, source: str) -> TrackedLink | None:
    """Return the link with this source to a job or to the tab."""
    query = select(TrackedLink).where(
        TrackedLink.organisation_id == organisation_id,
        TrackedLink.job_id.is_(None) if job_id is None else TrackedLink.job_id == job_id,
        func.lower(TrackedLink.source) == source.lower(),
    )
    return session().scalar(query.limit(1))


def count_links(organisation_id: int) -> int:
    """How many links the organisation has."""
    query = select(func.count()).where(TrackedLink.organisation_id == organisation_id)
    return session().scalar(query) or 0


def delete_link(organisation_id: int, link_id: int) -> str | None:
    """Delete a link; return its name, or ``None`` where there is none."""
    mine = (TrackedLink.organisation_id == organisation_id, TrackedLink.id == link_id)
    name = session().scalar(select(TrackedLink.name).where(*mine))
    return name if count_deleted(delete(TrackedLink).where(*mine)) else None
