"""Pause syncing, and resume it."""

from http import HTTPStatus

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.actions import pause as pausing
from portal.models import Connection, Organisation
from portal.store.connections import connection_of
from portal.web.connection.answers import go
from portal.web.connection.blueprint import bp
from portal.web.connection.settings import GONE, saved
from portal.web.connection.status import render_status
from portal.web.partials import wants_partial

PAUSED = "Syncing is paused. Your jobs stay as they are."
STILL_ENDS = "Syncing is paused. The sync that is running still brings its changes."
RESUMED = "Syncing again. Changed rows appear on Manage jobs by themselves."


@bp.post("/pause")
def pause(org: Organisation) -> ResponseReturnValue:
    """Start no more syncs until somebody resumes."""
    try:
        is_running = pausing.pause(_connection(org))
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return saved(org, STILL_ENDS if is_running else PAUSED)


@bp.post("/resume")
def resume(org: Organisation) -> ResponseReturnValue:
    """Sync again: asked from the settings they answer, asked beside the arrow the status does."""
    try:
        pausing.resume(_connection(org), current_user.user_id)
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    if not wants_partial():
        return go(url_for("jobs.manage", org=org.slug), RESUMED)
    if request.headers.get("HX-Target") == "settings":
        return saved(org, RESUMED)
    return render_status(org.id)


def _connection(org: Organisation) -> Connection:
    connection = connection_of(org.id)
    if connection is None:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return connection
