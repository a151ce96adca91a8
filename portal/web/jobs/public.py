"""The public page of one job."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from urllib.parse import unquote_plus, urlencode, urlsplit, urlunsplit

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.domain.jobs.fields import HIDDEN_FROM_ALL, Visibility
from portal.domain.sync.prefill import AI_NOTICE
from portal.models import Job, Organisation
from portal.store.jobs import (
    is_open,
    is_public,
    job_of,
    merged_into,
    public_siblings_of,
    siblings_of,
)
from portal.web.blueprints import jobs as bp
from portal.web.jobs.job_posting import (
    employment_label,
    job_posting,
    salary_label,
    workplace_label,
)
from portal.web.jobs.rows import RowContext, state_of
from portal.web.permissions import is_admin, is_member
from portal.web.requests import SOURCE, asked_source
from portal.web.templating import today_in


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


def also_in(job: Job, posts: Sequence[Job]) -> list[tuple[int, str]]:
    """Return id and place of each of a job's public posts, with its title where the place says too little."""
    places = Counter(post.location for post in (job, *posts))
    return [
        (post.id, post.location if post.location and places[post.location] == 1 else _whole(post))
        for post in posts
    ]


def _whole(post: Job) -> str:
    return f"{post.title} ({post.location})" if post.location else post.title


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice on automated tools, which may have no words of its own, and the address to opt out at."""

    html: Markup
    opt_out: str | None


def notice_of(job: Job) -> Notice | None:
    """Return the notice that a job was imported with."""
    said = (job.source_values or {}).get(AI_NOTICE) if job.imported else None
    return Notice(Markup(said["html"]), said["opt_out"]) if said else None  # noqa: S704 - cleaned when stored


def apply_link(apply_url: str | None, source: str | None) -> str | None:
    """Return where to apply, with ``gh_src`` in the place of one that is there; ``None`` stays ``None``.

    The rest of the address is not touched.
    """
    if not apply_url or not source:
        return apply_url
    parts = urlsplit(apply_url)
    others = [piece for piece in parts.query.split("&") if piece and not _is_source(piece)]
    return urlunsplit(parts._replace(query="&".join([*others, urlencode({SOURCE: source})])))


def _is_source(piece: str) -> bool:
    return unquote_plus(piece.partition("=")[0]) == SOURCE


@bp.get("/<int:job_id>")
def show(org: Organisation, job_id: int) -> ResponseReturnValue:
    """One job with its whole description; a closed one is gone, a hidden one its admins' alone.

    One for members only does not exist for anybody else.
    """
    job = job_of(org.id, job_id, whole=True)
    if job is None:
        return _other(org, job_id)
    if not _may_know(job):
        abort(HTTPStatus.NOT_FOUND)
    today = today_in(org.time_zone)
    if job.visibility not in HIDDEN_FROM_ALL and not is_open(job, today):
        return render_template("pages/jobs/closed.html"), HTTPStatus.GONE
    return _page(org, job, today)


def _may_know(job: Job) -> bool:
    """Whether the person asking may know that there is, or was, such a job."""
    if job.visibility == Visibility.SHOWN:
        return True
    return is_member() if job.visibility == Visibility.MEMBERS else is_admin()


def _other(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Lead from a job that was paired into another to that one, if anybody may know of it."""
    other = merged_into(org.id, job_id)
    if other is None or not _may_know(other):
        abort(HTTPStatus.NOT_FOUND)
    answer = redirect(url_for(".show", org=org.slug, job_id=other.id), HTTPStatus.MOVED_PERMANENTLY)
    answer.headers["Cache-Control"] = "no-cache"  # a pair can be taken apart again
    return answer


def _page(org: Organisation, job: Job, today: date) -> str:
    public = is_public(job, today)
    return render_template(
        "pages/jobs/show.html",
        job=job,
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
        facts=_facts(job),
        notice=notice_of(job),
        apply_url=apply_link(job.apply_url, asked_source()) if is_open(job, today) else None,
        is_public=public,
        also_in=also_in(job, public_siblings_of(job, today, to_members=is_member())),
        posting=job_posting(job, org) if public else None,
    )


def _facts(job: Job) -> list[tuple[str, str, str | None]]:
    """Label, value and the value's language."""
    facts = (
        ("Department", job.department, job.language),
        ("Location", job.location, job.language),
        ("Workplace", workplace_label(job), None),
        ("Type", employment_label(job), None),
        ("Seniority", job.seniority, job.language),
        ("Salary", salary_label(job), None),
    )
    return [(label, value, language) for label, value, language in facts if value]
