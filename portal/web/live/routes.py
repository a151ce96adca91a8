"""``/orgs/<org>/events``: changes as a stream, or the same changes once for a page that polls."""

import socket
from contextlib import suppress
from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.live.hub import Hub
from portal.models import Organisation
from portal.web.live.source import read_changes

bp = Blueprint("live", __name__)

EVENT_STREAM = "text/event-stream"
VANISHED_AFTER_MS = 10_000
LARGEST_REVISION = 2**53


@bp.get("/orgs/<org>/events")
def events(org: Organisation) -> ResponseReturnValue:
    """Answer what changed after ``?after=`` (or the browser's last event id), then all that follows.

    A full house answers 503: the page polls then, which costs no place.
    """
    after = _cursor()
    if request.accept_mimetypes.best == "text/html":
        changes = read_changes(org, after)
        return render_template("partials/jobs/list/_changes.html", changes=changes)
    if request.method == "HEAD":
        return Response(mimetype=EVENT_STREAM)  # nobody would ever read the stream, nor end it
    hub = cast(Hub, current_app.extensions["live_hub"])
    watcher = hub.watch(org.id, current_user.id, org.revision)
    if watcher is None:
        abort(503)
    try:
        _notice_vanished_peer()
        first = read_changes(org, after)
    except BaseException:
        hub.leave(watcher)
        raise
    return Response(
        hub.stream(watcher, first.events),
        mimetype=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _cursor() -> int:
    """Return the revision that the page stands at; nonsense counts as the very beginning."""
    text = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return min(int(text), LARGEST_REVISION) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _notice_vanished_peer() -> None:
    """Let a peer that vanished without a word free its place within seconds, not minutes."""
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket) and hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):  # a unix socket has no such option, and needs none
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_AFTER_MS)
