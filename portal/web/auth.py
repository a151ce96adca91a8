"""Signing in and out: the login page, its limits, and the cookie that carries the sign-in."""

from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError

from portal.actions.accounts import sign_in as sign_ins
from portal.actions.accounts.passwords import HashingBusy
from portal.actions.accounts.sign_in import SecondStepNeeded, SignInContext, sign_in
from portal.domain.accounts.browsers import browser_words
from portal.domain.people import LONGEST_EMAIL
from portal.store.accounts.tokens import Program
from portal.store.people import SignIn
from portal.web.accounts.forms import CodeForm, LoginForm
from portal.web.accounts.known_browsers import account_key, is_trusted_browser, trust_browser
from portal.web.accounts.unsent import (
    CARRIERS,
    is_from_here,
    page_of_form,
    refused_form,
    send_again_page,
    unsent_form,
)
from portal.web.errors import csrf_error
from portal.web.extensions import OldToken, limiter, login_manager, remote_network
from portal.web.requests import FOR_ONE_READER, is_local_path, lead_to, this_request, wanted_path
from portal.web.single_sign_on.proxied import BY_PROXY, named_person
from portal.web.tokens.bearer import program_asking, sent_token

TOKEN = "sign_in"  # noqa: S105 - the name of the entry, not a token
PENDING: Final = "second_step"
"""What the browser's session holds between the two steps; what it proves, the database says."""
BACKGROUND = "X-Background"
"""The header by which a page says that it asks by itself, without anybody there."""


def init_app(app: Flask) -> None:
    """Bind Flask-Login; the database alone says how long a sign-in lasts."""
    app.config.update(PERMANENT_SESSION_LIFETIME=sign_ins.LONGEST, SESSION_REFRESH_EACH_REQUEST=False)
    login_manager.session_protection = None  # the row is the protection: it can be ended
    login_manager.request_loader(_load)
    login_manager.init_app(app, add_context_processor=False)
    # It would look into the session after every request, for a cookie that is never set here; then what is
    # the same for all would depend on cookies.
    app.after_request_funcs[None].remove(login_manager._update_remember_cookie)


def _load(_: Request) -> SignIn | Program | None:
    """Read the sign-in, and in a route with ``<org>`` the place there along with it: ``g.access``.

    What is asked by an API token has no sign-in, whatever cookie comes with it.
    """
    asked = this_request()
    if (sent := sent_token(asked)) is not None:
        return program_asking(asked, sent)
    token, now = session.get(TOKEN), datetime.now(UTC)
    if not isinstance(token, str) or session.get(BY_PROXY) != named_person():
        return None  # or it is another one's than a proxy names, or was begun by its word, which is missing
    used = asked.endpoint != "live.events" and BACKGROUND not in asked.headers
    slug = (asked.view_args or {}).get("org")
    if not isinstance(slug, str):
        return sign_ins.signed_in(token, now, used=used, address=remote_network())
    found, access = sign_ins.signed_in_with_access(token, slug, now, used=used, address=remote_network())
    if found is not None:
        g.access = access
    return found


def remember(token: str, *, lasts: bool) -> None:
    """Begin a session of the browser anew with ``token``: nothing of the one before is carried on.

    Unless it ``lasts``, the browser forgets it when it is closed.
    """
    session.clear()
    g.pop("_login_user", None)  # Flask-Login may have looked already, and looks again
    session[TOKEN] = token
    session.permanent = lasts


def sign_in_context(email: str, *, lasts: bool) -> SignInContext:
    """Return the browser and network that the account of ``email`` is being signed in to from."""
    known = is_trusted_browser(account_key(email)) is not None
    return SignInContext(browser_words(request.headers.get("User-Agent", "")), remote_network(), lasts, known)


def enter(token: str, email: str, to: str, *, lasts: bool) -> Response:
    """Answer a sign-in: the browser is given its token, is known from now on, and goes to a page.

    Who was signed out in the middle of work is shown what they typed instead.
    """
    remember(token, lasts=lasts)
    response = go_on(to)
    trust_browser(response, account_key(email))
    return response


def go_on(to: str) -> Response:
    """Answer who is signed in with the form that waited for that, or lead them to a page."""
    if form := unsent_form():
        return send_again_page(form, to)
    return make_response(redirect(to, HTTPStatus.SEE_OTHER))


def forget() -> None:
    """End the browser's session, here and in the database."""
    token = session.get(TOKEN)
    session.clear()
    if isinstance(token, str):
        sign_ins.sign_out(token)


bp = Blueprint("auth", __name__)

PER_ADDRESS: Final = "50 per 5 minutes"
PER_ACCOUNT_AND_SENDER: Final = "10 per 5 minutes"
PER_ACCOUNT: Final = "30 per minute"
"""Of all unknown browsers: guessing from many addresses is slowed, and the account never closed for long."""
WRONG: Final = "E-mail or password is wrong."
OLD: Final = "This page was open for too long, or the browser keeps no cookies. Sign in once more."
NOT_SIGNED_IN: Final = "Nobody is signed in here yet."


def _account() -> str:
    """Whom somebody tries to be, hashed: the limiter logs it, and people type passwords there by mistake."""
    return account_key(request.form.get("email", ""))


def _account_and_sender() -> str:
    return f"{_account()} {is_trusted_browser(_account()) or remote_network()}"


def _is_known() -> bool:
    return is_trusted_browser(_account()) is not None


# Counted from the lowest up, until one has no room left (Flask-Limiter keeps that order among limits whose
# time has the same unit): what an address may not try any more does not count against the account.
@bp.route("/login", methods=["GET", "POST"])
@limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"], exempt_when=_is_known)
@limiter.limit(PER_ACCOUNT_AND_SENDER, key_func=_account_and_sender, methods=["POST"])
@limiter.limit(PER_ADDRESS, key_func=remote_network, methods=["POST"], exempt_when=_is_known)
def login() -> ResponseReturnValue:
    """Show the form, or sign in with ``email`` and ``password``."""
    form = LoginForm()
    if request.method != "POST":
        form.next.data = request.args.get("next", "")
        form.email.data = request.args.get("email", "")[:LONGEST_EMAIL]
        if current_user.is_authenticated:
            return redirect(page_or_home(form.next.data), HTTPStatus.SEE_OTHER)
        return _page(form, HTTPStatus.OK)
    if not form.validate_on_submit():
        forgive()
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        context = sign_in_context(form.email.data or "", lasts=form.remember.data)
        token = sign_in(form.email.data or "", form.password.data or "", datetime.now(UTC), context)
    except SecondStepNeeded as needed:
        forgive()
        return _ask_for_second_step(needed.token, form)
    except HashingBusy as error:
        return _wait(HTTPStatus.SERVICE_UNAVAILABLE, str(error), error.retry_after)
    if token is None:
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY, WRONG)
    forgive()
    return enter(token, form.email.data or "", page_or_home(form.next.data), lasts=form.remember.data)


def _ask_for_second_step(token: str, form: LoginForm) -> Response:
    """Begin a session of the browser anew, which is signed in to nothing yet."""
    session.clear()
    pending = {"token": token, "email": form.email.data, "lasts": form.remember.data}
    session[PENDING] = pending | {"next": page_or_home(form.next.data)}
    if unsent_form():
        return code_page(CodeForm(formdata=None))
    return make_response(redirect(url_for("second_step.show"), HTTPStatus.SEE_OTHER))


def code_page(form: CodeForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Show the page that asks for the second step."""
    response = make_response(render_template("pages/auth/second_step.html", form=form), status)
    response.headers["Cache-Control"] = FOR_ONE_READER
    return response


def ask_to_sign_in() -> ResponseReturnValue:
    """Send a signed-out visitor to the login page, and afterwards back to where they were going.

    Who sent a form is shown that page at once: it carries what they typed.
    """
    if refused_form():
        return _page(LoginForm(formdata=None, data={"next": page_of_form()}), HTTPStatus.FORBIDDEN)
    wanted = wanted_path()
    return lead_to(url_for("auth.login", next=wanted) if wanted else url_for("auth.login"))


def begin_again(said: str, wanted: str | None = None) -> ResponseReturnValue:
    """Lead back to the login page, which says why, and still carries what it carried."""
    flash(said)
    if unsent_form():
        return _page(LoginForm(formdata=None, data={"next": wanted}), HTTPStatus.OK)
    return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)


@bp.post("/login/unsent")
def send_again() -> ResponseReturnValue:
    """Go on with a carried form where somebody has signed in otherwise meanwhile, in another tab."""
    wanted = page_or_home(request.form.get("next"))
    if current_user.is_authenticated:
        return go_on(wanted)
    return begin_again(NOT_SIGNED_IN, wanted)


@bp.errorhandler(CSRFError)
def too_old(error: CSRFError) -> ResponseReturnValue:
    """Show the form again with the address kept; who is signed in by now goes on."""
    if request.endpoint == "auth.logout" and not current_user.is_authenticated:
        return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)
    if not isinstance(error, OldToken) or request.endpoint not in CARRIERS or not is_from_here():
        return csrf_error(error)
    if request.endpoint == "auth.send_again":  # it only shows what it was sent
        return send_again()
    if current_user.is_authenticated:
        return go_on(page_or_home(request.form.get("next")))
    return _page(LoginForm(), HTTPStatus.BAD_REQUEST, OLD)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out: the sign-in ends here and in the database."""
    forget()
    if named_person() is not None:  # on the next page it would begin again
        return render_template("pages/auth/signed_out.html")
    return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say for how long no further attempt is read, at the form, with the address kept."""
    seconds = seconds_left()
    minutes = -(-seconds // 60)
    sentence = f"Too many attempts. Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then try again."
    return _wait(HTTPStatus.TOO_MANY_REQUESTS, sentence, seconds)


def _wait(status: HTTPStatus, sentence: str, seconds: int) -> Response:
    response = make_response(_page(LoginForm(), status, sentence))
    response.headers["Retry-After"] = str(seconds)
    return response


def forgive() -> None:
    """Give back what this attempt took from its limits: it was no guess."""
    for limit in limiter.current_limits:
        with suppress(RedisError):
            limiter.limiter.hit(limit.limit, *limit.request_args, cost=-1)


def seconds_left() -> int:
    """Return how long it takes until an attempt is read again."""
    now = int(datetime.now(UTC).timestamp())
    left = [  # reset_at is rounded up
        min(each.reset_at - now, each.limit.get_expiry()) for each in limiter.current_limits if each.breached
    ]
    return max([1, *left])


def _page(form: LoginForm, status: HTTPStatus, sentence: str = "") -> tuple[str, HTTPStatus]:
    return render_template("pages/auth/login.html", form=form, sentence=sentence), status


def page_or_home(wanted: str | None) -> str:
    """Where somebody was going, if that is a page of this site."""
    return wanted if wanted and is_local_path(wanted) else url_for("orgs.home")
