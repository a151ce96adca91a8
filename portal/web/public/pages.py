"""Public pages for who is not signed in: rendered once a revision and day, compressed once, revalidated.

What such a page shows follows from the organisation's revision and date, its own address, and the version of
the files it names; all of them are in the key. A page for somebody who is signed in is never stored.
"""

import hashlib
import zlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

from flask import Flask, Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.db import end_read
from portal.models import Organisation
from portal.store.public.jobs import OrganisationState, organisation_state
from portal.web.assets import current_version
from portal.web.auth import TOKEN
from portal.web.cache import LRUCache
from portal.web.errors import BUSY, retry_later
from portal.web.templating import today_in
from portal.web.tokens.bearer import sent_token

MOST_BYTES: Final = 16 * 2**20
"""Of compressed pages in a process: some 1,500 lists of 200 jobs, whoever asks for however many."""
MOST_FEED_BYTES: Final = 32 * 2**20
"""Of compressed feeds: two of 10,000 jobs with long descriptions that resemble each other in nothing."""
FOR_EVERYBODY: Final = "public, max-age=60, stale-while-revalidate=60"
"""A change shows within a minute; a copy that is older than that is shown once, while it is fetched anew."""
CACHED: Final = frozenset({HTTPStatus.OK, HTTPStatus.GONE})
MOST_ADDRESSES: Final = 2_000
FINEST: Final = timedelta(seconds=1)
"""A header says no less: within it a page could change once more, and a date would call both the same."""
GZIP: Final = 16 + zlib.MAX_WBITS
LARGE: Final = 2**20
"""Bytes: what is larger is unpacked piece by piece for who takes it plain."""
PIECE: Final = 2**16
PATIENCE: Final = 10.0  # seconds
_PAGES: Final = "public_pages"
_FEEDS: Final = "public_feeds"
_OF_SITE: Final = "pages_of_site"
_ASKED: Final = "asked_for_everybody"
_STORE: Final = "store_for_everybody"
SENT: Final = "portal.page"
"""Where the environment of a request says which page answers it."""
READ: Final = "portal.organisation"
"""Where it says in what state the organisation was, if that was read already."""

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page as it is sent, and since when this process has known it to look so."""

    status: int
    compressed: bytes
    etag: str
    since: datetime
    content_type: str
    length: int

    def plain(self) -> bytes | Iterator[bytes]:
        """Return the page uncompressed; a large one never stands in memory as a whole."""
        return zlib.decompress(self.compressed, GZIP) if self.length <= LARGE else self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        unpack = zlib.decompressobj(GZIP)
        for start in range(0, len(self.compressed), PIECE):
            packed = self.compressed[start : start + PIECE]
            while packed:
                yield unpack.decompress(packed, PIECE)
                packed = unpack.unconsumed_tail
        yield unpack.flush()


class PageCache:
    """The pages of a process.

    ``since`` stands still as long as a page looks the same, whatever revision it was rendered at: a date that
    moved with every revision would tell strangers of changes to what they may not see.
    """

    def __init__(self, most_bytes: int) -> None:
        self.pages = LRUCache[Page](most_bytes, lambda page: len(page.compressed))
        self._latest = LRUCache[tuple[str, datetime]](MOST_ADDRESSES)
        self._lock = Lock()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait until nobody else renders; say whether that came within ``PATIENCE``."""
        is_ours = self._lock.acquire(blocking=False)
        if not is_ours:
            end_read()  # who waits holds no connection
            is_ours = self._lock.acquire(timeout=PATIENCE)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._lock.release()

    def add(self, key: bytes, address: Hashable, rendered: Response) -> Page:
        """Compress and store what was rendered, piece by piece as it is rendered."""
        etag, length, compressed = _compress(rendered.iter_encoded())
        known = self._latest.get(address)
        since = known[1] if known and known[0] == etag else datetime.now(UTC)
        self._latest.set(address, (etag, since))
        content_type = rendered.headers["Content-Type"]
        page = Page(rendered.status_code, compressed, etag, since, content_type, length)
        self.pages.set(key, page)
        return page


def _compress(pieces: Iterable[bytes]) -> tuple[str, int, bytes]:
    """Return what tells the content from others, its length, and the content compressed."""
    digest, pack, packed, length = hashlib.sha256(), zlib.compressobj(6, zlib.DEFLATED, GZIP), [], 0
    for piece in pieces:
        digest.update(piece)
        length += len(piece)
        packed.append(pack.compress(piece))
    return digest.hexdigest()[:16], length, b"".join((*packed, pack.flush()))


def init_app(app: Flask) -> None:
    """Give the application its pages, and send them before anything else is looked at.

    Feeds are kept apart: each may be as large as hundreds of pages.
    """
    app.extensions[_PAGES] = PageCache(MOST_BYTES)
    app.extensions[_FEEDS] = PageCache(MOST_FEED_BYTES)
    app.extensions[_OF_SITE] = PageCache(MOST_BYTES)
    app.before_request(_send_cached)


def _send_cached() -> Response | None:
    """Answer who has no sign-in with a page that was rendered already: half of the time goes without."""
    view = current_app.view_functions.get(request.endpoint or "")
    asked: Callable[[], Hashable] | None = getattr(view, _ASKED, None)
    if asked is None or request.method not in ("GET", "HEAD") or _is_for_one():
        return None
    slug = str((request.view_args or {}).get("org"))
    state: OrganisationState | None = request.environ.get(READ) or organisation_state(slug)
    page = _cache(getattr(view, _STORE)).pages.get(_key(state, asked)) if state else None
    return _answer(page) if page else None


def _is_for_one() -> bool:
    """Whether the request may be answered otherwise than everybody's."""
    return TOKEN in session or sent_token(request) is not None


def cached_for_everybody(
    asked: Callable[[], Hashable], *, same_for_members: bool = False
) -> Callable[[View], View]:
    """Cache a view's pages for who is not signed in; ``asked`` says what of the query string counts."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(org: Organisation, **values: Any) -> ResponseReturnValue:
            rendered = make_response(view(org=org, **values))
            is_for_one = current_user.is_authenticated and not same_for_members
            if is_for_one or sent_token(request) is not None or rendered.status_code not in CACHED:
                return rendered
            return _answer(_cache(_PAGES).add(_key(_state(org), asked), _address(asked), rendered))

        return _marked(answer, asked, _PAGES)

    return decorate


def cached_feed(asked: Callable[[], Hashable]) -> Callable[[View], View]:
    """Cache what a view answers, which is the same for who is signed in.

    Feeds list every job. One at a time is rendered, so that many who fetch after a change cost no more
    than one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(org: Organisation, **values: Any) -> ResponseReturnValue:
            key = _key(_state(org), asked)
            return _in_turn(_cache(_FEEDS), key, _address(asked), lambda: view(org=org, **values))

        return _marked(answer, asked, _FEEDS)

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


def _marked(view: View, asked: Callable[[], Hashable], store: str) -> View:
    setattr(view, _ASKED, asked)
    setattr(view, _STORE, store)
    return view


def _cache(store: str) -> PageCache:
    cache: PageCache = current_app.extensions[store]
    return cache


def _state(org: Organisation) -> OrganisationState:
    return OrganisationState(*(getattr(org, name) for name in OrganisationState._fields))


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
    request.environ[SENT] = page
    compressed = request.accept_encodings.quality("gzip") > 0
    content = page.compressed if compressed else page.plain()
    response = Response(content, page.status, content_type=page.content_type)
    response.content_length = len(page.compressed) if compressed else page.length
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
