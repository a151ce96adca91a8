"""The browser's side of a sign-in: a token in the signed cookie, looked up on every request."""

from datetime import UTC, datetime

from flask import Flask, Request, g, session

from portal.actions import sign_in
from portal.extensions import login_manager
from portal.store.members import SignIn

TOKEN = "sign_in"  # noqa: S105 - the name of the entry, not a token


def init_app(app: Flask) -> None:
    """Bind Flask-Login; the database alone says how long a sign-in lasts."""
    app.config.update(PERMANENT_SESSION_LIFETIME=sign_in.LONGEST, SESSION_REFRESH_EACH_REQUEST=False)
    login_manager.session_protection = None  # the row is the protection: it can be ended
    login_manager.request_loader(_load)
    login_manager.init_app(app)


def _load(request: Request) -> SignIn | None:
    """Read the sign-in, and in a route with ``<org>`` the place there along with it: ``g.place``."""
    token, now = session.get(TOKEN), datetime.now(UTC)
    if not isinstance(token, str):
        return None
    slug = (request.view_args or {}).get("org")
    if not isinstance(slug, str):
        return sign_in.signed_in(token, now)
    found, place = sign_in.visiting(token, slug, now)
    if found is not None:
        g.place = place
    return found


def remember(token: str) -> None:
    """Begin a session of the browser anew with ``token``: nothing of the one before is carried on."""
    session.clear()
    session[TOKEN] = token
    session.permanent = True


def forget() -> None:
    """End the browser's session, here and in the database."""
    token = session.get(TOKEN)
    session.clear()
    if isinstance(token, str):
        sign_in.sign_out(token)
