"""Public pages for who is not signed in: rendered once a revision and day, compressed once, revalidated.

What such a page shows follows from the organisation's revision and date, its own address, and the version of
the files it names; all of them are in the key. A page for somebody who is signed in is never stored.
"""

import hashlib
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from flask import Flask, Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.models import Organisation
from portal.store.public.jobs import OrganisationState, organisation_state
from portal.web.assets import current_version
from portal.web.auth import TOKEN
from portal.web.cache import LRUCache
from portal.web.errors import BUSY, retry_later
from portal.web.public.drafts import Draft, draft_of, drafting, make_drafts
from portal.web.public.page_cache import Page, PageCache
from portal.web.requests import READ
from portal.web.responses import takes_gzip
from portal.web.templating import today_in
from portal.web.tokens.bearer import sent_token
from portal.web.traffic.tracking import asked_tracking

MOST_BYTES: Final = 16 * 2**20
"""Of compressed pages in a process: some 1,500 lists of 200 jobs, whoever asks for however many."""
MOST_FEED_BYTES: Final = 2**28
"""Of compressed feeds, large ones in files: one of 100,000 jobs whose descriptions have little in common."""
FOR_EVERYBODY: Final = "public, max-age=60, stale-while-revalidate=60"
"""A change shows within a minute; a copy that is older than that is shown once, while it is fetched anew."""
CACHED: Final = frozenset({HTTPStatus.OK, HTTPStatus.GONE})
FINEST: Final = timedelta(seconds=1)
"""A header says no less: within it a page could change once more, and a date would call both the same."""
CONDITIONS: Final = frozenset(
    {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"}
)
"""Headers by which a request asks about a copy."""
_PAGES: Final = "public_pages"
_FEEDS: Final = "public_feeds"
_OF_SITE: Final = "pages_of_site"
_DRAFTS: Final = "drafts_of_pages"
_CACHED: Final = "cached_for_everybody"
_ASKED: Final = "portal.asked_page"
"""Where the environment of a request says which page it asks for, once that is known."""
SENT: Final = "portal.page"
"""Where the environment of a request says which page answers it."""

View = Callable[..., ResponseReturnValue]
Asked = Callable[[], Hashable]


class Cached(NamedTuple):
    """How a view's pages are stored: ``asked`` says what of the address counts."""

    asked: Asked
    store: str
    is_tracked: bool = False


def init_app(app: Flask) -> None:
    """Give the application its pages, and send them before anything else is looked at.

    Feeds are kept apart: each may be as large as hundreds of pages.
    """
    app.extensions[_PAGES] = PageCache(MOST_BYTES)
    app.extensions[_FEEDS] = PageCache(MOST_FEED_BYTES)
    app.extensions[_OF_SITE] = PageCache(MOST_BYTES)
    app.extensions[_DRAFTS] = make_drafts()
    app.before_request(_send_cached)


def _send_cached() -> Response | None:
    """Answer who has no sign-in with a page that was rendered already: half of the time goes without."""
    view = current_app.view_functions.get(request.endpoint or "")
    cached: Cached | None = getattr(view, _CACHED, None)
    if cached is None or request.method not in ("GET", "HEAD") or _is_for_one():
        return None
    slug = str((request.view_args or {}).get("org"))
    state: OrganisationState | None = request.environ.get(READ) or organisation_state(slug)
    page = _stored(state, cached) if state else None
    return _answer(page) if page else None


def _stored(state: OrganisationState, cached: Cached) -> Page | None:
    """Return the page that was rendered, or that only its values have to be filled into."""
    cache = _cache(cached.store)
    key, address = request.environ[_ASKED] = _page_at(state, cached.asked)
    page = cache.pages.get(key)
    if page is None and cached.is_tracked and asked_tracking():
        draft = _drafts().get(_key(state, _draft_address(cached.asked)))
        page = cache.add(key, address, draft.filled()) if draft else None
    return page


def _is_for_one() -> bool:
    """Whether the request may be answered otherwise than everybody's."""
    return TOKEN in session or sent_token(request) is not None


def cached_for_everybody(
    asked: Asked, *, same_for_members: bool = False, is_tracked: bool = False
) -> Callable[[View], View]:
    """Cache a view's pages for who is not signed in; ``asked`` says what of the query string counts.

    Where the page ``is_tracked``, tracking parameters change addresses that it links to and inputs alone.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(org: Organisation, **values: Any) -> ResponseReturnValue:
            def render() -> Response:
                return make_response(view(org=org, **values))

            is_for_one = current_user.is_authenticated and not same_for_members
            if is_for_one or sent_token(request) is not None:
                return render()
            draft = draft_of(render) if is_tracked and asked_tracking() else None
            rendered = draft.filled() if draft and draft.status in CACHED else render()
            if rendered.status_code not in CACHED:
                return rendered
            if draft:
                _drafts().set(_key(_state(org), _draft_address(asked)), draft)
            return _answer(_cache(_PAGES).add(*_asked_page(org, asked), rendered))

        return _marked(answer, Cached(asked, _PAGES, is_tracked))

    return decorate


def cached_feed(asked: Asked) -> Callable[[View], View]:
    """Cache what a view answers, which is the same for who is signed in.

    Feeds list every job. One at a time is rendered, so that many who fetch after a change cost no more
    than one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(org: Organisation, **values: Any) -> ResponseReturnValue:
            key, address = _asked_page(org, asked)
            return _in_turn(_cache(_FEEDS), key, address, lambda: view(org=org, **values))

        return _marked(answer, Cached(asked, _FEEDS))

    return decorate


def cached_for_site(state: Callable[[], Hashable]) -> Callable[[View], View]:
    """Cache what a view answers that is about all organisations; ``state`` is what it follows from."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(**values: Any) -> ResponseReturnValue:
            address = _address(lambda: None)
            key, cache = _digest(address, state()), _cache(_OF_SITE)
            page = cache.pages.get(key)
            return _answer(page) if page else _in_turn(cache, key, address, lambda: view(**values))

        return answer

    return decorate


def _in_turn(
    cache: PageCache, key: bytes, address: bytes, render: Callable[[], ResponseReturnValue]
) -> Response:
    """Render and store what is large, one at a time."""
    with cache.turn() as is_ours:
        if not is_ours:
            return retry_later(HTTPStatus.SERVICE_UNAVAILABLE, *BUSY)
        page = cache.pages.get(key)  # somebody else may have asked for it meanwhile
        if page is None:
            rendered = make_response(render())
            if rendered.status_code not in CACHED:
                return rendered
            page = cache.add(key, address, rendered)
    return _answer(page)


def _marked(view: View, cached: Cached) -> View:
    setattr(view, _CACHED, cached)
    return view


def _cache(store: str) -> PageCache:
    cache: PageCache = current_app.extensions[store]
    return cache


def _drafts() -> LRUCache[Draft]:
    drafts: LRUCache[Draft] = current_app.extensions[_DRAFTS]
    return drafts


def _state(org: Organisation) -> OrganisationState:
    return OrganisationState(*(getattr(org, name) for name in OrganisationState._fields))


def _asked_page(org: Organisation, asked: Asked) -> tuple[bytes, bytes]:
    """The key and address of the page asked for, as they were before it was rendered if they are known."""
    known: tuple[bytes, bytes] | None = request.environ.get(_ASKED)
    return known or _page_at(_state(org), asked)


def _page_at(state: OrganisationState, asked: Asked) -> tuple[bytes, bytes]:
    address = _address(asked)
    return _key(state, address), address


def _key(state: OrganisationState, address: bytes) -> bytes:
    """What a page follows from."""
    return _digest(address, state, today_in(state.time_zone), current_version())


def _address(asked: Asked) -> bytes:
    return _digest(request.scheme, request.host, request.script_root, request.path, asked())


def _draft_address(asked: Asked) -> bytes:
    with drafting():
        return _address(asked)


def _digest(*parts: Hashable) -> bytes:
    """A short key, since an address may be long."""
    return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).digest()


def _answer(page: Page) -> Response:
    """Send the page, or say that the copy asked about is good."""
    request.environ[SENT] = page
    compressed = takes_gzip(request.headers.get("Accept-Encoding", ""))
    content = page.packed() if compressed else page.plain()
    response = Response(content, page.status, content_type=page.content_type)
    response.content_length = len(page.compressed) if compressed else page.length
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVERYBODY
    response.set_etag(f"{page.etag}{'-gzip' if compressed else ''}")
    if datetime.now(UTC) - page.since > FINEST:
        response.last_modified = page.since
    is_asked_about = not CONDITIONS.isdisjoint(request.environ)
    if is_asked_about and page.status == HTTPStatus.OK:  # of what is gone no copy would still be good
        response.make_conditional(request)
    return response
