"""Decide about held closings; a decision names the version of the list that was seen."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.pair import ListChanged, ListVersion
from portal.actions.sync.closings import decide_closings
from portal.db import detached
from portal.domain.sync.plan import HoldStatus
from portal.models import Connection, Organisation
from portal.store.closings import Pending, decided_closings, page_of_pending, pending_closings
from portal.store.connections import connection_of
from portal.web.connection.status import decisions_of
from portal.web.permissions import is_admin
from portal.web.requests import parse_number, posted_ids, wants_only
from portal.web.templating import count, pages_of

NO_LIST: ListVersion = (-1, -1)


def list_version_text(list_version: ListVersion) -> str:
    """Return a list's version as a form sends it."""
    return f"{list_version[0]}-{list_version[1]}"


def sent_list_version() -> ListVersion | None:
    """Return the version that came with the form, if one did; nonsense is one that no list has."""
    text = request.form.get("seen")
    if text is None:
        return None
    number, last = map(parse_number, text.partition("-")[::2])
    return NO_LIST if number is None or last is None else (number, last)


bp = Blueprint("closings", __name__, url_prefix="/orgs/<org>/closings")

PAGE_SIZE: Final = 100
NOTHING_CHOSEN: Final = "Choose at least one job, or decide about all of them."
CHANGED: Final = "Nothing was decided: this list has changed since you opened it. Look at it again."
DECIDED: Final = "Nothing waits for a decision any more: somebody decided, or the posts are listed again."
OVER: Final = "That is over: the job was closed meanwhile, its post is listed again, or somebody decided."
MOST_DECIDED: Final = 200


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """The jobs whose closing is held; asked by the page itself, only whether they still wait."""
    if wants_only("meanwhile"):
        return render_template("partials/closings/_meanwhile.html", **_waiting(org))
    return _page(org)


@bp.post("/approve")
def approve(org: Organisation) -> ResponseReturnValue:
    """Close the jobs chosen, or all, unless Greenhouse lists them again by then."""
    return _decide(org, HoldStatus.APPROVED)


@bp.post("/discard")
def discard(org: Organisation) -> ResponseReturnValue:
    """Keep the jobs chosen, or all, open."""
    return _decide(org, HoldStatus.DISCARDED)


def _outcome(number: int, status: HoldStatus, connection: Connection) -> str:
    if status == HoldStatus.DISCARDED:
        return f"{count(number, 'job stays', 'jobs stay')} open."
    moment = "when syncing is resumed" if connection.paused_at else "with the sync that was started now"
    them = "it" if number == 1 else "them"
    return f"{count(number, 'job closes', 'jobs close')} {moment}, unless Greenhouse lists {them} again."


def _decide(org: Organisation, status: HoldStatus) -> ResponseReturnValue:
    chosen = _chosen()
    if chosen is None:
        return _page(org, NOTHING_CHOSEN)
    connection = connection_of(org.id)
    if connection is None:
        abort(HTTPStatus.NOT_FOUND, "Greenhouse is not connected any more.")
    connection = detached(connection)  # it may end while the decision is stored
    again = "again" in request.form
    try:
        list_version = None if chosen else sent_list_version()
        decided = decide_closings(connection, status, current_user.user_id, chosen, list_version, again=again)
    except ListChanged:
        return _page(org, trouble=CHANGED)
    left = pending_closings(connection.id).number
    flash(_outcome(decided, status, connection) if decided else OVER if again else DECIDED)
    address = (
        url_for("closings.index", org=org.slug) if left or again else url_for("jobs.manage", org=org.slug)
    )
    return redirect(address, HTTPStatus.SEE_OTHER)


def _chosen() -> tuple[int, ...] | None:
    """Return the jobs chosen, none for all of them; ``None`` when some were to be chosen and none was."""
    ids = posted_ids("job_id")
    if ("some" in request.form or "again" in request.form) and not ids:
        return None
    return ids


def _page(org: Organisation, error: str = "", trouble: str = "") -> ResponseReturnValue:
    """The page; ``error`` is about the jobs chosen (422), ``trouble`` about all that waits (409)."""
    shown = _waiting(org)
    connection, pending = connection_of(org.id), shown["pending"]
    pages = pages_of(request.args.get("page"), pending, PAGE_SIZE)
    holds = page_of_pending(connection.id, limit=pages.size, offset=pages.offset) if connection else []
    page = render_template(
        "pages/closings/index.html",
        holds=holds,
        decided=decided_closings(connection.id, MOST_DECIDED) if connection else [],
        pages=pages,
        address=lambda number: url_for("closings.index", org=org.slug, page=number),
        waiting=decisions_of(connection) if connection and holds else None,
        error=error,
        trouble=trouble,
        is_admin=is_admin(),
        **shown,
    )
    if trouble:
        return page, HTTPStatus.CONFLICT
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK


def _waiting(org: Organisation) -> dict[str, Any]:
    """Return what waits now, and its mark: another mark says that it is not what a page shows."""
    connection = connection_of(org.id)
    pending = pending_closings(connection.id) if connection else Pending()
    list_version = list_version_text(pending.list_version)
    return {
        "organisation": org,
        "connection": connection,
        "pending": pending.number,
        "list_version": list_version,
        "is_new": request.args.get("seen", list_version) != list_version,
    }
