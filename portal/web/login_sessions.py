"""The browser's side of a sign-in: a token in the signed cookie, looked up on every request.

A second cookie outlives it: it says for which accounts somebody has signed in with this browser, so that the
wrong passwords of strangers do not keep them out. It proves nothing else.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Flask, Request, Response, current_app, g, request, session
from itsdangerous import BadSignature, TimestampSigner

from portal.actions import sign_in
from portal.config import current_settings
from portal.extensions import login_manager
from portal.store.members import SignIn

TOKEN = "sign_in"  # noqa: S105 - the name of the entry, not a token
KNOWN_FOR: Final = timedelta(days=365)
MOST_ACCOUNTS: Final = 5
BACKGROUND = "X-Background"
"""The header by which a page says that it asks by itself, without anybody there."""


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
    used = request.endpoint != "live.events" and BACKGROUND not in request.headers
    slug = (request.view_args or {}).get("org")
    if not isinstance(slug, str):
        return sign_in.signed_in(token, now, used=used)
    found, place = sign_in.visiting(token, slug, now, used=used)
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


def known_browser(account: str) -> str | None:
    """Return this browser's id if somebody has signed in to ``account`` with it within a year."""
    return next((known for _, known in _known_browsers(account)), None)


def know_browser(response: Response, account: str) -> None:
    """Let ``response`` set the cookie that makes this browser a known one of ``account``.

    An entry is a random id signed for one account: it does not say for which.
    """
    replaced = {entry for entry, _ in _known_browsers(account)}
    others = [entry for entry in _entries() if entry not in replaced]
    entry = _signer(account).sign(known_browser(account) or secrets.token_urlsafe(16)).decode()
    response.set_cookie(
        _known_cookie(),
        "~".join([entry, *others][:MOST_ACCOUNTS]),
        max_age=KNOWN_FOR,
        secure=current_settings().https,
        httponly=True,
        samesite="Lax",
    )


def _known_browsers(account: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of the cookie that are signed for ``account``, each with the browser's id."""
    for entry in _entries():
        try:
            known = _signer(account).unsign(entry, max_age=int(KNOWN_FOR.total_seconds()))
        except BadSignature:
            continue
        yield entry, known.decode()


def _entries() -> list[str]:
    return request.cookies.get(_known_cookie(), "").split("~", MOST_ACCOUNTS)[:MOST_ACCOUNTS]


def _signer(account: str) -> TimestampSigner:
    key = str(current_app.secret_key)
    return TimestampSigner(key, salt=f"known-browser:{account}", digest_method=hashlib.sha256)


def _known_cookie() -> str:
    return "__Host-known-browser" if current_settings().https else "known-browser"
