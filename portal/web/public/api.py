"""The JSON API, reading: an organisation's public jobs, the same for whoever asks."""

import json
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.config import current_settings
from portal.domain.feeds.public_job import public_json, whole_public_json
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS, EmploymentType, Visibility, WorkplaceType
from portal.domain.jobs.public_list import EVERY_JOB, tally
from portal.models import Job, Organisation
from portal.store.edits import last_edits
from portal.store.jobs import count_public_jobs, is_open, is_public, job_of, merged_into
from portal.store.public.jobs import jobs_with_descriptions, public_job_ids
from portal.web.jobs.public import may_know
from portal.web.permissions import is_member
from portal.web.public.feeds import allow_every_site, feed_job, feed_jobs
from portal.web.public.openapi import LARGEST_PAGE, MOST_JOBS, SORTS, SWITCH, USUAL_JOBS, document
from portal.web.public.pages import FOR_EVERYBODY, cached_for_everybody
from portal.web.public.tab import TabQuery, asked_query, filters_of, groups_of
from portal.web.requests import parse_number, site_address
from portal.web.templating import today_in
from portal.web.tokens.bearer import program
from portal.web.traffic.tracking import asked_tracking

bp = Blueprint("api", __name__, url_prefix="/api/v1")
bp.after_request(allow_every_site)

SETS: Final[dict[str, Collection[str]]] = {
    "workplace_type": list(WorkplaceType),
    "employment_type": list(EmploymentType),
    "sort": SORTS,
    "filters": SWITCH,
}


@dataclass(frozen=True, slots=True)
class JobsQuery:
    """Which jobs are asked for, in which order, which page of them, and whether with what to filter by."""

    query: TabQuery
    page: int
    limit: int
    sort: str
    filters: str

    def address(self, base: str, page: int) -> str:
        """Return the address of another page of the same list."""
        address = self.query.address(base, self.query.wanted, page, plain=False)
        usual = {"limit": USUAL_JOBS, "sort": SORTS[0], "filters": SWITCH[0]}
        unusual = {name: getattr(self, name) for name in usual if getattr(self, name) != usual[name]}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(unusual)}" if unusual else address


def asked_jobs() -> JobsQuery:
    """Return what the address asks for; what cannot be meant answers 400."""
    for name, values in SETS.items():
        for value in request.args.getlist(name):
            if value not in values:
                abort(HTTPStatus.BAD_REQUEST, f"{name} is one of {', '.join(values)}.")
    return JobsQuery(
        asked_query(),
        _number("page", 1, LARGEST_PAGE),
        _number("limit", USUAL_JOBS, MOST_JOBS),
        request.args.get("sort", SORTS[0]),
        request.args.get("filters", SWITCH[0]),
    )


def _counted() -> Hashable:
    asked = asked_jobs()
    return asked.query.wanted, asked.query.tracking, asked.page, asked.limit, asked.sort, asked.filters


def _number(name: str, usual: int, most: int) -> int:
    number = parse_number(request.args.get(name, str(usual)))
    if number is None or not 1 <= number <= most:
        abort(HTTPStatus.BAD_REQUEST, f"{name} is a whole number from 1 to {most}.")
    return number


@bp.get("/orgs/<org>/jobs")
@cached_for_everybody(_counted, same_for_members=True)
def jobs(org: Organisation) -> ResponseReturnValue:
    """A page of the jobs that match, without their descriptions."""
    asked, today = asked_jobs(), today_in(org.time_zone)
    to_members = _is_member()
    total, start = _total(org, asked.query), (asked.page - 1) * asked.limit
    job_ids = public_job_ids(
        org.id,
        today,
        asked.query.wanted,
        to_members=to_members,
        by_department=asked.sort == "department",
        limit=asked.limit,
        offset=start,
    )
    rows = jobs_with_descriptions(org.id, today, job_ids, to_members=to_members)
    base = site_address() + request.path
    has_next = start + asked.limit < total
    last = max(1, -(-total // asked.limit))
    return answer_json(
        {
            "total": total,
            "page": asked.page,
            "limit": asked.limit,
            "next": asked.address(base, asked.page + 1) if has_next else None,
            "previous": asked.address(base, min(asked.page - 1, last)) if asked.page > 1 else None,
            **({"filters": _filters(org, asked.query)} if asked.filters == "true" else {}),
            "jobs": [public_json(job) for job in feed_jobs(org, rows, asked.query.tracking)],
        }
    )


def _total(org: Organisation, query: TabQuery) -> int:
    """Return how many jobs match; of a search and filters as the tab counts them, once a revision."""
    if query.wanted == EVERY_JOB:
        return count_public_jobs(org.id, today_in(org.time_zone), to_members=_is_member())
    return tally(groups_of(org, query.wanted.q, to_members=_is_member()), query.wanted).total


def _is_member() -> bool:
    """Whether a token of a member's asks. A browser's session is told what strangers are."""
    return program() is not None and is_member()


def _filters(org: Organisation, query: TabQuery) -> list[dict[str, Any]]:
    """Say what the list can be filtered by, each value with the jobs that the other filters leave it."""
    groups = groups_of(org, query.wanted.q, to_members=_is_member())
    return [
        {
            "name": each.name,
            "label": each.label,
            "choices": [
                {"value": choice.value, "label": choice.label, "count": choice.count}
                for choice in each.choices
            ],
        }
        for each in filters_of(query, "", tally(groups, query.wanted))
    ]


@bp.get("/orgs/<org>/jobs/<int:job_id>")
@cached_for_everybody(asked_tracking, same_for_members=True)
def job(org: Organisation, job_id: int) -> ResponseReturnValue:
    """One job with its description; a closed one is gone, and any other does not exist.

    A member's token is told of each job whose page they may know, closed ones too, and what can be edited.
    """
    found = job_of(org.id, job_id, whole=True)
    if found is None:
        return _heir(org, job_id)
    if not _may_know(found):
        abort(HTTPStatus.NOT_FOUND)
    if _is_member():
        return answer_json(editable_json(org, found))
    if not is_public(found, today_in(org.time_zone)):
        abort(HTTPStatus.GONE)
    return answer_json(whole_public_json(feed_job(org, found, asked_tracking())))


def _may_know(job: Job) -> bool:
    return may_know(job) if _is_member() else job.visibility == Visibility.SHOWN


def editable_json(org: Organisation, job: Job) -> dict[str, Any]:
    """Return what the API says of a job to a member: what is public, and the fields as editors have them."""
    versions = {name: edit.version for name, edit in last_edits(job.id).items()}
    fields = FIELDS if job.imported else {**FIELDS, **OWN_FIELDS}
    return whole_public_json(feed_job(org, job, asked_tracking())) | {
        "visibility": job.visibility,
        "open": is_open(job, today_in(org.time_zone)),
        "fields": {
            name: {"value": field.read(job), "version": versions.get(name, 0)}
            for name, field in fields.items()
        },
    }


def _heir(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Lead from a job that was paired into another to that one."""
    heir: Job | None = merged_into(org.id, job_id)
    if heir is None or not _may_know(heir):
        abort(HTTPStatus.NOT_FOUND)
    values: dict[str, Any] = {"org": org.slug, "job_id": heir.id, **dict(asked_tracking())}
    answer = redirect(url_for(".job", **values), HTTPStatus.MOVED_PERMANENTLY)
    answer.headers["Cache-Control"] = "no-cache"  # a pair can be taken apart again
    return answer


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this API."""
    answer = answer_json(document(current_settings().site_name, site_address()))
    answer.headers["Cache-Control"] = FOR_EVERYBODY
    answer.add_etag()
    return answer.make_conditional(request)


def answer_json(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), mimetype="application/json")
