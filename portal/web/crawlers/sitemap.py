"""Serve ``sitemap.xml`` with all public pages, and ``robots.txt``."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from http import HTTPStatus
from itertools import islice
from secrets import compare_digest
from typing import Final

from flask import Blueprint, Response, abort, current_app, url_for
from flask.typing import ResponseReturnValue

from portal.config import current_settings
from portal.domain.feeds.jobs import DECLARATION, element, timestamp
from portal.domain.zones import zone_of
from portal.store.public.sitemap import Site, SiteJobs, jobs_of_sites, sitemap_jobs, sites
from portal.web.permissions import POLICIES, Policy
from portal.web.public.pages import cached_for_site
from portal.web.requests import site_address
from portal.web.templating import today_in

bp = Blueprint("crawlers", __name__)

MOST_ADDRESSES: Final = 50_000
"""In one file, by the protocol; its other limit, 50 MB, is five times what as many of ours take."""
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
XML: Final = "application/xml; charset=utf-8"
NO_JOBS: Final = SiteJobs(0, None, None)
HOUR: Final = "public, max-age=3600"
LOGIN: Final = "/login"


@dataclass
class Sitemap:
    """All public pages at this moment: those of organisations first, then those of jobs."""

    sites: list[Site]

    @cached_property
    def days(self) -> list[tuple[date, Sequence[str]]]:
        """Which time zones have which date now."""
        zones: dict[date, list[str]] = defaultdict(list)
        for zone in sorted({site.time_zone for site in self.sites}):
            zones[today_in(zone)].append(zone)
        return sorted(zones.items())

    @cached_property
    def jobs(self) -> dict[int, SiteJobs]:
        """What each organisation's lists show, by its id."""
        return jobs_of_sites(self.days)

    @cached_property
    def pages(self) -> int:
        """How many pages organisations have: each its own, and a Jobs tab where there are jobs."""
        return len(self.sites) + sum(self._jobs(site).open > 0 for site in self.sites)

    @property
    def parts(self) -> int:
        """How many files it takes."""
        total = self.pages + sum(jobs.open for jobs in self.jobs.values())
        return max(1, -(-total // MOST_ADDRESSES))

    def entries(self, part: int) -> Iterator[str]:
        """Yield the entries of one file, counted from 1."""
        start = (part - 1) * MOST_ADDRESSES
        pages = min(max(self.pages - start, 0), MOST_ADDRESSES)
        if pages:
            yield from islice(self._page_entries(), start, start + pages)
        if pages < MOST_ADDRESSES:
            yield from self._job_entries(MOST_ADDRESSES - pages, max(start - self.pages, 0))

    def _page_entries(self) -> Iterator[str]:
        for site in self.sites:
            changed_at = self._changed_at(site)
            yield _entry(url_for("orgs.show", org=site.slug), changed_at)
            if self._jobs(site).open:
                yield _entry(url_for("jobs.index", org=site.slug), changed_at)

    def _job_entries(self, limit: int, offset: int) -> Iterator[str]:
        of = {site.id: site for site in self.sites}
        base = {site.id: url_for("jobs.index", org=site.slug) for site in self.sites}
        for job in sitemap_jobs(self.days, limit=limit, offset=offset):
            changed_at = max(job.changed_at, _known_since(of[job.organisation_id]))
            yield _entry(f"{base[job.organisation_id]}/{job.id}", changed_at)

    def _jobs(self, site: Site) -> SiteJobs:
        return self.jobs.get(site.id, NO_JOBS)

    def _changed_at(self, site: Site) -> datetime:
        """When the organisation's own pages changed last: by its profile, a job of theirs, or a last day."""
        jobs, moments = self._jobs(site), [_known_since(site)]
        if jobs.changed_at:
            moments.append(jobs.changed_at)
        if jobs.ended_on:
            midnight = datetime.combine(jobs.ended_on + timedelta(days=1), time(), zone_of(site.time_zone))
            moments.append(midnight.astimezone(UTC))
        return max(moments)


def _known_since(site: Site) -> datetime:
    return site.profile_changed_at or site.created_at


def _entry(path: str, changed_at: datetime) -> str:
    return f"<url><loc>{site_address()}{path}</loc><lastmod>{timestamp(changed_at)}</lastmod></url>\n"


def _state() -> tuple[object, ...]:
    """What the sitemap follows from: every organisation's revision and date."""
    found = sites()
    today = {zone: today_in(zone) for zone in {site.time_zone for site in found}}
    return tuple((site, today[site.time_zone]) for site in found)


@bp.get("/sitemap.xml")
@cached_for_site(_state)
def sitemap() -> ResponseReturnValue:
    """All public pages, or the list of the files that list them."""
    found = Sitemap(sites())
    if found.parts == 1:
        return _file(found, 1)
    addresses = (site_address() + url_for(".part", number=n + 1) for n in range(found.parts))
    parts = "".join(f"<sitemap>{element('loc', address)}</sitemap>\n" for address in addresses)
    return Response(
        f'{DECLARATION}<sitemapindex xmlns="{NAMESPACE}">\n{parts}</sitemapindex>\n', content_type=XML
    )


@bp.get("/sitemaps/<int:number>.xml")
@cached_for_site(_state)
def part(number: int) -> ResponseReturnValue:
    """One of the files."""
    found = Sitemap(sites())
    if not 1 <= number <= found.parts:
        abort(HTTPStatus.NOT_FOUND)
    return _file(found, number)


def _file(found: Sitemap, number: int) -> Response:
    def pieces() -> Iterator[bytes]:
        yield f'{DECLARATION}<urlset xmlns="{NAMESPACE}">\n'.encode()
        for entry in found.entries(number):
            yield entry.encode()
        yield b"</urlset>\n"

    return Response(pieces(), content_type=XML)


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Where the sitemap is, and which addresses only members have a use for."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed_paths()), ""]
    lines += [f"Sitemap: {site_address()}{url_for('.sitemap')}", ""]
    response = Response("\n".join(lines), mimetype="text/plain")
    response.headers["Cache-Control"] = HOUR
    return response


@bp.get("/<string:key>.txt")
def indexnow_key(key: str) -> ResponseReturnValue:
    """The key by which IndexNow knows that its notices come from this site."""
    settings = current_settings()
    if not settings.indexnow_key or not compare_digest(key.encode(), settings.indexnow_key.encode()):
        abort(HTTPStatus.NOT_FOUND)
    return Response(settings.indexnow_key, mimetype="text/plain")


def closed_paths() -> list[str]:
    """Return the addresses that need a sign-in, as patterns; one that another covers is left out."""
    closed = {LOGIN} | {
        re.sub("<[^>]*>", "*", rule.rule)
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and POLICIES.get(rule.endpoint) in NEED_SIGN_IN
    }
    shortest = sorted(closed, key=lambda path: (len(path), path))
    kept: list[str] = []
    for path in shortest:
        covering = [other for other in kept if "*" in other]  # what has none is closed alone
        if not any(path.startswith((f"{other}/", f"{other}.")) for other in covering):
            kept.append(path)
    return sorted(path if "*" in path or path == LOGIN else f"{path}$" for path in kept)


NEED_SIGN_IN: Final = frozenset({Policy.SIGNED_IN, Policy.MEMBER, Policy.ADMIN})
