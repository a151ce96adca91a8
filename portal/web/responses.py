"""Answers to a change (toast, redirect, partial), and what every answer gets: headers and compression."""

import json
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.http import parse_accept_header
from zlib_ng import zlib_ng

from portal.config import Settings
from portal.store.people import revisions
from portal.web.auth import TOKEN
from portal.web.requests import SAME_FOR_ALL, WITH_TOKEN, lead_to, this_request, wants_partial
from portal.web.templating import draw
from portal.web.tokens.bearer import API, sent_token

Toast = dict[str, str]
UNDO: Final = "Undo"
LONGEST_UNDO: Final = 2000


def toast_of(said: str, org: str = "", edit_id: int | None = None, label: str = UNDO) -> Toast:
    """Return what a toast says, and the address that takes an edit back where there is one."""
    undo = url_for("edits.undo", org=org, edit_id=edit_id) if edit_id is not None else ""
    return {"said": said, "undo": undo, "label": label}


def toast_with(said: str, undo: str) -> Toast:
    """Return a toast of what is no edit, and the address that takes it back.

    It may wait in a cookie, of which browsers keep no more than 4 kB: a very long address is left out.
    """
    return {"said": said, "undo": undo if len(undo) <= LONGEST_UNDO else "", "label": UNDO}


def _note(toast: Toast) -> Markup:
    return draw("partials/_toast.html", "note", toast)


def toast_answer(toast: Toast, beside: str = "") -> Response:
    """Answer htmx with a toast, beside what takes its own place; screen readers hear it."""
    page = _note(toast)
    body = f'{beside}<div hx-swap-oob="beforeend:#toasts">{page}</div>'
    return Response(body, headers={"HX-Trigger": json.dumps({"portal:announce": toast["said"]})})


def answer_done(toast: Toast, back: str, organisation_id: int, beside: str = "") -> ResponseReturnValue:
    """Answer what changed the list: htmx adds the toast, beside what takes its own place, and reads it again.

    The page learns the revision, so that the stream's word of it is no news there.
    """
    if not wants_partial():
        flash(toast)  # type: ignore[arg-type] # any JSON is kept in the session as it is
        return redirect(back, HTTPStatus.SEE_OTHER)
    page = _note(toast)
    revision = revisions([organisation_id]).get(organisation_id, 0)
    headers = {
        "HX-Trigger": json.dumps({"portal:announce": toast["said"]}),
        "HX-Trigger-After-Swap": json.dumps({"portal:done": {"revision": revision}}),
        "HX-Retarget": "#toasts",
        "HX-Reswap": "beforeend",
    }
    return Response(f"{page}{beside}", headers=headers)


def connection_view(view: str, code: int = HTTPStatus.OK, **context: Any) -> tuple[str, int]:
    """Return a view of the connection: the partial for the dialog, or the page that holds it."""
    if wants_partial():
        return render_template(f"partials/connection/_{view}.html", **context), code
    return render_template(f"pages/connection/{view}.html", **context), code


def go(address: str, message: str = "") -> ResponseReturnValue:
    """Lead on to another page, which says ``message``."""
    if message:
        flash(message)
    return lead_to(address)


def too_often(answer: ResponseReturnValue) -> Response:
    """Return an answer with the time after which the limits of a minute have room again."""
    response = make_response(answer)
    response.headers["Retry-After"] = "60"
    return response


COMPRESSIBLE: Final = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    }
)
SMALLEST: Final = 1_000
"""Bytes: what is smaller fits into one packet anyway."""
LEVEL: Final = 5
"""The list of fifty jobs, 62 KB, becomes 8.9 KB in 0.19 ms. In that time zlib makes it 10.2 KB."""
GZIP: Final = 16 + zlib_ng.MAX_WBITS


def compress_answers(app: Flask) -> None:
    """Compress every answer that is worth it."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Compress an answer that is whole, not tiny, and of a kind that shrinks.

    Left alone are streams, what has an encoding or an ETag of its own, and what is marked ``no-transform``.
    """
    if not _is_compressible(response):
        return response
    response.vary.add("Accept-Encoding")
    if not takes_gzip(request.headers.get("Accept-Encoding", "")):
        return response
    press = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, GZIP)
    response.set_data(press.compress(response.get_data()) + press.flush())  # this sets the Content-Length
    response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=200)
def takes_gzip(accepted: str) -> bool:
    """Whether a reader with this ``Accept-Encoding`` takes compressed answers."""
    return parse_accept_header(accepted).quality("gzip") > 0


def _is_compressible(response: Response) -> bool:
    return (
        (response.content_length or 0) >= SMALLEST
        and not response.is_streamed
        and not response.direct_passthrough
        and response.mimetype in COMPRESSIBLE
        and "Content-Encoding" not in response.headers
        and "ETag" not in response.headers
        and not response.cache_control.no_transform
    )


CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src https://www.youtube-nocookie.com https://player.vimeo.com",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TWO_YEARS: Final = 63_072_000


def secure_answers(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(add_headers)


def _is_of_person() -> bool:
    """Whether an answer is of somebody who is signed in, or who was in the middle of work."""
    return TOKEN in session or g.get("unsent") is not None


def add_headers(response: Response) -> Response:
    """Set the security headers, and the caching of pages, where the view chose none of its own."""
    asked, headers = this_request(), response.headers
    chosen = {name.lower() for name, _ in headers}
    headers.extend([(name, said) for name, said in HEADERS.items() if name.lower() not in chosen])
    if asked.path.startswith(WITH_TOKEN) or asked.args.get("next", "").startswith(WITH_TOKEN):
        headers["Referrer-Policy"] = "strict-origin"  # the address is, or names, a secret
    settings: Settings = current_app.extensions["settings"]
    if settings.https:
        headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    if sent_token(asked) is not None:
        headers["Cache-Control"] = "no-store"
    elif "cache-control" not in chosen:
        headers.add("Cache-Control", "no-store" if _is_of_person() else "no-cache, private")
    if asked.endpoint not in SAME_FOR_ALL:
        reasons = "Cookie, HX-Request, Authorization" if asked.blueprint == API else "Cookie, HX-Request"
        headers["Vary"] = f"{headers['Vary']}, {reasons}" if "vary" in chosen else reasons
    return response
