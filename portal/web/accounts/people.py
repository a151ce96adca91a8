"""The people of an organisation: who they are, invited and removed by its admins."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.accounts import invitations, two_step
from portal.actions.accounts.people import LastAdmin, PeopleError, change_role, remove
from portal.domain.people import LinkKind, Role
from portal.models import Organisation, User
from portal.models.base import utc_now
from portal.store.accounts.factors import with_authenticator
from portal.store.accounts.links import links_of
from portal.store.accounts.members import members_of
from portal.store.mails import undelivered_to
from portal.store.people import membership_of
from portal.web.accounts.forms import InviteForm
from portal.web.extensions import limiter, person_or_network
from portal.web.responses import go
from portal.web.templating import count

bp = Blueprint("people", __name__, url_prefix="/orgs/<org>/people")

MOST_INVITED: Final = "60 per hour"
LAST_ADMIN: Final = "One admin must stay. Make somebody else an admin first."


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """Members, and who is invited."""
    return _page(org, InviteForm())


@bp.post("/invite")
@limiter.limit(MOST_INVITED, key_func=person_or_network)
def invite(org: Organisation) -> ResponseReturnValue:
    """Invite one address, or several; where one is wrong, none."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(org, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        invited = invitations.invite(org, form.email.data or "", Role(form.role.data), current_user.user_id)
    except PeopleError as error:
        form.email.errors = [str(error)]
        return _page(org, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _back(org, _said(invited))


def _said(invited: invitations.Invited) -> str:
    said = []
    if len(invited.sent) == 1:
        said.append(f"The invitation to {invited.sent[0]} is on its way.")
    elif invited.sent:
        said.append(f"{count(len(invited.sent), 'invitation is', 'invitations are')} on their way.")
    if invited.members:
        are = "is a member" if len(invited.members) == 1 else "are members"
        said.append(f"{', '.join(invited.members)} {are} already.")
    return " ".join(said)


@bp.post("/invitations/<int:link_id>/again")
@limiter.limit(MOST_INVITED, key_func=person_or_network)
def send_again(org: Organisation, link_id: int) -> ResponseReturnValue:
    """Send an invitation once more, by a new link."""
    try:
        address = invitations.send_again(org, link_id, current_user.user_id)
    except PeopleError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    return _back(org, f"The invitation to {address} is on its way again. The former link works no more.")


@bp.post("/invitations/<int:link_id>/withdraw")
def withdraw(org: Organisation, link_id: int) -> ResponseReturnValue:
    """Withdraw an invitation: its link works no more."""
    try:
        address = invitations.withdraw(org.id, link_id)
    except PeopleError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    return _back(org, f"The invitation to {address} is withdrawn.")


@bp.post("/<int:user_id>/role")
def role(org: Organisation, user_id: int) -> ResponseReturnValue:
    """Make a member an admin, or an admin a member."""
    wanted = request.form.get("role", "")
    if wanted not in list(Role):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Choose one of the roles.")
    _refuse_strangers(org, user_id)
    try:
        user = change_role(org.id, user_id, Role(wanted))
    except LastAdmin:
        return _page(org, InviteForm(formdata=None), HTTPStatus.CONFLICT, LAST_ADMIN)
    except PeopleError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    what = "an admin" if wanted == Role.ADMIN else "a member"
    return _back(org, f"{_called(user)} is {what} now.")


@bp.post("/<int:user_id>/remove", endpoint="remove")
def remove_member(org: Organisation, user_id: int) -> ResponseReturnValue:
    """Take somebody out; their sign-ins end at once, and what they edited stays."""
    _refuse_strangers(org, user_id)
    try:
        user = remove(org.id, user_id)
    except LastAdmin:
        return _page(org, InviteForm(formdata=None), HTTPStatus.CONFLICT, LAST_ADMIN)
    except PeopleError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    return _back(org, f"{_called(user)} is removed from {org.name}. What they edited stays.")


@bp.post("/two-step")
def require_two_step(org: Organisation) -> ResponseReturnValue:
    """Require two-step sign-in of everybody here, or (without ``required``) no longer."""
    wanted = bool(request.form.get("required"))
    try:
        two_step.require(org.id, current_user.user_id, wanted=wanted)
    except PeopleError as error:
        return _page(org, InviteForm(formdata=None), HTTPStatus.CONFLICT, str(error))
    said = "requires two-step sign-in from now on" if wanted else "requires two-step sign-in no longer"
    return _back(org, f"{org.name} {said}.")


def _refuse_strangers(org: Organisation, user_id: int) -> None:
    """Answer 404 for somebody who is no member of the organisation."""
    if membership_of(org.id, user_id) is None:
        abort(HTTPStatus.NOT_FOUND)


def _called(user: User) -> str:
    return user.name or user.email


def _back(org: Organisation, said: str) -> ResponseReturnValue:
    if current_user_left(org):
        return go(url_for("orgs.home"), said)
    return go(url_for("people.index", org=org.slug), said)


def current_user_left(org: Organisation) -> bool:
    """Whether the person asking is no admin of the organisation any more."""
    membership = membership_of(org.id, current_user.user_id)
    return membership is None or membership.role != Role.ADMIN


def _page(
    org: Organisation, form: InviteForm, status: HTTPStatus = HTTPStatus.OK, trouble: str = ""
) -> ResponseReturnValue:
    members = members_of(org.id)
    return render_template(
        "pages/accounts/people.html",
        organisation=org,
        form=form,
        members=members,
        with_two_step=with_authenticator([each.user_id for each in members]),
        invitations=links_of(org.id, LinkKind.INVITATION),
        undelivered=undelivered_to(org.id),
        now=utc_now(),
        trouble=trouble,
    ), status
