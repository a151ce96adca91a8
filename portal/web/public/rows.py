"""A job as one row of a public list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from flask import current_app, url_for
from markupsafe import Markup, escape

from portal.domain.jobs.fields import Visibility, WorkplaceType
from portal.domain.languages import language_name, primary_language
from portal.domain.places.locations import read_location
from portal.models import Organisation
from portal.web.cache import LRUCache
from portal.web.jobs.job_posting import employment_label, salary_label, workplace_label
from portal.web.templating import PAGE_LANGUAGE, day, today_in, zone_of

NEW_FOR: Final = 1  # day
LONGEST_AGO: Final = 30  # days; what is older bears its date
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


def public_rows(org: Organisation, jobs: Iterable[Any], *, with_department: bool = True) -> list[PublicJob]:
    """Return what anybody may read of each job."""
    today = today_in(org.time_zone)
    address, _, query = url_for("jobs.index", org=org.slug).partition("?")
    ending = f"?{query}" if query else ""
    return [
        _row(job, f"{address}/{job.id}{ending}", today, org, with_department or job.featured) for job in jobs
    ]


@dataclass(frozen=True, slots=True)
class Opening:
    """A row of a list as HTML, and what the list is grouped by."""

    department: str | None
    featured: bool
    html: Markup


def openings(
    org: Organisation, jobs: Iterable[Any], *, with_department: bool = True, show_featured: bool = False
) -> list[Opening]:
    """Return the rows of a list; one that shows what it showed before is not rendered again."""
    today = today_in(org.time_zone)
    base, _, query = url_for("jobs.index", org=org.slug).partition("?")
    ending = escape(f"?{query}") if query else Markup()
    found = []
    for job in jobs:
        named = with_department or job.featured
        key = (*job, today, org.time_zone, named, show_featured)
        before, after = _RENDERED.get_or_make(key, partial(_render, job, today, org, named, show_featured))
        html = Markup(f"{before}{base}/{job.id}{ending}{after}")  # noqa: S704 - each part is escaped
        found.append(Opening(job.department, job.featured, html))
    return found


def _render(job: Any, today: date, org: Organisation, named: bool, show_featured: bool) -> tuple[str, str]:
    """Return what stands before the address of a row, and after it: the rest is the same on each page."""
    template = current_app.jinja_env.get_template("partials/public/_opening.html")
    html = template.module.opening(_row(job, ADDRESS, today, org, named), show_featured)  # type: ignore[attr-defined] # a macro
    before, _, after = html.partition(ADDRESS)
    return before, after


def _row(job: Any, address: str, today: date, org: Organisation, with_department: bool) -> PublicJob:
    opened_on = job.opened_at.astimezone(zone_of(org.time_zone)).date()
    return PublicJob(
        address=address,
        title=job.title,
        language=job.language,
        department=job.department,
        facts=_facts(job, with_department),
        pay=salary_label(job),
        featured=job.featured,
        is_new=(today - opened_on).days < NEW_FOR,
        opened_at=job.opened_at,
        posted=days_ago(opened_on, today),
        members_only=job.visibility == Visibility.MEMBERS,
    )


def _facts(job: Any, with_department: bool) -> tuple[tuple[str, str | None], ...]:
    facts = (
        (job.department if with_department else None, job.language),
        (job.location, job.language),
        (unsaid_workplace(job), None),
        (employment_label(job), None),
        (foreign_language(job.language), None),
    )
    return tuple((text, language) for text, language in facts if text)


def unsaid_workplace(job: Any) -> str | None:
    """Return "Hybrid" and the like unless the location says so already: "Remote, Europe"."""
    label, location = workplace_label(job), job.location or ""
    if not label or label.casefold() in location.casefold():
        return None
    is_remote = job.workplace_type == WorkplaceType.REMOTE
    return None if is_remote and location and read_location(location).offers_remote else label


def foreign_language(language: str | None) -> str | None:
    """Return "in German" where a post is in another language than the page."""
    if primary_language(language) in (None, PAGE_LANGUAGE):
        return None
    return f"in {language_name(language or '')}"


def days_ago(opened_on: date, today: date) -> str:
    """Return when a job was posted, as people say it: "today", "3 days ago", "12 Nov"."""
    days = (today - opened_on).days
    if days <= 1:
        return "today" if days < 1 else "yesterday"
    if days <= LONGEST_AGO:
        return f"{days} days ago"
    said = day(opened_on)
    return said.removesuffix(f" {today.year}")
