"""``/login`` and ``/logout``.

An attempt is counted before its password is hashed, and given back where the password was right. A browser
that somebody has signed in with before has a limit of its own for that account, which nobody else can reach;
everybody else shares those of their address, and of the account they try.
"""

from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from redis.exceptions import RedisError

from portal.actions.passwords import HashingBusy
from portal.actions.sign_in import sign_in
from portal.extensions import limiter, remote_network
from portal.web.auth.forms import LoginForm
from portal.web.local_paths import is_local_path
from portal.web.login_sessions import forget, know_browser, known_browser, remember

bp = Blueprint("auth", __name__)

PER_ADDRESS: Final = "50 per 5 minutes"
PER_ACCOUNT_AND_SENDER: Final = "10 per 5 minutes"
PER_ACCOUNT: Final = "30 per minute"
"""Of all unknown browsers: guessing from many addresses is slowed, and the account never closed for long."""
WRONG: Final = "E-mail or password is wrong."


def _account() -> str:
    """Whom somebody tries to be, hashed: the limiter logs it, and people type passwords there by mistake."""
    typed = request.form.get("email", "").strip().lower()
    return sha256(typed.encode()).hexdigest()[:32]


def _account_and_sender() -> str:
    return f"{_account()} {known_browser(_account()) or remote_network()}"


def _is_known() -> bool:
    return known_browser(_account()) is not None


# Counted from the lowest up, until one has no room left (Flask-Limiter keeps that order among limits whose
# time has the same unit): what an address may not try any more does not count against the account.
@bp.route("/login", methods=["GET", "POST"])
@limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"], exempt_when=_is_known)
@limiter.limit(PER_ACCOUNT_AND_SENDER, key_func=_account_and_sender, methods=["POST"])
@limiter.limit(PER_ADDRESS, key_func=remote_network, methods=["POST"], exempt_when=_is_known)
def login() -> ResponseReturnValue:
    """Show the form, or sign in with ``email`` and ``password``."""
    form = LoginForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        if current_user.is_authenticated:
            return _onwards(form)
        return _page(form, HTTPStatus.OK)
    if not form.validate_on_submit():
        _forgive()
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        token = sign_in(form.email.data or "", form.password.data or "", datetime.now(UTC))
    except HashingBusy as error:
        return _wait(HTTPStatus.SERVICE_UNAVAILABLE, str(error), error.retry_after)
    if token is None:
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY, WRONG)
    _forgive()
    remember(token)
    response = make_response(_onwards(form))
    know_browser(response, _account())
    return response


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out: the sign-in ends here and in the database."""
    forget()
    return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say for how long no further attempt is read, at the form, with the address kept."""
    seconds = _seconds_left()
    minutes = -(-seconds // 60)
    sentence = f"Too many attempts. Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then try again."
    return _wait(HTTPStatus.TOO_MANY_REQUESTS, sentence, seconds)


def _wait(status: HTTPStatus, sentence: str, seconds: int) -> Response:
    response = make_response(_page(LoginForm(), status, sentence))
    response.headers["Retry-After"] = str(seconds)
    return response


def _forgive() -> None:
    """Give back what this attempt took from its limits: it was no guess."""
    for limit in limiter.current_limits:
        with suppress(RedisError):
            limiter.limiter.hit(limit.limit, *limit.request_args, cost=-1)


def _seconds_left() -> int:
    now = int(datetime.now(UTC).timestamp())
    left = [  # reset_at is rounded up
        min(each.reset_at - now, each.limit.get_expiry()) for each in limiter.current_limits if each.breached
    ]
    return max([1, *left])


def _page(form: LoginForm, status: HTTPStatus, sentence: str = "") -> tuple[str, HTTPStatus]:
    return render_template("pages/auth/login.html", form=form, sentence=sentence), status


def _onwards(form: LoginForm) -> ResponseReturnValue:
    """Go where somebody was going, if that is a page of this site."""
    wanted = form.next.data or ""
    return redirect(wanted if is_local_path(wanted) else url_for("orgs.home"), HTTPStatus.SEE_OTHER)
