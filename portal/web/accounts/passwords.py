"""Forgotten passwords: ask for a link, and set another password by it."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user

from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.passwords import HashingBusy, WeakPassword
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.reset import ask_for_reset, open_reset, reset_password
from portal.web.accounts.forms import ForgotForm, ResetForm, refuse
from portal.web.accounts.known_browsers import account_key
from portal.web.auth import forget
from portal.web.extensions import limiter, remote_network

bp = Blueprint("passwords", __name__)

PER_ACCOUNT_AND_SENDER: Final = "5 per hour"
PER_SENDER: Final = "30 per hour"
PER_TOKEN_SENDER: Final = "60 per hour"  # noqa: S105 - a limit
GONE: Final = HTTPStatus.GONE


def _account_and_sender() -> str:
    """Whoever asks too often for somebody's link keeps nobody else from asking for it."""
    return f"{account_key(request.form.get('email', ''))} {remote_network()}"


@bp.route("/forgot", methods=["GET", "POST"])
@limiter.limit(PER_ACCOUNT_AND_SENDER, key_func=_account_and_sender, methods=["POST"])
@limiter.limit(PER_SENDER, key_func=remote_network, methods=["POST"])
def forgot() -> ResponseReturnValue:
    """Ask whose password is forgotten; the answer is the same whether there is such an account or not."""
    form = ForgotForm()
    if request.method != "POST":
        form.email.data = current_user.email if current_user.is_authenticated else ""
        return render_template("pages/accounts/forgot.html", form=form)
    if not form.validate_on_submit():
        return _asked_wrongly(form)
    try:
        address = ask_for_reset(form.email.data or "")
    except PeopleError as error:
        refuse(form.email, error)
        return _asked_wrongly(form)
    return render_template("pages/accounts/forgot_sent.html", address=address)


def _asked_wrongly(form: ForgotForm) -> ResponseReturnValue:
    return render_template("pages/accounts/forgot.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.route("/reset/<token>", methods=["GET", "POST"])
@limiter.limit(PER_TOKEN_SENDER, key_func=remote_network, methods=["POST"])
def reset(token: str) -> ResponseReturnValue:
    """Set another password; every sign-in of the account ends, and this browser's too."""
    form = ResetForm()
    try:
        address = open_reset(token).address
        if form.validate_on_submit():
            address = reset_password(token, form.password.data or "")
            forget()
            flash("Your new password is set. Sign in with it.")
            return redirect(url_for("auth.login", email=address), HTTPStatus.SEE_OTHER)
    except LinkGone as error:
        return render_template("pages/accounts/link_gone.html", sentence=str(error), again="forgot"), GONE
    except (WeakPassword, HashingBusy) as error:
        refuse(form.password, error)
    status = HTTPStatus.OK if request.method != "POST" else HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("pages/accounts/reset.html", form=form, address=address, token=token), status


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say that enough was asked; the same for every address."""
    form = ForgotForm()
    form.email.errors = ["That was asked too often. Look in your mail, or try again in an hour."]
    page = render_template("pages/accounts/forgot.html", form=form)
    return page, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "3600"}
