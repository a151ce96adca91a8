"""``/login`` and ``/logout``."""

from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_login import current_user
from redis.exceptions import RedisError

from portal.actions.sign_in import sign_in
from portal.extensions import limiter
from portal.web.auth.forms import LoginForm
from portal.web.local_paths import is_local_path
from portal.web.login_sessions import forget, remember

bp = Blueprint("auth", __name__)

PER_ACCOUNT: Final = "10 per 5 minutes"
MOST_AT_ONCE: Final = 30  # counted before the answer: guesses sent all at once would else find room together
AT_ONCE: Final = f"{MOST_AT_ONCE} per 5 minutes"
PER_ADDRESS: Final = "50 per 5 minutes"
WRONG: Final = "E-mail or password is wrong."


def _account() -> str:
    """Whom somebody tries to be, hashed: the limiter logs it, and people type passwords there by mistake."""
    typed = request.form.get("email", "").strip().lower()
    return sha256(typed.encode()).hexdigest()[:32]


def _failed(response: Response) -> bool:
    """Only what was refused counts towards the limits."""
    return response.status_code != HTTPStatus.SEE_OTHER


@bp.route("/login", methods=["GET", "POST"])
@limiter.limit(PER_ADDRESS, key_func=get_remote_address, methods=["POST"], deduct_when=_failed)
@limiter.limit(AT_ONCE, key_func=_account, methods=["POST"])
@limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"], deduct_when=_failed)
def login() -> ResponseReturnValue:
    """Show the form, or sign in with ``email`` and ``password``."""
    form = LoginForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        if current_user.is_authenticated:
            return _onwards(form)
        return _page(form, HTTPStatus.OK)
    if not form.validate_on_submit():
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    token = sign_in(form.email.data or "", form.password.data or "", datetime.now(UTC))
    if token is None:
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY, WRONG)
    remember(token)
    _forgive()
    return _onwards(form)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out: the sign-in ends here and in the database."""
    forget()
    return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)


@bp.errorhandler(RateLimitExceeded)
def too_often(error: RateLimitExceeded) -> ResponseReturnValue:
    """Say for how long no further attempt is read, at the form, with the address kept."""
    seconds = _seconds_left()
    minutes = -(-seconds // 60)
    sentence = f"Too many attempts. Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then try again."
    response = Response(_page(LoginForm(), HTTPStatus.TOO_MANY_REQUESTS, sentence)[0], error.code)
    response.headers["Retry-After"] = str(seconds)
    return response


def _forgive() -> None:
    """Take back what was counted before the answer: who has signed in was not guessing."""
    for limit in limiter.current_limits:
        if limit.limit.amount == MOST_AT_ONCE:
            with suppress(RedisError):
                limiter.limiter.clear(limit.limit, *limit.request_args)


def _seconds_left() -> int:
    breached = [limit for limit in limiter.current_limits if limit.breached]
    until = max((limit.reset_at for limit in breached), default=0)
    return max(1, until - int(datetime.now(UTC).timestamp()))


def _page(form: LoginForm, status: HTTPStatus, sentence: str = "") -> tuple[str, HTTPStatus]:
    return render_template("pages/auth/login.html", form=form, sentence=sentence), status


def _onwards(form: LoginForm) -> ResponseReturnValue:
    """Go where somebody was going, if that is a page of this site."""
    wanted = form.next.data or ""
    return redirect(wanted if is_local_path(wanted) else url_for("orgs.home"), HTTPStatus.SEE_OTHER)
