"""The feeds of an organisation for its admins: their addresses, and who fetched which version when."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.public.counting import note_fetch
from portal.domain.feeds.fetches import LONGEST_FILTERS, reader_name
from portal.domain.feeds.job_sites import JOB_SITES
from portal.domain.jobs.public_list import FILTERS, PublicFilter, read_filter
from portal.domain.jobs.public_words import LABELS
from portal.models import FeedFetch, Organisation
from portal.store.public.fetches import Reader, fetches_of
from portal.store.public.jobs import last_change
from portal.web.public import feeds
from portal.web.public.feeds import INDEED
from portal.web.public.tab import asked_query
from portal.web.requests import site_address

bp = Blueprint("readers", __name__, url_prefix="/orgs/<org>/feeds")

NAMES: Final = {
    "atom": "Atom",
    "json": "JSON Feed",
    "indeed": "Indeed",
    "linkedin": "LinkedIn",
    "jooble": "Jooble",
}
ENDPOINTS: Final = {"feeds.atom_feed": "atom", "feeds.json_jobs": "json"}


@feeds.bp.after_request
def note_reader(response: Response) -> Response:
    """Note who fetched a feed, or asked whether their copy is good."""
    sent = response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
    if not sent or request.method != "GET" or not request.view_args:
        return response
    org, query = request.view_args["org"], asked_query()  # a slug still, where a stored feed was sent
    reader = Reader(
        org.slug if isinstance(org, Organisation) else str(org),
        reader_name(request.user_agent.string),
        ENDPOINTS.get(str(request.endpoint)) or request.args.get("for", INDEED),
        replace(query, tracking=()).address("", query.wanted, plain=False)[1 : LONGEST_FILTERS + 1],
    )
    etag = (response.get_etag()[0] or "").removesuffix("-gzip")
    app = current_app._get_current_object()  # type: ignore[attr-defined] # the documented way
    note_fetch(app, reader, etag, datetime.now(UTC), is_whole=response.status_code == HTTPStatus.OK)
    return response


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """A reader as a line of the table."""

    fetch: FeedFetch
    feed: str
    filters: str
    is_current: bool


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """The addresses of the feeds, and their readers, the last who came first."""
    changes: dict[str, datetime | None] = {}
    lines = []
    for fetch in fetches_of(org.id):
        wanted = _filter_of(fetch.filters)
        if fetch.filters not in changes:
            changes[fetch.filters] = last_change(org.id, wanted)
        changed = changes[fetch.filters]
        is_current = changed is None or changed <= fetch.last_at
        lines.append(ReaderLine(fetch, NAMES.get(fetch.feed, fetch.feed), _said(wanted), is_current))
    return render_template("pages/orgs/feeds.html", organisation=org, feeds=_addresses(org), lines=lines)


def _addresses(org: Organisation) -> list[tuple[str, str]]:
    """Return each feed's name and address."""
    tab = site_address() + url_for("jobs.index", org=org.slug).partition("?")[0]
    sites = [(NAMES.get(site, site), f"{tab}.xml?{urlencode({'for': site})}") for site in JOB_SITES]
    return [*sites, (NAMES["atom"], f"{tab}.atom"), (NAMES["json"], f"{tab}.json")]


def _filter_of(query: str) -> PublicFilter:
    asked = parse_qs(query)
    return read_filter(asked.get("q", [""])[0], {name: asked.get(name, []) for name in FILTERS})


def _said(wanted: PublicFilter) -> str:
    """Return a filter in words: "Department: Data, Design"."""
    chosen = [f"{LABELS[name]}: {', '.join(values)}" for name, values in wanted.chosen]
    return "; ".join([f"“{wanted.q}”"] * bool(wanted.q) + chosen)
