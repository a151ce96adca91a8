"""Sign in through an organisation's provider: found by the address's domain, sent there, and back.

Each organisation has an address of its own for coming back, so that no provider's answer is taken for
another's. Nothing here tells whether an address has an account.
"""

import secrets
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError

from portal.actions.single_sign_on import flow
from portal.actions.single_sign_on.provider import ProviderError
from portal.domain.accounts.mail_domains import domain_of
from portal.domain.people import LONGEST_EMAIL, is_email
from portal.models import SingleSignOn
from portal.store.accounts.single_sign_on import offered_at, offered_to
from portal.web.accounts.forms import LoginForm
from portal.web.auth import enter, forget, seconds_left, sign_in_context, too_old
from portal.web.extensions import limiter, remote_network
from portal.web.requests import FOR_ONE_READER, is_local_path, site_address, wants_partial
from portal.web.single_sign_on.proxied import BY_PROXY, named_person

bp = Blueprint("single_sign_on", __name__, url_prefix="/login/sso")

BEGUN: Final = "single_sign_on"
"""What the browser's session holds while somebody is at a provider; ``state`` is known to the database."""
PER_SENDER: Final = "600 per 5 minutes"
"""Nothing can be guessed here, and each morning a whole company signs in from one address."""
LONGEST: Final = 4_000
"""Of what a provider sends back."""
NOT_BEGUN: Final = "This sign-in did not begin in this browser, or took too long. Try again."


@bp.post("")
@limiter.limit(PER_SENDER, key_func=remote_network)
def find() -> ResponseReturnValue:
    """Find the organisation by whose provider somebody signs in: by the domain of the address alone."""
    email, wanted = request.form.get("email", "").strip()[:LONGEST_EMAIL], _next(request.form.get("next", ""))
    domain = domain_of(email) if is_email(email) else ""
    held = offered_to(domain) if domain else None
    if wants_partial():
        return render_template("partials/single_sign_on/_offer.html", held=held, email=email, wanted=wanted)
    if held is not None:
        to = url_for(".show", slug=held.organisation.slug, email=email, next=wanted or None)
        return redirect(to, HTTPStatus.SEE_OTHER)
    form = LoginForm()
    said = f"No organisation here has single sign-on for addresses at {domain}." if domain else ""
    form.password.errors = []
    form.email.errors = [said or "Enter your e-mail address, such as mara@example.com."]
    return render_template("pages/auth/login.html", form=form, sentence=""), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.get("/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Offer the way to an organisation's provider."""
    held = _held(slug)
    return _page(held)


@bp.get("/<slug>/start")
@limiter.limit(PER_SENDER, key_func=remote_network)
def start(slug: str) -> ResponseReturnValue:
    """Send somebody to the provider, where they ask for it here: another site shows the page before."""
    held = _held(slug)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return redirect(url_for(".show", slug=slug), HTTPStatus.SEE_OTHER)
    email = request.args.get("email", "")
    try:
        begun = flow.begin(held, redirect_uri(slug), email if is_email(email) else "")
    except ProviderError as error:
        return _page(held, str(error))
    session[BEGUN] = {
        "slug": slug,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": _next(request.args.get("next", "")),
    }
    response = make_response(redirect(begun.address, HTTPStatus.SEE_OTHER))
    response.headers["Cache-Control"] = FOR_ONE_READER
    return response


@bp.get("/<slug>/callback")
@limiter.limit(PER_SENDER, key_func=remote_network)
def callback(slug: str) -> ResponseReturnValue:
    """Take what the provider says, once, in the browser that was sent there."""
    held = _held(slug)
    begun, state = _begun(), request.args.get("state", "")
    is_ours = secrets.compare_digest(state.encode(), str(begun.get("state", "")).encode())
    if not state or not is_ours or begun.get("slug") != slug:
        return _page(held, NOT_BEGUN)
    session.pop(BEGUN)
    if any(len(value) > LONGEST for value in request.args.values()):
        return _page(held, NOT_BEGUN)
    returned = flow.Returned(
        state=state,
        code=request.args.get("code", ""),
        issuer=request.args.get("iss"),
        error=request.args.get("error", ""),
        nonce=str(begun["nonce"]),
        verifier=str(begun["verifier"]),
    )
    try:
        token, email = flow.finish(
            held,
            returned,
            redirect_uri(slug),
            lambda email: sign_in_context(_browser_of(slug, email), lasts=False),
        )
    except (flow.NotLetIn, ProviderError) as error:
        return _page(_held(slug), str(error))
    forget()  # whoever was signed in here before
    wanted = str(begun["next"]) or url_for("jobs.manage", org=slug)
    response = enter(token, _browser_of(slug, email), wanted, lasts=False)
    if email == named_person():  # the proxy in front means the same person
        session[BY_PROXY] = email
    return response


def redirect_uri(slug: str) -> str:
    """Return where an organisation's provider sends people back to."""
    return site_address() + url_for("single_sign_on.callback", slug=slug)


def _browser_of(slug: str, email: str) -> str:
    """Return what a browser is remembered under that signed in so.

    It is another one than for a password: a provider must not let its people guess at it more often.
    """
    return f"{email} at {slug}"


def _held(slug: str) -> SingleSignOn:
    return offered_at(slug) or abort(HTTPStatus.NOT_FOUND)


def _begun() -> dict[str, Any]:
    begun = session.get(BEGUN)
    return begun if isinstance(begun, dict) else {}


def _next(wanted: str) -> str:
    return wanted if is_local_path(wanted) else ""


def _page(held: SingleSignOn, sentence: str = "") -> ResponseReturnValue:
    status = HTTPStatus.FORBIDDEN if sentence else HTTPStatus.OK
    email = request.args.get("email", "")[:LONGEST_EMAIL]
    page = render_template(
        "pages/single_sign_on/sign_in.html",
        organisation=held.organisation,
        email=email if is_email(email) else "",
        wanted=_next(request.args.get("next", "") or str(_begun().get("next", ""))),
        sentence=sentence,
    )
    return page, status


bp.register_error_handler(CSRFError, too_old)


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say for how long nothing is tried."""
    said, headers = "Too many attempts. Wait some minutes.", {"Retry-After": str(seconds_left())}
    form = LoginForm()
    form.email.errors, form.password.errors = [said], []
    page = render_template("pages/auth/login.html", form=form, sentence="")
    return page, HTTPStatus.TOO_MANY_REQUESTS, headers
