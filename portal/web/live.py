"""The stream of changes: what the hub reads and renders, and the route of Server-Sent Events; presence."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from redis.exceptions import RedisError
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import create_environ

from portal.db import end_read, session
from portal.domain.jobs.fields import EDITED_FIELDS
from portal.domain.people import Role
from portal.live.events import Changes, Event, Watcher, heartbeat
from portal.live.hub import Hub
from portal.live.presence import Presence, forget_presence, note_presence, presences_in
from portal.live.sockets import connection_of, open_files
from portal.live.subscription import Failures
from portal.models import Authenticator, LoginSession, Membership, Organisation
from portal.models.base import has_passed, utc_now
from portal.queues import connect_redis
from portal.store.accounts.single_sign_on import exempt_from_single_sign_on
from portal.store.jobs import changed_since, gone_since, job_of
from portal.store.people import LONGEST_SIGN_IN, revisions
from portal.store.runs import organisations_syncing
from portal.web.connection.status import render_status
from portal.web.extensions import limiter, remote_network
from portal.web.permissions import is_admin
from portal.web.requests import parse_number

MOST_ROWS = 50


def read_changes(organisation: Organisation, after: int, *, rows_alone: bool = False) -> Changes:
    """Return what an organisation's pages must be told after a revision; raises ``SQLAlchemyError``.

    The organisation was read before the rows: what is committed in between comes twice rather than never.
    Where something cannot be rendered, the pages hear only that the list has changed. A revision that
    lies in the future was seen before the database was restored: the pages must read all of it again.
    """
    revision = organisation.revision
    failures: Failures = current_app.extensions["live_hub"].failures
    try:
        status = () if rows_alone else (Event("status", render_status(organisation.id), revision),)
        events = (*status, *_events(organisation, after, revision))
    except SQLAlchemyError:
        raise
    except Exception as error:
        failures.note("render", organisation.id, error)
        return Changes(revision, (Event("list", "", revision),) if revision != after else ())
    failures.clear("render", organisation.id)
    return Changes(revision, events)


def _events(organisation: Organisation, after: int, revision: int) -> Iterator[Event]:
    if revision < after:
        yield Event("restored", "", revision)
    if revision <= after:
        return
    jobs = changed_since(organisation.id, after, MOST_ROWS + 1)
    gone = gone_since(organisation.id, after, MOST_ROWS + 1)
    if len(jobs) + len(gone) > MOST_ROWS:
        yield Event("list", "", revision)
    elif jobs or gone:
        rows = render_template(
            "partials/jobs/list/_rows.html", organisation=organisation, jobs=jobs, gone=gone
        )
        yield Event("rows", rows, revision)


def read_presence(organisation_ids: list[int]) -> dict[int, Event]:
    """Return who is where in each of the organisations; without Redis nobody is."""
    try:
        found = presences_in(organisation_ids)
    except RedisError:
        found = {key: [] for key in organisation_ids}
    template = "partials/jobs/list/_presence.html"
    return {
        key: Event("presence", render_template(template, present=present, fields=EDITED_FIELDS))
        for key, present in found.items()
    }


class RenderedSource:
    """The hub's view of the application: each answer read and rendered in a context of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def changes(self, organisation_id: int, after: int) -> Changes:
        """Return which rows changed since a revision; nothing of an organisation that is gone."""
        with self._reading():
            organisation = session().get(Organisation, organisation_id)
            return read_changes(organisation, after, rows_alone=True) if organisation else Changes(after, ())

    def status(self, organisation_id: int) -> Event:
        """Return where the organisation's sync stands."""
        with self._reading():
            return Event("status", render_status(organisation_id))

    def revisions(self, organisation_ids: list[int]) -> dict[int, int]:
        """Return the present revision of each organisation."""
        if not organisation_ids:
            return {}
        with self._reading():
            return revisions(organisation_ids)

    def syncing(self, organisation_ids: list[int]) -> list[int]:
        """Return those of the organisations that have a sync under way, or one that waits."""
        if not organisation_ids:
            return []
        with self._reading():
            return organisations_syncing(organisation_ids)

    def present(self, organisation_ids: list[int]) -> dict[int, Event]:
        """Return who is where in each of the organisations."""
        if not organisation_ids:
            return {}
        with self._reading():
            return read_presence(organisation_ids)

    def allowed(self, watchers: list[Watcher]) -> set[int]:
        """Return the ids of the sign-ins that still stand, and in each organisation as what they were."""
        with self._reading():
            watched = {(each.login_id, each.organisation_id, each.is_admin) for each in watchers}
            members = session().execute(_memberships_of(watchers))
            may = {(login, org, role == Role.ADMIN) for login, org, role in members}
            return {login for login, *_ in watched} - {login for login, *_ in watched - may}

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Open a request context, which gives links their local addresses."""
        with self._app.request_context(dict(self._environ)):
            yield
            end_read()

    @cached_property
    def _environ(self) -> dict[str, Any]:
        """A request to a host that is trusted."""
        host = (self._app.extensions["settings"].trusted_hosts or ["localhost"])[0]
        return create_environ(base_url=f"http://{host}")


def _memberships_of(watchers: list[Watcher]) -> Select[int, int, str]:
    """Ask who of them may still read what; the same statement however many watch, so compiled once."""
    is_whole, is_theirs = LoginSession.membership_id.is_(None), LoginSession.membership_id == Membership.id
    has_authenticator = exists().where(Authenticator.user_id == Membership.user_id)
    return (
        select(LoginSession.id, Membership.organisation_id, Membership.role)
        .join(Membership, (Membership.user_id == LoginSession.user_id) & or_(is_whole, is_theirs))
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(or_(~is_whole, ~Organisation.requires_two_step, has_authenticator))
        .where(or_(~is_whole, ~Organisation.requires_single_sign_on, exempt_from_single_sign_on()))
        .where(~has_passed(LoginSession.expires_at, utc_now(), LONGEST_SIGN_IN))
        .where(LoginSession.id.in_({watcher.login_id for watcher in watchers}))
    )


bp = Blueprint("live", __name__)

EVENT_STREAM = "text/event-stream"
LARGEST_REVISION = 2**53
PAGE = re.compile(r"[A-Za-z0-9-]{1,40}")
MOST_MOVES = "240 per minute"


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
    hub, connection = cast(Hub, current_app.extensions["live_hub"]), connection_of(request.environ)
    watcher = hub.watch(org.id, current_user.id, org.revision, connection, is_admin=is_admin())
    if watcher is None:
        abort(503)
    try:
        first = read_changes(org, after).events or (heartbeat(after),)
        if is_admin():
            first += (read_presence([org.id])[org.id],)
    except BaseException:
        hub.leave(watcher)
        raise
    return Response(
        hub.stream(watcher, first),
        mimetype=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _sender() -> str:
    return str(current_user.id) if current_user.is_authenticated else remote_network()


@bp.post("/orgs/<org>/presence")
@limiter.limit(MOST_MOVES, key_func=_sender)
def presence(org: Organisation) -> ResponseReturnValue:
    """Note which ``job`` this ``page`` has open, and which ``field`` is edited; without a job, none.

    A job that is not there, since it was deleted a moment ago, is none either.
    """
    page, field, number = (request.form.get(name, "") for name in ("page", "field", "job"))
    if not PAGE.fullmatch(page) or (field and field not in EDITED_FIELDS):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = f"{current_user.id}:{page}"
    job = job_of(org.id, parse_number(number) or 0) if number else None
    if job is None:
        forget_presence(org.id, page)
        return "", HTTPStatus.NO_CONTENT
    name = current_user.name or current_user.email.partition("@")[0]
    note_presence(org.id, page, Presence(job.id, field, name, current_user.user_id))
    return "", HTTPStatus.NO_CONTENT


def _cursor() -> int:
    """Return the revision that the page stands at; nonsense counts as the very beginning."""
    text = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return min(parse_number(text) or 0, LARGEST_REVISION)


__all__ = ["bp", "init_app"]


def init_app(app: Flask) -> None:
    """Give the application its hub, whose thread starts with the first stream: in the process that serves."""
    settings = app.extensions["settings"]
    listener = connect_redis(settings.redis_url)
    capacity = min(settings.streams_per_process, open_files() // 2)  # the other half is for pages
    app.extensions["live_hub"] = Hub(RenderedSource(app), listener, capacity, settings.streams_in_threads)
