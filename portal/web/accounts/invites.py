"""Accept an invitation: by signing in with the invited address, or with an account made here."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.accounts.invitations import LinkGone, accept, accept_with_new_account, open_invitation
from portal.actions.accounts.passwords import HashingBusy, WeakPassword
from portal.actions.accounts.people import PeopleError
from portal.models import OneTimeLink
from portal.store.people import user_by_email
from portal.web.accounts.forms import JoinForm, refuse
from portal.web.auth import enter, forget, sign_in_context
from portal.web.extensions import limiter, remote_network
from portal.web.single_sign_on.gate import is_confined

bp = Blueprint("invites", __name__, url_prefix="/invites")

PER_SENDER: Final = "100 per hour"
"""Of passwords to be hashed: a whole office may be invited at once."""


@bp.route("/<token>", methods=["GET", "POST"])
@limiter.limit(PER_SENDER, key_func=remote_network, methods=["POST"])
def show(token: str) -> ResponseReturnValue:
    """Show who invites whom, and how to accept; then do it."""
    try:
        link = open_invitation(token)
        if request.method != "POST":
            return _page(link, token, JoinForm())
        if current_user.is_authenticated:
            return _accept(link, token)
        return _accept_with_new_account(link, token)
    except LinkGone as error:
        page = render_template("pages/accounts/link_gone.html", sentence=str(error), again="invite")
        return page, HTTPStatus.GONE


def _accept(link: OneTimeLink, token: str) -> ResponseReturnValue:
    """Join, or sign out to sign in with the invited address.

    A sign-in through one organisation's provider joins no other: it would be that provider's word.
    """
    if current_user.email != link.address or is_confined():
        forget()
        return redirect(url_for("invites.show", token=token), HTTPStatus.SEE_OTHER)
    organisation = accept(token, current_user.user_id)
    flash(f"You are in {organisation.name} now.")
    return redirect(url_for("jobs.manage", org=organisation.slug), HTTPStatus.SEE_OTHER)


def _accept_with_new_account(link: OneTimeLink, token: str) -> ResponseReturnValue:
    """Make the account, which is signed in at once: the mail has proved its address."""
    form, address = JoinForm(), link.address or ""
    if form.validate_on_submit():
        try:
            context = sign_in_context(address, lasts=False)
            organisation, signed_in = accept_with_new_account(
                token, form.name.data or "", form.password.data or "", context
            )
        except (WeakPassword, HashingBusy) as error:
            refuse(form.password, error)
            link = open_invitation(token)
        except LinkGone:
            raise
        except PeopleError:  # an account was made meanwhile: the page says how to sign in with it
            return redirect(url_for("invites.show", token=token), HTTPStatus.SEE_OTHER)
        else:
            to = url_for("jobs.manage", org=organisation.slug)
            response = enter(signed_in, address, to, lasts=False)
            flash(f"Welcome to {organisation.name}.")  # in the session that has just begun
            return response
    return _page(link, token, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    link: OneTimeLink, token: str, form: JoinForm, status: HTTPStatus = HTTPStatus.OK
) -> ResponseReturnValue:
    has_account = user_by_email(link.address or "") is not None
    page = render_template(
        "pages/accounts/invite.html", link=link, token=token, form=form, has_account=has_account
    )
    return page, status
