"""Every error, as a page, for htmx as a sentence among the toasts, for the API as JSON; never a trace."""

import json
from http import HTTPStatus
from typing import Any, Final

import structlog
from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from portal.db import cause_of
from portal.web.accounts.unsent import page_of_form, refused_form, send_again_page
from portal.web.extensions import OldToken
from portal.web.requests import wants_partial
from portal.write_limit import TooManyWriters

log = structlog.get_logger("portal.web")

WORDS: Final[dict[int, tuple[str, str]]] = {
    400: ("That did not work", "The request was not understood. Go back, reload the page and try again."),
    401: ("A token is missing", "Send an API token as “Authorization: Bearer …”."),
    403: (
        "Only admins can do this",
        "Ask an admin to do it, or to make you one on the organisation’s page People.",
    ),
    404: ("There is nothing here", "Check the address, or start over from the first page."),
    405: ("That did not work", "The address does not answer to this. Go back and try again."),
    410: ("This job is closed", "It no longer takes applications."),
    413: ("That is too much at once", "Send less than 2 MB."),
    429: ("That was too often", "Wait a moment and try again."),
}
CSRF_WORDS: Final = (
    "This page was open for too long",
    "Nothing was saved. Reload the page and do it again.",
)
BROKEN: Final = ("Something broke on our side", "Nothing was lost. Try again in a moment.")
CROWDED: Final = (
    "Others are saving at this moment",
    "Nothing was saved yet. What you typed is still there: go back to it and try again in a moment.",
)
BUSY: Final = ("The portal cannot reach its data", "Nothing was lost. Try again in a minute.")

KEPT: Final = ("Allow", "Retry-After", "WWW-Authenticate")
RETRY_AFTER_SECONDS: Final = 5

PLAIN_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/assets/plain.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml"></head>
<body><main><h1>{title}</h1><p>{sentence}</p><p><a href="">Try again</a></p></main></body>
</html>
"""


def init_app(app: Flask) -> None:
    """Answer every error of the application here."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(SecurityError, wrong_host)
    app.register_error_handler(DBAPIError, database_error)
    app.register_error_handler(PoolTimeout, database_error)
    app.register_error_handler(TooManyWriters, too_many_writers)
    app.register_error_handler(Exception, unexpected_error)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Say what is wrong; a view's own ``description`` takes the place of the usual sentence."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = error.code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return plain_answer(status, *BROKEN)
    title, sentence = WORDS.get(status, WORDS[400])
    if error.description and error.description != type(error).description:
        sentence = error.description
    return answer(status, title, sentence, error)


def csrf_error(error: CSRFError) -> ResponseReturnValue:
    """Say that the page is too old; what was typed into a page of ours is shown, to be sent again."""
    if isinstance(error, OldToken) and (form := refused_form()):
        return send_again_page(form, page_of_form(), HTTPStatus.BAD_REQUEST)
    return answer(HTTPStatus.BAD_REQUEST, *CSRF_WORDS)


def wrong_host(error: SecurityError) -> ResponseReturnValue:
    """Answer a request for another host, for which no address of ours can be built."""
    return plain_answer(HTTPStatus.BAD_REQUEST, *WORDS[HTTPStatus.BAD_REQUEST])


def database_error(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    """Say that the database is away; the log gets the cause, without statement or values."""
    log.error("database_error", kind=type(error).__name__, cause=cause_of(error))
    return retry_later(HTTPStatus.SERVICE_UNAVAILABLE, *BUSY)


def too_many_writers(_error: TooManyWriters) -> ResponseReturnValue:
    """Say that others are saving: whoever asked may try again in a moment."""
    return retry_later(HTTPStatus.SERVICE_UNAVAILABLE, *CROWDED)


def unexpected_error(error: Exception) -> ResponseReturnValue:
    """Say that something broke; the log gets the trace."""
    log.exception("unexpected_error", kind=type(error).__name__)
    return plain_answer(HTTPStatus.INTERNAL_SERVER_ERROR, *BROKEN)


def answer(status: int, title: str, sentence: str, error: HTTPException | None = None) -> Response:
    """Answer with a page, with a sentence for the toasts, or in JSON."""
    if _is_of_api():
        response = problem(status, title, sentence)
    elif wants_partial():
        return _toast(status, render_template("partials/errors/_toast.html", sentence=sentence))
    else:
        page = render_template("pages/errors/error.html", status=status, title=title, sentence=sentence)
        response = Response(page, status)
    if error is not None:
        response.headers.extend({k: v for k, v in error.get_headers() if k in KEPT})
    return response


def retry_later(status: int, title: str, sentence: str) -> Response:
    """Answer plainly, and tell machines when to try again."""
    response = plain_answer(status, title, sentence)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def plain_answer(status: int, title: str, sentence: str) -> Response:
    """Answer without database, session or template, so that the answer cannot fail as well."""
    if _is_of_api():
        return problem(status, title, sentence)
    if wants_partial():
        return _toast(status, f'<p class="toast-note bad" role="alert">{title}. {sentence}</p>')
    return Response(PLAIN_PAGE.format(title=title, sentence=sentence), status)


def _is_of_api() -> bool:
    return request.path.startswith("/api/")


def problem(status: int, title: str, sentence: str, **details: Any) -> Response:
    """Answer as RFC 9457 says, to scripts of every site; ``details`` are members of this kind of problem."""
    content = {"type": "about:blank", "title": title, "status": int(status), "detail": sentence, **details}
    headers = {"Access-Control-Allow-Origin": "*"}
    return Response(json.dumps(content), status, headers, content_type="application/problem+json")


def _toast(status: int, html: str) -> Response:
    """A sentence for the toasts, whatever the asker would have taken of the answer, and wherever it led."""
    headers = {
        "HX-Retarget": "#toasts",
        "HX-Reswap": "beforeend",
        "HX-Reselect": ".toast-note",
        "HX-Push-Url": "false",
    }
    return Response(html, status, headers)
