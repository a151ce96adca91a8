"""The browser's side of a sign-in: a token in the signed cookie, looked up on every request."""

from datetime import UTC, datetime

from flask import Flask, Request, session

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


def _load(_request: Request) -> SignIn | None:
    token = session.get(TOKEN)
    return sign_in.signed_in(token, datetime.now(UTC)) if isinstance(token, str) else None


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
