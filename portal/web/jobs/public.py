"""The public page of one job."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_plus, urlsplit

from flask import Flask, abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.actions.applications.switch import applies_here
from portal.domain.jobs.fields import HIDDEN_FROM_ALL, Source, Visibility
from portal.domain.jobs.public_words import MainFacts, days_ago, main_facts
from portal.domain.languages import language_name
from portal.domain.sync.prefill import AI_NOTICE
from portal.domain.texts import cut_line
from portal.domain.zones import zone_of
from portal.models import Job, Organisation
from portal.store.jobs import (
    PageJob,
    count_public_jobs,
    is_open,
    is_public,
    merged_into,
    public_siblings_of,
    siblings_of,
)
from portal.store.public.jobs import job_of_page
from portal.store.public.similar_jobs import NewestJobs, Similar, newest_jobs
from portal.web.blueprints import jobs as bp
from portal.web.cache import LRUCache
from portal.web.crawlers.cards import card_address
from portal.web.jobs.job_posting import job_posting
from portal.web.jobs.rows import RowContext, state_of
from portal.web.permissions import is_admin, is_member
from portal.web.public.organisation_cache import board_applied_to
from portal.web.public.pages import cached_for_everybody
from portal.web.public.rows import in_one, openings
from portal.web.requests import site_address
from portal.web.templating import address_of, day, today_in
from portal.web.traffic.tracking import apply_link, asked_tracking


@dataclass(frozen=True, slots=True)
class Post:
    """Another post of the job whose panel is open; ``about`` is its place, and its state unless open."""

    id: int
    title: str
    about: str


def other_posts(job: Job, context: RowContext) -> list[Post]:
    """Return the other posts of a job, whatever their states."""
    return [Post(post.id, post.title, _about(post, context)) for post in siblings_of(job)]


def _about(post: Job, context: RowContext) -> str:
    state = state_of(post, context)
    return " · ".join(filter(None, (post.location, state.label if state.label != "Open" else "")))


def also_in(job: PageJob, posts: Sequence[PageJob]) -> list[tuple[int, str]]:
    """Return id and place of each of a job's public posts, with its title where the place says too little."""
    places = Counter(post.location for post in (job, *posts))
    return [
        (post.id, post.location if post.location and places[post.location] == 1 else _whole(post))
        for post in posts
    ]


def _whole(post: PageJob) -> str:
    return f"{post.title} ({post.location})" if post.location else post.title


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice on automated tools, which may have no words of its own, and the address to opt out at."""

    html: Markup
    opt_out: str | None


def notice_of(job: PageJob) -> Notice | None:
    """Return the notice that a job was imported with."""
    said = (job.source_values or {}).get(AI_NOTICE) if job.source == Source.GREENHOUSE else None
    return Notice(Markup(said["html"]), said["opt_out"]) if said else None  # noqa: S704 - cleaned when stored


@bp.get("/<int:job_id>")
@cached_for_everybody(asked_tracking, is_tracked=True)
def show(org: Organisation, job_id: int) -> ResponseReturnValue:
    """One job with its whole description; a closed one is gone, a hidden one its admins' alone.

    One for members only does not exist for anybody else.
    """
    job = job_of_page(org.id, job_id)
    if job is None:
        return _other(org, job_id)
    if not may_know(job):
        abort(HTTPStatus.NOT_FOUND)
    today = today_in(org.time_zone)
    if job.visibility not in HIDDEN_FROM_ALL and not is_open(job, today):
        return closed_page(org, job, today), HTTPStatus.GONE
    return _page(org, job, today)


def may_know(job: PageJob) -> bool:
    """Whether the person asking may know that there is, or was, such a job."""
    if job.visibility == Visibility.SHOWN:
        return True
    return is_member() if job.visibility == Visibility.MEMBERS else is_admin()


def _other(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Lead from a job that was paired into another to that one, if anybody may know of it."""
    other = merged_into(org.id, job_id)
    if other is None or not may_know(other):
        abort(HTTPStatus.NOT_FOUND)
    answer = redirect(url_for(".show", org=org.slug, job_id=other.id), HTTPStatus.MOVED_PERMANENTLY)
    answer.headers["Cache-Control"] = "no-cache"  # a pair can be taken apart again
    return answer


MOST_SIMILAR: Final = 5
MOST_COMPARED: Final = 20_000
"""Jobs that a process remembers to compare others with: some 20 MB."""
_COMPARED: Final = "public_jobs_compared"


def init_app(app: Flask) -> None:
    """Give the application its memory of the jobs that others are compared with."""
    app.extensions[_COMPARED] = LRUCache[NewestJobs](MOST_COMPARED, _weight)


def _similar(org: Organisation, job: PageJob, today: date) -> list[Similar]:
    """Return jobs that are similar to one; those that it is compared with are read once a revision."""
    compared: LRUCache[NewestJobs] = current_app.extensions[_COMPARED]
    key = (org.id, org.revision, today, is_member())
    newest = compared.get_or_make(key, lambda: newest_jobs(org.id, today, to_members=is_member()))
    return newest.similar_to(job, MOST_SIMILAR)


def _weight(newest: NewestJobs) -> int:
    return 1 + len(newest)


def closed_page(org: Organisation, job: PageJob, today: date, written: Sequence[str] = ()) -> str:
    """Offer what is open and similar; of the job itself nothing is public any more but when it closed.

    ``written`` is what somebody wrote who would apply.
    """
    closed_at = job.closed_at.astimezone(zone_of(org.time_zone)).date() if job.closed_at else None
    closed_on = job.closes_on if job.listed else closed_at
    similar = _similar(org, job, today)
    return render_template(
        "pages/jobs/closed.html",
        written=written,
        closed_on=closed_on if closed_on and closed_on <= today else None,
        similar=in_one(openings(org, [each.job for each in similar])),
        total=count_public_jobs(org.id, today, to_members=is_member()),
    )


def _page(org: Organisation, job: PageJob, today: date) -> str:
    public, facts = is_public(job, today), main_facts(job)
    similar = _similar(org, job, today)
    here = applies_here(board_applied_to(org), job)
    same_department = bool(similar) and all(each.same_department for each in similar)
    every_job = address_of("jobs.index", org=org.slug)
    path = f"{every_job.partition('?')[0]}/{job.id}"
    address = site_address() + path
    return render_template(
        "pages/jobs/show.html",
        job=job,
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
        department=_department(every_job, job) if job.department else None,
        glance=_glance(job, facts),
        posted=days_ago(job.opened_at.astimezone(zone_of(org.time_zone)).date(), today),
        facts=_details(job, org, facts.pay),
        notice=notice_of(job),
        apply_url=_apply_address(org, job, here=here) if is_open(job, today) else None,
        apply_host="" if here else apply_host(job.apply_url),
        path=path,
        address=address,
        about=_about_job(job),
        is_public=public,
        card=card_address(address, org, job, facts) if public else None,
        also_in=also_in(job, _other_posts(job, today)),
        similar=in_one(openings(org, [each.job for each in similar], with_department=not same_department)),
        same_department=same_department,
        posting=job_posting(job, org, applies_here=here) if public else None,
    )


def _other_posts(job: PageJob, today: date) -> Sequence[PageJob]:
    return public_siblings_of(job, today, to_members=is_member()) if job.has_other_posts else ()


def _apply_address(org: Organisation, job: PageJob, *, here: bool) -> str | None:
    if here:
        return url_for(".apply", org=org.slug, job_id=job.id)
    return apply_link(job.apply_url, asked_tracking())


LONGEST_ABOUT: Final = 200
_TAG: Final = re.compile("<[^>]*>?")


def _about_job(job: PageJob) -> str:
    """What other sites show below a link to the job: its summary, or how its description begins."""
    return cut_line(job.summary or _beginning(job.description_html) or job.title, LONGEST_ABOUT)


def _beginning(description: str) -> str:
    """The words that a description begins with: more than a line of them, however much markup there is."""
    return unescape(_TAG.sub(" ", description[: 10 * LONGEST_ABOUT]))


def _department(every_job: str, job: PageJob) -> tuple[str, str]:
    """The department and the address of its jobs."""
    return (
        job.department or "",
        f"{every_job}{'&' if '?' in every_job else '?'}department={quote_plus(job.department or '')}",
    )


def apply_host(apply_url: str | None) -> str:
    """Return whose form opens, as people know it: Greenhouse, or the name of the host."""
    host = (urlsplit(apply_url or "").hostname or "").removeprefix("www.")
    return "Greenhouse" if f".{host}".endswith(".greenhouse.io") else host


def _glance(job: PageJob, facts: MainFacts) -> tuple[tuple[str, str, str, str | None], ...]:
    """What stands below the title: a symbol, its meaning, the value and the value's language."""
    said = (
        ("map-pin", "Location", facts.location, job.language),
        ("house", "Workplace", facts.workplace, None),
        ("briefcase", "Type", facts.employment, None),
        ("banknote", "Pay", facts.pay, None),
    )
    return tuple((symbol, label, value, language) for symbol, label, value, language in said if value)


def _details(job: PageJob, org: Organisation, pay: str | None) -> tuple[tuple[str, str, str | None], ...]:
    """Label, value and the value's language."""
    facts = (
        ("Department", job.department, job.language),  # the team: no board was seen that names another one
        ("Hiring manager", job.hiring_manager if org.shows_hiring_managers else None, None),
        ("Seniority", job.seniority, job.language),
        ("Pay", pay, None),
        ("Language", language_name(job.language) if job.language else None, None),
        ("Apply by", day(job.closes_on) if job.closes_on else None, None),
        ("Reference", job.requisition_id, job.language),
    )
    return tuple((label, value, language) for label, value, language in facts if value)
