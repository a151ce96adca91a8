"""A job as one row of a public list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final

from flask import current_app
from markupsafe import Markup, escape

from portal.domain.jobs.fields import Visibility
from portal.domain.jobs.public_words import days_ago, job_facts, salary_label
from portal.domain.zones import zone_of
from portal.models import Organisation
from portal.store.public.jobs import ListedJob
from portal.web.cache import LRUCache
from portal.web.templating import address_of, today_in

NEW_FOR: Final = 1  # day
ADDRESS: Final = "\0address"
"""Stands in a rendered row for its address; no stored text can hold it."""
_RENDERED: Final = LRUCache[tuple[str, str]](8 * 2**20, lambda html: len(html[0]) + len(html[1]) + 1_000)


@dataclass(frozen=True, slots=True)
class PublicJob:
    """What a list says of a job: ``facts`` in the order in which they are read, each with its language.

    ``posted`` says when in words. One that is ``members_only`` stands in no list that others see.
    """

    address: str
    title: str
    language: str | None
    department: str | None
    facts: tuple[tuple[str, str | None], ...]
    pay: str | None
    featured: bool
    is_new: bool
    opened_at: datetime
    posted: str
    members_only: bool


def openings(
    org: Organisation, jobs: Iterable[ListedJob], *, with_department: bool = True, show_featured: bool = False
) -> list[str]:
    """Return the rows of a list as HTML; one that shows what it showed before is not rendered again."""
    today, zone = today_in(org.time_zone), org.time_zone
    base, _, query = address_of("jobs.index", org=org.slug).partition("?")
    ending = escape(f"?{query}") if query else ""
    found = []
    for job in jobs:
        named = with_department or job.featured
        key = (*job, today, zone, named, show_featured)
        before, after = _RENDERED.get_or_make(key, partial(_render, job, today, org, named, show_featured))
        found.append(f"{before}{base}/{job.id}{ending}{after}")
    return found


def in_one(rows: Iterable[str]) -> Markup:
    """Return rows of ``openings`` as one piece for a template: each alone takes it longer."""
    return Markup("".join(rows))  # noqa: S704 - each part is escaped


def _render(
    job: ListedJob, today: date, org: Organisation, named: bool, show_featured: bool
) -> tuple[str, str]:
    """Return what stands before the address of a row, and after it: the rest is the same on each page."""
    template = current_app.jinja_env.get_template("partials/public/_opening.html")
    html = template.module.opening(_row(job, ADDRESS, today, org, named), show_featured)  # type: ignore[attr-defined] # a macro
    before, _, after = html.partition(ADDRESS)
    return before, after


def _row(job: ListedJob, address: str, today: date, org: Organisation, with_department: bool) -> PublicJob:
    opened_on = job.opened_at.astimezone(zone_of(org.time_zone)).date()
    return PublicJob(
        address=address,
        title=job.title,
        language=job.language,
        department=job.department,
        facts=job_facts(job, with_department=with_department),
        pay=salary_label(job),
        featured=job.featured,
        is_new=(today - opened_on).days < NEW_FOR,
        opened_at=job.opened_at,
        posted=days_ago(opened_on, today),
        members_only=job.visibility == Visibility.MEMBERS,
    )
