"""What site admins see: all organisations, all people, and what was done here. They act for nobody."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions import site_admins
from portal.actions.accounts.people import LastAdmin, PeopleError
from portal.models import User
from portal.store.accounts import site
from portal.store.accounts.audit import names_of
from portal.store.accounts.factors import with_authenticator
from portal.store.accounts.site import State
from portal.web.accounts.audit_rows import row_of_entry
from portal.web.responses import go
from portal.web.templating import pages_of

bp = Blueprint("site", __name__, url_prefix="/ops")

PAGE_SIZE: Final = 50
MOST_MEMBERSHIPS: Final = 3
LONGEST_SEARCH: Final = 120


def _wanted() -> str:
    """The text that is searched for, without what no name has."""
    return " ".join(request.values.get("q", "").replace("\0", " ").split())[:LONGEST_SEARCH]


def _state() -> State | None:
    state = request.values.get("state", "")
    return State(state) if state in list(State) else None


def _page(view: str, total: int, read: Callable[[int, int], Any], **context: Any) -> str:
    """Render one page of a list: which one, and what is searched for, its address says."""
    pages = pages_of(request.args.get("page"), total, PAGE_SIZE)
    asked: dict[str, Any] = {"q": _wanted() or None, "state": _state()}
    return render_template(
        f"pages/site/{view}.html",
        found=read(pages.size, pages.offset),
        total=total,
        pages=pages,
        asked=asked,
        asked_page=lambda number: url_for(f"site.{view}", **asked, page=number),
        **context,
    )


@bp.get("")
def home() -> ResponseReturnValue:
    """Lead to the organisations."""
    return redirect(url_for("site.organisations"), HTTPStatus.SEE_OTHER)


@bp.get("/organisations")
def organisations() -> ResponseReturnValue:
    """All organisations: how many people, and how their connection does. None of their jobs."""
    wanted = _wanted()

    def read(limit: int, offset: int) -> list[tuple[Any, int, Any]]:
        found = site.organisations_page(wanted, limit, offset)
        ids = [each.id for each in found]
        members, connections = site.member_counts(ids), site.connections_of(ids)
        return [(each, members.get(each.id, 0), connections.get(each.id)) for each in found]

    return _page("organisations", site.count_organisations(wanted), read)


@bp.get("/people")
def people() -> ResponseReturnValue:
    """All people: where they belong, and whether they may sign in."""
    return _people()


def _people(refused: User | None = None, trouble: str = "") -> str:
    wanted, state = _wanted(), _state()

    def read(limit: int, offset: int) -> list[tuple[User, list[site.PersonMembership], bool]]:
        found = site.people_page(wanted, state, limit, offset)
        ids = [each.id for each in found]
        memberships, in_two_steps = site.first_memberships_of(ids, MOST_MEMBERSHIPS), with_authenticator(ids)
        return [(each, memberships.get(each.id, []), each.id in in_two_steps) for each in found]

    total = site.count_people(wanted, state)
    return _page("people", total, read, states=list(State), refused=refused, trouble=trouble)


@bp.get("/log")
def log() -> ResponseReturnValue:
    """What was done to accounts by site admins and by command, and when site admins signed in."""

    def read(limit: int, offset: int) -> list[Any]:
        entries = site.site_entries(limit, offset)
        names = names_of({each.user_id for each in entries if each.user_id})
        return [row_of_entry(each, names) for each in entries]

    return _page("log", site.count_site_entries(), read)


@bp.post("/people/<int:user_id>/disable")
def disable(user_id: int) -> ResponseReturnValue:
    """Keep somebody out at once; who is an organisation's only admin, once that was confirmed (``force``)."""
    try:
        user = site_admins.disable(user_id, current_user.user_id, force=bool(request.form.get("force")))
    except LastAdmin as error:
        return _people(site.person(user_id), str(error)), HTTPStatus.CONFLICT
    except PeopleError as error:
        return _people(trouble=str(error)), HTTPStatus.CONFLICT
    return _back(f"{user.email} is disabled and signed out everywhere.")


@bp.post("/people/<int:user_id>/enable")
def enable(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in again."""
    try:
        user = site_admins.enable(user_id)
    except PeopleError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    return _back(f"{user.email} may sign in again.")


def _back(said: str) -> ResponseReturnValue:
    return go(url_for("site.people", q=_wanted() or None, state=_state()), said)
