"""The second step of signing in: who gave the password is asked for a code, and signed in to nothing yet."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError

from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.second_step import finish_with_code, pending_sign_in
from portal.actions.accounts.two_step import WrongCode
from portal.web.accounts.forms import CodeForm, refuse
from portal.web.accounts.known_browsers import account_key, is_trusted_browser
from portal.web.accounts.unsent import unsent_form
from portal.web.auth import (
    PENDING,
    begin_again,
    code_page,
    enter,
    forgive,
    seconds_left,
    sign_in_context,
    too_old,
)
from portal.web.extensions import limiter, remote_network

bp = Blueprint("second_step", __name__)

PER_ACCOUNT: Final = "30 per 60 minutes"
"""Of all unknown browsers: whoever has the password guesses 0.2 % of the codes in a day."""
PER_ACCOUNT_AND_SENDER: Final = "10 per 5 minutes"
GONE: Final = "That took longer than a few minutes. Sign in again."


def _pending() -> dict[str, Any]:
    """What the browser holds between the steps; empty for who began none."""
    pending = session.get(PENDING)
    return pending if isinstance(pending, dict) else {}


def _account() -> str:
    return account_key(_pending().get("email") or remote_network())


def _account_and_sender() -> str:
    return f"{_account()} {is_trusted_browser(_account()) or remote_network()}"


def _is_known() -> bool:
    return is_trusted_browser(_account()) is not None


@bp.get("/login/two-step")
def show() -> ResponseReturnValue:
    """Ask for the code."""
    try:
        pending_sign_in(_pending().get("token", ""), datetime.now(UTC))
    except LinkGone:
        return _again()
    return code_page(CodeForm(formdata=None))


@bp.post("/login/two-step")
@limiter.limit(PER_ACCOUNT, key_func=_account, exempt_when=_is_known)
@limiter.limit(PER_ACCOUNT_AND_SENDER, key_func=_account_and_sender)
def check() -> ResponseReturnValue:
    """Sign in to who shows a code that is good."""
    form, pending = CodeForm(), _pending()
    if not form.validate_on_submit():
        forgive()
        return code_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    email, lasts = pending.get("email", ""), bool(pending.get("lasts"))
    try:
        context = sign_in_context(email, lasts=lasts)
        token = finish_with_code(pending.get("token", ""), form.code.data or "", datetime.now(UTC), context)
    except LinkGone:
        return _again()
    except WrongCode as error:
        refuse(form.code, error)
        return code_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    forgive()
    return enter(token, email, pending["next"], lasts=lasts)


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say for how long no further code is read."""
    form, seconds = CodeForm(formdata=None), seconds_left()
    minutes = -(-seconds // 60)
    wait = f"Too many attempts. Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then sign in again."
    form.code.errors = [wait]
    response = code_page(form, HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(seconds)
    return response


def _again() -> ResponseReturnValue:
    """Send who has no pending sign-in (any more) back to its beginning."""
    pending = session.pop(PENDING, None)
    if not pending and not unsent_form():
        return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)
    return begin_again(GONE, (pending or {}).get("next"))


bp.register_error_handler(CSRFError, too_old)
