"""Sign in whom a proxy in front names, for as long as it names them."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, after_this_request, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.accounts.sign_in import sign_in_named
from portal.domain.people import is_email
from portal.web.accounts.known_browsers import account_key, trust_browser
from portal.web.accounts.unsent import is_from_here
from portal.web.auth import forget, remember, sign_in_context
from portal.web.permissions import POLICIES, Policy
from portal.web.single_sign_on.proxied import BY_PROXY, named_person
from portal.web.tokens.bearer import sent_token

ENTRANCES: Final = frozenset({"auth.login", "orgs.home", "invites.show"})
"""Pages for everybody that lead in. All other public ones set no cookie, whoever asks."""
OF_PEOPLE: Final = (Policy.SIGNED_IN, Policy.MEMBER, Policy.ADMIN, Policy.SITE_ADMIN)
LONGEST_SHOWN: Final = 100


def init_app(app: Flask) -> None:
    """Sign people in before any policy is enforced."""
    app.before_request(enter_as_named)


def enter_as_named() -> ResponseReturnValue | None:
    """Sign in whom the proxy names; the sign-in of another person in this browser ends."""
    named = named_person()
    if named is None or sent_token(request) is not None:
        return None
    is_form = request.method == "POST" and is_from_here()  # it is shown again, with the new session's token
    if not (request.method in ("GET", "HEAD") or is_form):
        return None
    endpoint = request.endpoint or ""
    if POLICIES.get(endpoint) not in OF_PEOPLE and endpoint not in ENTRANCES:
        return None
    if current_user.is_authenticated:
        return None  # as the person who is named: other sessions are not looked at
    forget()
    token = None
    if is_email(named):
        token = sign_in_named(named, datetime.now(UTC), sign_in_context(named, lasts=False))
    if token is None:
        page = render_template("pages/auth/unknown_person.html", named=named[:LONGEST_SHOWN])
        return page, HTTPStatus.FORBIDDEN
    remember(token, lasts=False)
    session[BY_PROXY] = named
    g.pop("_login_user", None)  # Flask-Login has looked already, and looks again

    @after_this_request
    def know(response: Response) -> Response:
        trust_browser(response, account_key(named))
        return response

    return None
