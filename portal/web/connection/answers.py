"""Answers that are a page without JavaScript, and a piece of one with it."""

from http import HTTPStatus
from typing import Any

from flask import Response, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue

from portal.web.partials import wants_partial


def show(view: str, code: int = HTTPStatus.OK, **context: Any) -> tuple[str, int]:
    """Return the partial ``_<view>.html`` for the dialog, or the page that holds it."""
    if wants_partial():
        return render_template(f"partials/connection/_{view}.html", **context), code
    return render_template(f"pages/connection/{view}.html", **context), code


def go(address: str, message: str = "") -> ResponseReturnValue:
    """Lead on to another page, which says ``message``."""
    if message:
        flash(message)
    if wants_partial():
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": address})
    return redirect(address, HTTPStatus.SEE_OTHER)


def too_often(answer: ResponseReturnValue) -> Response:
    """Return an answer with the time after which the limits of a minute have room again."""
    response = make_response(answer)
    response.headers["Retry-After"] = "60"
    return response
