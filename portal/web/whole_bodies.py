"""Bodies are taken whole or not at all: half of a form would be saved as if somebody had typed it so."""

from http import HTTPStatus

from flask import Flask, abort, request

INPUT_ENDS = "wsgi.input_terminated"


def init_app(app: Flask) -> None:
    """Look at every request before anything reads its body."""
    app.before_request(refuse_halves)


def refuse_halves() -> None:
    """Answer 400 to a body that ends before its announced length, and 411 to one without a length.

    The server says that its stream ends by itself; then Werkzeug neither counts what came, nor tells
    a body that it cut at the greatest length.
    """
    if request.content_length is not None:
        request.environ.pop(INPUT_ENDS, None)
    elif "Transfer-Encoding" in request.headers:
        abort(HTTPStatus.LENGTH_REQUIRED)
