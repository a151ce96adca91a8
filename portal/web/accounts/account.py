"""One's own account: a page of sections, each a form of its own."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from portal.actions.accounts import account, two_step
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.passwords import HashingBusy, WeakPassword
from portal.actions.accounts.people import LastAdmin, PeopleError, leave
from portal.db import session as database
from portal.domain.accounts.browsers import is_mobile
from portal.domain.accounts.sign_ins import means_words
from portal.domain.people import Density, Theme
from portal.models import User
from portal.models.base import utc_now
from portal.store.accounts.members import memberships_of, sign_ins_of
from portal.store.accounts.passkeys import passkeys_of
from portal.store.accounts.tokens import tokens_of
from portal.web.accounts import forms
from portal.web.auth import TOKEN, forget
from portal.web.extensions import limiter, person_or_network
from portal.web.requests import is_local_path, parse_number
from portal.web.responses import go

bp = Blueprint("account", __name__, url_prefix="/account")

GUESSES: Final = "10 per 5 minutes"
"""Of the password, by whoever sits at somebody's browser."""
FORMS: Final[dict[str, type[FlaskForm]]] = {
    "name_form": forms.NameForm,
    "address_form": forms.AddressForm,
    "password_form": forms.PasswordForm,
    "look_form": forms.LookForm,
    "delete_form": forms.DeleteForm,
}


@bp.get("")
def show() -> ResponseReturnValue:
    """Everything one may change of one's account."""
    return _page()


@bp.post("/profile")
def save_name() -> ResponseReturnValue:
    """Change what colleagues see."""
    form = forms.NameForm()
    if not form.validate_on_submit():
        return _page(name_form=form)
    name = account.change_name(current_user.user_id, form.name.data or "")
    return _back(f"Colleagues see “{name}”." if name else "Colleagues see your e-mail address.", "profile")


@bp.post("/email")
@limiter.limit(GUESSES, key_func=person_or_network)
def ask_for_address() -> ResponseReturnValue:
    """Mail a link to a new address: it takes effect once that is followed."""
    form = forms.AddressForm()
    if not form.validate_on_submit():
        return _page(address_form=form)
    try:
        address = account.ask_for_address(_signed_in(), form.email_password.data or "", form.email.data or "")
    except (account.WrongPassword, HashingBusy) as error:
        forms.refuse(form.email_password, error)
        return _page(address_form=form)
    except PeopleError as error:
        forms.refuse(form.email, error)
        return _page(address_form=form)
    return _back(f"A link is on its way to {address}. Your address changes once you follow it.", "email")


@bp.route("/email/<token>", methods=["GET", "POST"])
def confirm_address(token: str) -> ResponseReturnValue:
    """Confirm a new address: by a click, since programs that look through mails follow links too."""
    try:
        if request.method == "POST":
            address = account.confirm_address(token)
            flash(f"Your e-mail address is {address} now. Sign in with it.")
            to = "account.show" if current_user.is_authenticated else "auth.login"
            return redirect(url_for(to), HTTPStatus.SEE_OTHER)
        address = account.address_to_confirm(token, utc_now())
    except LinkGone as error:
        page = render_template("pages/accounts/link_gone.html", sentence=str(error), again="email")
        return page, HTTPStatus.GONE
    return render_template("pages/accounts/confirm_address.html", address=address, token=token)


@bp.post("/password")
@limiter.limit(GUESSES, key_func=person_or_network)
def change_password() -> ResponseReturnValue:
    """Change the password; every other sign-in ends."""
    form = forms.PasswordForm()
    if not form.validate_on_submit():
        return _page(password_form=form)
    try:
        session[TOKEN] = account.change_password(
            _signed_in(), form.current_password.data or "", form.password.data or ""
        )
    except account.WrongPassword as error:
        forms.refuse(form.current_password, error)
        return _page(password_form=form)
    except (WeakPassword, HashingBusy) as error:
        forms.refuse(form.password, error)
        return _page(password_form=form)
    return _back("Your password is changed. You are signed out everywhere else.", "password")


@bp.post("/sessions/end")
def end_sessions() -> ResponseReturnValue:
    """End another sign-in by its ``session``, or with ``all`` every other one."""
    if request.form.get("all"):
        account.end_other_sign_ins(_signed_in())
        return _back("You are signed out everywhere else.", "sessions")
    number = parse_number(request.form.get("session", ""))
    if number is None:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY)
    account.end_sign_in(_signed_in(), number)
    return _back("That browser is signed out.", "sessions")


@bp.post("/leave")
def leave_organisation() -> ResponseReturnValue:
    """Leave the ``organisation`` of that id; what one edited there stays."""
    number = parse_number(request.form.get("organisation", ""))
    try:
        left = leave(number or 0, current_user.user_id)
    except LastAdmin as error:
        return _page(HTTPStatus.CONFLICT, trouble=str(error))
    except PeopleError as error:
        return _page(HTTPStatus.NOT_FOUND, trouble=str(error))
    return _back(f"You have left {left.name}.", "organisations")


@bp.post("/look")
def save_look() -> ResponseReturnValue:
    """Remember colours, rows and keys."""
    form = forms.LookForm()
    if not form.validate_on_submit():
        return _page(look_form=form)
    account.choose_look(
        current_user.user_id, theme=Theme(form.theme.data), density=Density(form.density.data)
    )
    account.choose_keys(current_user.user_id, wanted=form.keys.data == "on")
    return _back("Saved.", "look")


@bp.post("/theme")
def save_theme() -> ResponseReturnValue:
    """Remember the colours that the button in the bar was left at."""
    wanted = request.form.get("theme", "")
    if wanted not in list(Theme):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY)
    account.choose_look(current_user.user_id, theme=Theme(wanted))
    return "", HTTPStatus.NO_CONTENT


@bp.post("/keys")
def save_keys() -> ResponseReturnValue:
    """Remember whether single letters do something on Manage jobs."""
    account.choose_keys(current_user.user_id, wanted=request.form.get("keys") != "off")
    return "", HTTPStatus.NO_CONTENT


@bp.post("/density")
def density() -> ResponseReturnValue:
    """Remember how high the rows of this person's lists are, and go back to the list."""
    wanted, back = request.form.get("density", ""), request.form.get("return", "")
    if wanted not in list(Density):
        abort(HTTPStatus.BAD_REQUEST)
    account.choose_look(current_user.user_id, density=Density(wanted))
    return redirect(back if is_local_path(back) else url_for("orgs.home"), HTTPStatus.SEE_OTHER)


@bp.post("/delete")
@limiter.limit(GUESSES, key_func=person_or_network)
def delete() -> ResponseReturnValue:
    """Delete the account; what it did stays, without a name."""
    form = forms.DeleteForm()
    if not form.validate_on_submit():
        return _page(delete_form=form)
    try:
        account.delete_account(_signed_in(), form.delete_password.data or "")
    except LastAdmin as error:
        forms.refuse(form.delete_password, error)
        return _page(HTTPStatus.CONFLICT, delete_form=form)
    except (PeopleError, HashingBusy) as error:
        forms.refuse(form.delete_password, error)
        return _page(delete_form=form)
    forget()
    return go(url_for("auth.login"), "Your account is deleted.")


def _signed_in() -> Any:
    return current_user._get_current_object()


def _back(said: str, section: str) -> ResponseReturnValue:
    return go(url_for("account.show", _anchor=f"{section}-section"), said)


def _page(
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY, trouble: str = "", **submitted: FlaskForm
) -> ResponseReturnValue:
    """Show every section; the form that was refused as it came, all others as things are."""
    user = database().get_one(User, current_user.user_id)
    given = {
        "name_form": {"name": user.name},
        "look_form": {
            "theme": user.theme or Theme.SYSTEM.value,
            "density": user.density,
            "keys": "on" if user.keys else "off",
        },
    }
    shown = {
        name: submitted.get(name) or form(formdata=None, data=given.get(name)) for name, form in FORMS.items()
    }
    page = render_template(
        "pages/accounts/account.html",
        user=user,
        sign_ins=sign_ins_of(user.id, utc_now()),
        memberships=memberships_of(user.id),
        tokens=tokens_of(user.id),
        now=utc_now(),
        two_step=two_step.state_of(user.id),
        passkeys=passkeys_of(user.id),
        trouble=trouble,
        is_mobile=is_mobile,
        means_words=means_words,
        **shown,
    )
    return page, status if submitted or trouble else HTTPStatus.OK
