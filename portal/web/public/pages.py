"""Public pages for who is not signed in: rendered once a revision and day, compressed once, revalidated.

What such a page shows follows from the organisation's revision and date, its own address, and the version of
the files it names; all of them are in the key. A page for somebody who is signed in is never stored.
"""

import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.models import Organisation
from portal.store.public.jobs import OrganisationState, organisation_state
from portal.web.assets import current_version
from portal.web.auth import TOKEN
from portal.web.cache import LRUCache
from portal.web.templating import today_in

MOST_BYTES: Final = 16 * 2**20
"""Of compressed pages in a process: some 1,500 lists of 200 jobs, whoever asks for however many."""
FOR_EVERYBODY: Final = "public, max-age=60, stale-while-revalidate=60"
"""A change shows within a minute; a copy that is older than that is shown once, while it is fetched anew."""
CACHED: Final = frozenset({HTTPStatus.OK, HTTPStatus.GONE})
MOST_ADDRESSES: Final = 2_000
FINEST: Final = timedelta(seconds=1)
"""A header says no less: within it a page could change once more, and a date would call both the same."""
_PAGES: Final = "public_pages"
_ASKED: Final = "asked_for_everybody"

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page as it is sent, and since when this process has known it to look so."""

    status: int
    compressed: bytes
    etag: str
    since: datetime


class PageCache:
    """The pages of a process.

    ``since`` stands still as long as a page looks the same, whatever revision it was rendered at: a date that
    moved with every revision would tell strangers of changes to what they may not see.
    """

    def __init__(self) -> None:
        self.pages = LRUCache[Page](MOST_BYTES, lambda page: len(page.compressed))
        self._latest = LRUCache[tuple[str, datetime]](MOST_ADDRESSES)

    def add(self, key: bytes, address: Hashable, rendered: Response) -> Page:
        """Compress and store what was rendered."""
        content = rendered.get_data()
        etag = hashlib.sha256(content).hexdigest()[:16]
        known = self._latest.get(address)
        since = known[1] if known and known[0] == etag else datetime.now(UTC)
        self._latest.set(address, (etag, since))
        page = Page(rendered.status_code, gzip.compress(content, 6, mtime=0), etag, since)
        self.pages.set(key, page)
        return page


def init_app(app: Flask) -> None:
    """Give the application its pages, and send them before anything else is looked at."""
    app.extensions[_PAGES] = PageCache()
    app.before_request(_send_cached)


def _send_cached() -> Response | None:
    """Answer who has no sign-in with a page that was rendered already: half of the time goes without."""
    view = current_app.view_functions.get(request.endpoint or "")
    asked: Callable[[], Hashable] | None = getattr(view, _ASKED, None)
    if asked is None or request.method not in ("GET", "HEAD") or TOKEN in session:
        return None
    state = organisation_state(str((request.view_args or {}).get("org")))
    page = _cache().pages.get(_key(state, asked)) if state else None
    return _answer(page) if page else None


def cached_for_everybody(asked: Callable[[], Hashable]) -> Callable[[View], View]:
    """Cache a view's pages for who is not signed in; ``asked`` says what of the query string counts."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(org: Organisation, **values: Any) -> ResponseReturnValue:
            rendered = make_response(view(org=org, **values))
            if current_user.is_authenticated or rendered.status_code not in CACHED:
                return rendered
            state = OrganisationState(*(getattr(org, name) for name in OrganisationState._fields))
            return _answer(_cache().add(_key(state, asked), _address(asked), rendered))

        setattr(answer, _ASKED, asked)
        return answer

    return decorate


def _cache() -> PageCache:
    cache: PageCache = current_app.extensions[_PAGES]
    return cache


def _key(state: OrganisationState, asked: Callable[[], Hashable]) -> bytes:
    """What a page follows from."""
    return _digest(_address(asked), state, today_in(state.time_zone), current_version())


def _address(asked: Callable[[], Hashable]) -> bytes:
    return _digest(request.root_url, request.path, asked())


def _digest(*parts: Hashable) -> bytes:
    """A short key, since an address may be long."""
    return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).digest()


def _answer(page: Page) -> Response:
    """Send the page, or say that the copy asked about is good."""
    compressed = request.accept_encodings.quality("gzip") > 0
    content = page.compressed if compressed else gzip.decompress(page.compressed)
    response = Response(content, page.status, mimetype="text/html")
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_EVERYBODY
    response.set_etag(f"{page.etag}{'-gzip' if compressed else ''}")
    if datetime.now(UTC) - page.since > FINEST:
        response.last_modified = page.since
    if page.status == HTTPStatus.OK:  # of what is gone there is no copy that would still be good
        response.make_conditional(request)
    return response
