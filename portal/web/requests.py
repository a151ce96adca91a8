"""Requests: a page or a partial, whole bodies, probes, return addresses, and the request log."""

import re
import time
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog
from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    request,
    url_for,
)
from htmx_flask import request as htmx_request  # Flask's own, which is known to have ``htmx``

from portal.config import Settings, current_settings
from portal.models import Organisation

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def this_request() -> Request:
    """Return the request itself: each look at it by way of Flask's ``request`` takes ten times as long."""
    return request._get_current_object()  # type: ignore[attr-defined, no-any-return] # the documented way


def wants_partial() -> bool:
    """Whether htmx asks for a piece to swap in (going back in history asks for the whole page)."""
    htmx = htmx_request.htmx
    return bool(htmx) and not htmx.history_restore_request


def wants_only(element: str) -> bool:
    """Whether htmx asks for what takes the place of one element of the page, by its id."""
    return wants_partial() and bool(htmx_request.htmx.target == element)


def address_asked_from() -> str:
    """The address of the page that htmx asks from; empty where nobody says."""
    return htmx_request.htmx.current_url or ""


def lead_to(address: str) -> Response:
    """Answer with another page: to htmx by a header."""
    if wants_partial():
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": address})
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


SAME_FOR_ALL: Final = frozenset(
    {
        *("assets.show", "embed.script", "profile.logo", "jobs.card"),
        *("crawlers.sitemap", "crawlers.part", "crawlers.robots"),
    }
)
"""Nothing of these depends on who asks, so that a cache may hand one copy to everybody."""
READ: Final = "portal.organisation"
"""Where the environment of a request of a stranger says in what state the organisation is."""
PROBED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""They build no address, so the host that is asked for cannot lead anybody astray."""


class AnyHost:
    """Gives requests for these pages the host that is trusted, whatever they say."""

    def __init__(self, wsgi: "WSGIApplication", host: str) -> None:
        self._wsgi, self._host = wsgi, host

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""
        if environ.get("PATH_INFO") in PROBED:
            environ["HTTP_HOST"] = self._host
        elif "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = environ["HTTP_HOST"].lower()  # a host is one in any case (RFC 9110, 4.2.3)
        return self._wsgi(environ, start_response)


def allow_any_host_for_probes(app: Flask, settings: Settings) -> None:
    """Let probes in under any host name, whichever hosts are trusted."""
    if hosts := settings.trusted_hosts:
        app.wsgi_app = AnyHost(app.wsgi_app, hosts[0])  # type: ignore[method-assign] # the documented way


INPUT_ENDS = "wsgi.input_terminated"


def refuse_partial_bodies(app: Flask) -> None:
    """Look at every request before anything reads its body."""
    app.before_request(refuse_partial_body)


def refuse_partial_body() -> None:
    """Answer 400 to a body that ends before its announced length, and 411 to one without a length.

    The server says that its stream ends by itself; then Werkzeug neither counts what came, nor tells
    a body that it cut at the greatest length.
    """
    asked = this_request()
    if asked.content_length is not None:
        asked.environ.pop(INPUT_ENDS, None)
    elif "Transfer-Encoding" in asked.headers:
        abort(HTTPStatus.LENGTH_REQUIRED)


LARGEST_FILE: Final = 10 * 2**20
LARGEST_APPLICATION: Final = 4 * LARGEST_FILE
"""More than is taken, so that files which are too large cost nobody what else they wrote."""
TOO_LARGE: Final = "The file is larger than 10 MB. Split it in two, or leave out columns that stay."
FILES_TOO_LARGE: Final = (
    "The files are far larger than 10 MB together. Go back, where all you wrote still is, "
    "and choose smaller ones."
)
FOR_ONE_READER: Final = "no-store, no-transform"
"""The ``Cache-Control`` of an answer that shows a secret: its compressed length would tell of it (BREACH)."""
UPLOADS: Final = {
    "jobs.receive_import": (LARGEST_FILE, TOO_LARGE),
    "jobs.apply": (LARGEST_APPLICATION, FILES_TOO_LARGE),
    "profile.save": (LARGEST_FILE, "The picture is larger than 10 MB. Choose a smaller one."),
}
"""What is sent files, and takes larger bodies than others (``MAX_CONTENT_LENGTH``)."""


def allow_uploads(app: Flask) -> None:
    """Allow larger bodies at the endpoints that take files (``UPLOADS``)."""
    app.before_request(allow_upload)


def allow_upload() -> None:
    """Allow the larger body that this endpoint accepts; raises ``RequestEntityTooLarge``."""
    found = UPLOADS.get(request.endpoint or "")
    if found is None:
        return
    largest, sentence = found
    most = largest + 2**16  # with what a form adds
    if (request.content_length or 0) > most:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)
    request.max_content_length = most


QUIET = frozenset(
    {"assets.show", "live.presence", "ops.healthz", "ops.readyz", "ops.metrics", "traffic.seen"}
)
WITH_TOKEN: Final = ("/invites/", "/reset/", "/account/email/", "/greenhouse-key/")
"""The pages whose addresses are secrets: what follows is never logged, nor told to another page."""
PROXY_REMEDY = "Set TRUSTED_PROXIES to the number of proxies in front; everybody shares one address now."
log = structlog.get_logger("portal.web")


def without_token(path: str) -> str:
    """Return a path as it may be logged: of one that bears a token, what comes before it."""
    return next((f"{start}…" for start in WITH_TOKEN if path.startswith(start)), path)


def log_requests(app: Flask) -> None:
    """Time every request, and log it once its answer is on its way."""
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started_at = time.perf_counter()
    if "X-Forwarded-For" in request.headers:
        _warn_once_of_proxy()


def _warn_once_of_proxy() -> None:
    """Say that a proxy is not believed: to every limit all who come through it are one address."""
    if not current_settings().trusted_proxies and not current_app.extensions.get("proxy_warned"):
        current_app.extensions["proxy_warned"] = True
        log.warning("proxy_not_trusted", header="X-Forwarded-For", remedy=PROXY_REMEDY)


def _finish(response: Response) -> Response:
    asked = this_request()
    if asked.endpoint in QUIET and response.status_code < 500:
        return response
    org: Organisation | None = g.get("org")
    log_request = partial(
        _log_request,
        asked,
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started_at", time.perf_counter())) * 1000, 1),
        org=org.slug if org else None,
    )
    if response.is_streamed:  # it may be under way for hours
        log_request()
    else:
        response.call_on_close(log_request)
    return response


def _log_request(asked: Request, **said: Any) -> None:
    log.info("request", method=asked.method, path=without_token(asked.path), **said)


_FIRST = r"[A-Za-z0-9._~!$'()*+,;=:@%?-]"
_REST = r"[A-Za-z0-9._~!$&'()*+,;=:@%/?-]"
_LOCAL = re.compile(rf"/(?:{_FIRST}{_REST}*)?")
LONGEST = 2000


def is_local_path(path: str) -> bool:
    """Whether ``path`` is a path on this very site, in every reader's understanding.

    Anything that a browser could take for another host (``//host``, ``/\\host``, ``http:host``) is not.
    """
    return len(path) <= LONGEST and _LOCAL.fullmatch(path) is not None


def wanted_path() -> str | None:
    """The page to come back to: the one asked for, or the one that htmx or a form was sent from."""
    if wants_partial():
        path = path_of(address_asked_from())
    elif request.method in ("GET", "HEAD"):
        path = request.full_path.removesuffix("?")
    else:
        path = path_of(request.referrer or "")
    return path if is_local_path(path) else None


def path_of(address: str) -> str:
    """The path of an address of this site, with its query; of any other address nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.netloc != request.host:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


GREATEST_ID: Final = 2**63 - 1


def parse_number(text: str) -> int | None:
    """Return an id, a page or a version that is written in digits and that the database can hold."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(GREATEST_ID)) else None
    return number if number is None or number <= GREATEST_ID else None


MOST_ATTEMPTS: Final = 99


def attempt() -> int:
    """Return the number that stands in the address which a long form is sent to.

    That address is another one than the form was opened at: where the line breaks on the way, a browser shows
    its error in the place of the page that had the address, and *Back* leads to the form with what was typed.
    """
    last = (parse_number(request.args.get("attempt", "")) or 0) % MOST_ATTEMPTS
    return last + (request.method != "POST")


def posted_ids(name: str) -> tuple[int, ...]:
    """Return the ids that a form chose; one that is no id answers 422: no form of ours sends it."""
    ids = [parse_number(text) for text in request.form.getlist(name)]
    if None in ids:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Choose from the list again: something else was sent.")
    return tuple(number for number in ids if number is not None)


def return_address(org: Organisation) -> str:
    """Return the local path that the request names, or the list."""
    path = request.values.get("return", "")
    return path if is_local_path(path) else url_for("jobs.manage", org=org.slug)


def site_address() -> str:
    """Return where people reach the portal."""
    return current_settings().public_url or f"{request.scheme}://{request.host}"


def logo_address(org: Organisation) -> str:
    """Return where other sites find the organisation's logo, if it has one."""
    if org.logo_hash is None:
        return ""
    return site_address() + url_for("profile.logo", org=org.slug, kind="png", v=org.logo_hash)
