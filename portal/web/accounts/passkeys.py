"""Passkeys: a page's script asks here what to ask the browser, and a form brings what it answered."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from portal.actions.accounts import passkeys
from portal.actions.accounts.passkeys import Asked, Site, site_at
from portal.actions.accounts.passwords import HashingBusy
from portal.actions.accounts.people import PeopleError
from portal.domain.accounts.browsers import browser_words
from portal.store.people import SignIn
from portal.web.accounts.forms import CodeForm
from portal.web.accounts.unsent import unsent_form
from portal.web.auth import (
    PENDING,
    begin_again,
    code_page,
    enter,
    page_or_home,
    seconds_left,
    sign_in_context,
    too_old,
)
from portal.web.extensions import limiter, person_or_network, remote_network
from portal.web.requests import parse_number, site_address

bp = Blueprint("passkeys", __name__)

GUESSES: Final = "10 per 5 minutes"
"""Of the password, by whoever sits at somebody's browser."""
PER_ADDRESS: Final = "100 per 5 minutes"
CHALLENGE: Final = "passkey"
"""What the browser's session calls the challenge that waits for its answer."""


guesses = limiter.shared_limit(GUESSES, scope="passkeys", key_func=person_or_network)
per_address = limiter.shared_limit(PER_ADDRESS, scope="passkey sign-ins", key_func=remote_network)


@bp.post("/account/passkeys/options")
@guesses
def options() -> ResponseReturnValue:
    """What makes a passkey, for who gives the password."""
    try:
        return _ask(passkeys.ask_for_new(_signed_in(), request.form.get("password", ""), _site()))
    except (PeopleError, HashingBusy) as error:
        return {"said": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/account/passkeys")
def add() -> ResponseReturnValue:
    """Add what the browser has made."""
    named = request.form.get("name", "") or browser_words(request.headers.get("User-Agent", ""))
    try:
        name = passkeys.add(_signed_in(), _challenge(), request.form.get("answer", ""), named, _site())
    except PeopleError as error:
        return _back(str(error))
    return _back(f"The passkey “{name}” signs you in from now on.")


@bp.post("/account/passkeys/remove")
@guesses
def remove() -> ResponseReturnValue:
    """Remove the ``passkey`` of that number."""
    number = parse_number(request.form.get("passkey", "")) or 0
    try:
        passkeys.remove(_signed_in(), number, request.form.get("password", ""))
    except (PeopleError, HashingBusy) as error:
        return _back(str(error))
    return _back("The passkey is removed. You may delete it from your device too.")


@bp.post("/login/passkey/options")
@per_address
def sign_in_options() -> ResponseReturnValue:
    """What has a browser offer its passkeys."""
    return _ask(passkeys.ask_to_sign_in(_site()))


@bp.post("/login/passkey")
@per_address
def sign_in() -> ResponseReturnValue:
    """Sign in by a passkey alone, or finish a sign-in that waits for its second step."""
    pending = session.get(PENDING, {}) if request.form.get("second") else {}
    lasts = bool(pending.get("lasts")) if pending else bool(request.form.get("remember"))
    wanted = pending.get("next") or request.form.get("next", "")
    try:
        token, email = passkeys.sign_in_with_passkey(
            _challenge(),
            request.form.get("answer", ""),
            _site(),
            pending.get("token"),
            lambda email: sign_in_context(email, lasts=lasts),
        )
    except PeopleError as error:
        if not pending:
            return begin_again(str(error), wanted)
        flash(str(error))
        if unsent_form():
            return code_page(CodeForm(formdata=None))
        return redirect(url_for("second_step.show"), HTTPStatus.SEE_OTHER)
    return enter(token, email, page_or_home(wanted), lasts=lasts)


bp.register_error_handler(CSRFError, too_old)


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say that enough was tried: to the script, or on the page that the form came from."""
    said, headers = "Too many attempts. Wait some minutes.", {"Retry-After": str(seconds_left())}
    if request.endpoint == "passkeys.remove":
        return _back(said)
    if request.endpoint == "passkeys.sign_in":
        return begin_again(said, request.form.get("next"))
    return {"said": said}, HTTPStatus.TOO_MANY_REQUESTS, headers


def _ask(asked: Asked) -> Response:
    """Answer what to ask the browser; its session keeps the challenge, and no other one."""
    session[CHALLENGE] = asked.challenge
    return Response(asked.options, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _challenge() -> str:
    challenge = session.pop(CHALLENGE, "")
    return challenge if isinstance(challenge, str) else ""


def _site() -> Site:
    return site_at(site_address())


def _signed_in() -> SignIn:
    signed_in: SignIn = current_user._get_current_object()
    return signed_in


def _back(said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("account.show", _anchor="passkeys-section"), HTTPStatus.SEE_OTHER)
