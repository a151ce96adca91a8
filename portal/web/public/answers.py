"""Cache whole answers by their exact address and send them before Flask sees the request.

An answer is stored on its way out, with its headers, under the address and what the page follows from
(``pages``). A request that might be answered otherwise, by who asks or what for, goes to Flask; so does
whoever reads a feed, since it is noted who does.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import http_date
from werkzeug.wsgi import ClosingIterator

from portal.db import db
from portal.store.public.jobs import organisation_state
from portal.web.assets import current_version
from portal.web.cache import LRUCache
from portal.web.public.page_cache import Page
from portal.web.public.pages import CACHED, CONDITIONS, FINEST, SENT
from portal.web.requests import READ
from portal.web.responses import takes_gzip
from portal.web.templating import today_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_BYTES: Final = 16 * 2**20
LARGEST: Final = 2**18
HEADERS_BYTES: Final = 2_000
OF_ORGANISATION: Final = re.compile(r"/(?:api/v1/)?orgs/([^/]+)")
FOR_FLASK: Final = (
    *("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_HX_REQUEST", "HTTP_RANGE"),
    *CONDITIONS,
    *("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"),
)
"""Headers by which a request asks for something else than the page as it is."""
STORED: Final = tuple(f"{status.value} {status.phrase.upper()}" for status in CACHED)

log = structlog.get_logger("portal.web")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was sent: ``since`` is when this process first knew the page to look so."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    since: datetime

    def send(self, start_response: "StartResponse", note: Callable[[], None]) -> Iterable[bytes]:
        """Send it once more; ``note`` is called once it is on its way."""
        known = datetime.now(UTC) - self.since > FINEST
        start_response(self.status, self.headers + [("Last-Modified", http_date(self.since))] * known)
        return ClosingIterator([self.body], note)


class StoredAnswers:
    """The answers of a process, in front of the application."""

    def __init__(self, app: Flask) -> None:
        self._wsgi = app.wsgi_app
        with app.app_context():
            self._engine = db.engine
        self._answers = LRUCache[Answer](MOST_BYTES, lambda answer: len(answer.body) + HEADERS_BYTES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from what is stored, or as the application does."""
        begun = perf_counter()
        key = self._key(environ)
        answer = self._answers.get(key) if key else None
        if answer is None:
            return self._pass_on(key, environ, start_response)
        return answer.send(start_response, partial(_log, environ, answer, begun))

    def _key(self, environ: "WSGIEnvironment") -> Hashable | None:
        """What the answer follows from; ``None`` for what Flask is to answer."""
        path = environ["PATH_INFO"]
        named = OF_ORGANISATION.match(path)
        if named is None or environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, FOR_FLASK)):
            return None
        if not takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return None
        try:
            with self._engine.connect() as connection:
                state = organisation_state(named[1], connection)
        except SQLAlchemyError:
            return None  # the application says it in words
        if state is None:
            return None
        environ[READ] = state
        address = (environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), path, environ.get("QUERY_STRING"))
        return (*address, state, today_in(state.time_zone), current_version())

    def _pass_on(
        self, key: Hashable | None, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if key is None:
            return self._wsgi(environ, start_response)
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            begun.append((status, headers))
            return start_response(status, headers, *error)

        body = self._wsgi(environ, begin)
        page: Page | None = environ.get(SENT)
        if page is not None and page.content_type.startswith("text/html") and len(begun) == 1:
            self._store(key, page, *begun[0])
        return body

    def _store(self, key: Hashable, page: Page, status: str, headers: list[tuple[str, str]]) -> None:
        named = {name for name, _ in headers}
        body, is_small = page.compressed, len(page.compressed) <= LARGEST
        if status in STORED and "Set-Cookie" not in named and is_small and isinstance(body, bytes):
            kept = [(name, value) for name, value in headers if name != "Last-Modified"]
            self._answers.set(key, Answer(status, kept, body, page.since))


def _log(environ: "WSGIEnvironment", answer: Answer, begun: float) -> None:
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    named = OF_ORGANISATION.match(path)
    log.info(
        "request",
        method="GET",
        path=path,
        status=int(answer.status[:3]),
        ms=round((perf_counter() - begun) * 1000, 1),
        org=named[1] if named else None,
    )


def init_app(app: Flask) -> None:
    """Put the answers in front of the application, behind what believes proxies."""
    app.wsgi_app = StoredAnswers(app)  # type: ignore[method-assign] # the documented way
