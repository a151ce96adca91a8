"""The JSON API, reading: an organisation's public jobs, the same for whoever asks."""

import json
from collections.abc import Hashable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.config import current_settings
from portal.domain.feeds.public_job import public_json, whole_public_json
from portal.domain.jobs.fields import EmploymentType, Visibility, WorkplaceType
from portal.models import Job, Organisation
from portal.store.jobs import is_public, job_of, merged_into
from portal.store.public.jobs import jobs_with_descriptions, public_job_ids
from portal.web.public.feeds import allow_every_site, feed_job, feed_jobs
from portal.web.public.openapi import LARGEST_PAGE, MOST_JOBS, USUAL_JOBS, document
from portal.web.public.pages import FOR_EVERYBODY, cached_for_everybody
from portal.web.public.tab import TabQuery, asked_query
from portal.web.requests import asked_source, parse_number, site_address
from portal.web.templating import today_in

bp = Blueprint("api", __name__, url_prefix="/api/v1")
bp.after_request(allow_every_site)

SETS: Final = {"workplace_type": WorkplaceType, "employment_type": EmploymentType}


@dataclass(frozen=True, slots=True)
class JobsQuery:
    """Which jobs are asked for, and which page of them."""

    query: TabQuery
    page: int
    limit: int

    def address(self, base: str, page: int) -> str:
        """Return the address of another page of the same list."""
        address = self.query.address(base, self.query.wanted, page, plain=False)
        if self.limit == USUAL_JOBS:
            return address
        return f"{address}{'&' if '?' in address else '?'}limit={self.limit}"


def asked_jobs() -> JobsQuery:
    """Return what the address asks for; what cannot be meant answers 400."""
    for name, values in SETS.items():
        for value in request.args.getlist(name):
            if value not in list(values):
                abort(HTTPStatus.BAD_REQUEST, f"{name} is one of {', '.join(values)}.")
    return JobsQuery(asked_query(), _number("page", 1, LARGEST_PAGE), _number("limit", USUAL_JOBS, MOST_JOBS))


def _counted() -> Hashable:
    asked = asked_jobs()
    return asked.query.wanted, asked.query.source, asked.page, asked.limit


def _number(name: str, usual: int, most: int) -> int:
    number = parse_number(request.args.get(name, str(usual)))
    if number is None or not 1 <= number <= most:
        abort(HTTPStatus.BAD_REQUEST, f"{name} is a whole number from 1 to {most}.")
    return number


@bp.get("/orgs/<org>/jobs")
@cached_for_everybody(_counted, same_for_members=True)
def jobs(org: Organisation) -> ResponseReturnValue:
    """A page of the jobs that match, the newest first, without their descriptions."""
    asked, today = asked_jobs(), today_in(org.time_zone)
    job_ids = public_job_ids(org.id, today, asked.query.wanted)
    start = (asked.page - 1) * asked.limit
    rows = jobs_with_descriptions(org.id, today, job_ids[start : start + asked.limit])
    base = site_address() + request.path
    has_next = start + asked.limit < len(job_ids)
    last = max(1, -(-len(job_ids) // asked.limit))
    return _answer(
        {
            "total": len(job_ids),
            "page": asked.page,
            "limit": asked.limit,
            "next": asked.address(base, asked.page + 1) if has_next else None,
            "previous": asked.address(base, min(asked.page - 1, last)) if asked.page > 1 else None,
            "jobs": [public_json(job) for job in feed_jobs(org, rows, asked.query.source)],
        }
    )


@bp.get("/orgs/<org>/jobs/<int:job_id>")
@cached_for_everybody(asked_source, same_for_members=True)
def job(org: Organisation, job_id: int) -> ResponseReturnValue:
    """One job with its description; a closed one is gone, and any other does not exist."""
    found = job_of(org.id, job_id, whole=True)
    if found is None:
        return _heir(org, job_id)
    if found.visibility != Visibility.SHOWN:
        abort(HTTPStatus.NOT_FOUND)
    if not is_public(found, today_in(org.time_zone)):
        abort(HTTPStatus.GONE)
    return _answer(whole_public_json(feed_job(org, found, asked_source())))


def _heir(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Lead from a job that was paired into another to that one."""
    heir: Job | None = merged_into(org.id, job_id)
    if heir is None or heir.visibility != Visibility.SHOWN:
        abort(HTTPStatus.NOT_FOUND)
    address = url_for(".job", org=org.slug, job_id=heir.id, gh_src=asked_source())
    answer = redirect(address, HTTPStatus.MOVED_PERMANENTLY)
    answer.headers["Cache-Control"] = "no-cache"  # a pair can be taken apart again
    return answer


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this API."""
    answer = _answer(document(current_settings().site_name, site_address()))
    answer.headers["Cache-Control"] = FOR_EVERYBODY
    answer.add_etag()
    return answer.make_conditional(request)


def _answer(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), mimetype="application/json")
