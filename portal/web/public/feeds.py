"""Feeds of an organisation's public jobs, whole or filtered: Atom, JSON Feed, and XML for job sites."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.actions.applications.switch import applied_board, applies_here
from portal.config import current_settings
from portal.domain.feeds.job_sites import JOB_SITES
from portal.domain.feeds.jobs import Feed, FeedJob
from portal.domain.feeds.public_job import feed_job_of
from portal.domain.feeds.readers import atom, json_feed
from portal.domain.jobs.public_words import job_facts, list_title, salary_label
from portal.domain.languages import PAGE_LANGUAGE
from portal.domain.people import EMAIL, LONGEST_EMAIL
from portal.domain.zones import zone_of
from portal.models import Organisation
from portal.store.connections import connection_of
from portal.store.public.jobs import jobs_with_descriptions, last_change, public_job_ids
from portal.web.public.pages import cached_feed
from portal.web.public.tab import TabQuery, asked_query
from portal.web.requests import logo_address, site_address
from portal.web.templating import address_of, today_in
from portal.web.traffic.tracking import Tracking, apply_link

bp = Blueprint("feeds", __name__, url_prefix="/orgs/<org>")

Format = Callable[[Feed, Iterable[FeedJob]], Iterator[str]]
INDEED: Final = "indeed"
OF_LINKEDIN: Final = {"poster_email": EMAIL, "company_id": re.compile("[0-9]{1,20}")}
"""What LinkedIn asks for and only the organisation knows: the address that LinkedIn is given says it."""


@bp.after_request
def allow_every_site(response: Response) -> Response:
    """Let scripts of any site read what is the same for everybody, and ask whether their copy is good."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Date"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since"
    return response


def asked_feed() -> Hashable:
    """Return what of the address counts; pages and the grouping of the tab do not."""
    query = asked_query()
    return query.wanted, query.tracking, *_of_jobsite_address().items()


@bp.get("/jobs.atom")
@cached_feed(asked_feed)
def atom_feed(org: Organisation) -> ResponseReturnValue:
    """The jobs as an Atom feed."""
    return _answer(org, atom, "application/atom+xml; charset=utf-8")


@bp.get("/jobs.json")
@cached_feed(asked_feed)
def json_jobs(org: Organisation) -> ResponseReturnValue:
    """The jobs as a JSON Feed."""
    return _answer(org, json_feed, "application/feed+json; charset=utf-8")


@bp.get("/jobs.xml")
@cached_feed(asked_feed)
def job_site(org: Organisation) -> ResponseReturnValue:
    """The jobs as a job site reads them: as Indeed does, like most sites, unless another is named."""
    site = request.args.get("for", INDEED)
    if site not in JOB_SITES:
        abort(HTTPStatus.NOT_FOUND, f"There are feeds for {', '.join(JOB_SITES)}.")
    return _answer(org, JOB_SITES[site], "application/xml; charset=utf-8")


def _of_jobsite_address() -> dict[str, str]:
    """Return the parameters that only ``jobs.xml`` has."""
    if request.endpoint != f"{bp.name}.{job_site.__name__}":
        return {}
    site = request.args.get("for", INDEED)
    given = {name: request.args.get(name, "") for name in OF_LINKEDIN} if site == "linkedin" else {}
    good = (name for name, text in given.items() if OF_LINKEDIN[name].fullmatch(text[: LONGEST_EMAIL + 1]))
    return {"for": site} | {name: given[name] for name in good if len(given[name]) <= LONGEST_EMAIL}


def _answer(org: Organisation, form: Format, content_type: str) -> Response:
    query, today = asked_query(), today_in(org.time_zone)
    job_ids = public_job_ids(org.id, today, query.wanted)
    rows = jobs_with_descriptions(org.id, today, job_ids)
    pieces = form(_feed(org, query, len(job_ids)), feed_jobs(org, rows, query.tracking))
    return Response((piece.encode(errors="replace") for piece in pieces), content_type=content_type)


def _feed(org: Organisation, query: TabQuery, count: int) -> Feed:
    settings, tab, own = current_settings(), _tab(org), _of_jobsite_address()
    own_address = query.address(f"{site_address()}{request.path}", query.wanted, plain=False)
    if own:
        own_address += f"{'&' if '?' in own_address else '?'}{urlencode(own)}"
    return Feed(
        title=list_title(org.name, query.wanted),
        organisation=org.name,
        summary=org.summary,
        website=org.website,
        logo=logo_address(org),
        site_name=settings.site_name,
        site_address=site_address(),
        address=query.address(tab, query.wanted, plain=False),
        own_address=own_address,
        language=PAGE_LANGUAGE,
        count=count,
        updated=last_change(org.id, query.wanted) or org.created_at,
        zone=zone_of(org.time_zone),
        poster_email=own.get("poster_email", settings.support_email),
        company_id=own.get("company_id", ""),
    )


def _tab(org: Organisation) -> str:
    return site_address() + address_of("jobs.index", org=org.slug).partition("?")[0]


def feed_jobs(org: Organisation, rows: Iterable[Any], tracking: Tracking) -> Iterator[FeedJob]:
    """Yield what feeds say of each job."""
    tab, board = _tab(org), applied_board(connection_of(org.id))
    return (_feed_job(row, tracking, tab, board) for row in rows)


def feed_job(org: Organisation, row: Any, tracking: Tracking) -> FeedJob:
    """Return what feeds say of a job; its addresses carry what the feed's own does."""
    return _feed_job(row, tracking, _tab(org), applied_board(connection_of(org.id)))


def _feed_job(row: Any, tracking: Tracking, tab: str, board: str) -> FeedJob:
    page = f"{tab}/{row.id}"
    tail = f"?{urlencode(tracking)}" if tracking else ""
    said = (*(text for text, _ in job_facts(row)), salary_label(row))
    here = applies_here(board, row)
    return feed_job_of(
        row,
        page,
        address=page + tail,
        apply_url=f"{page}/apply{tail}" if here else apply_link(row.apply_url, tracking),
        facts=tuple(filter(None, said)),
    )
