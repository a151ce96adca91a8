"""The cookie that says for which accounts somebody has signed in with this browser.

It outlives the sign-in, so that the wrong passwords of strangers do not keep its people out. It proves
nothing else.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Final

from flask import Response, current_app, request
from itsdangerous import BadSignature, TimestampSigner

from portal.config import current_settings

TRUSTED_FOR: Final = timedelta(days=365)
MOST_ACCOUNTS: Final = 5


def account_key(email: str) -> str:
    """What names an account to limits and cookies, hashed: both are read by others than its person."""
    return sha256(email.strip().lower().encode(errors="surrogatepass")).hexdigest()[:32]


def is_trusted_browser(account: str) -> str | None:
    """Return this browser's id if somebody has signed in to ``account`` with it within a year."""
    return next((known for _, known in _trusted_browsers(account)), None)


def trust_browser(response: Response, account: str) -> None:
    """Let ``response`` set the cookie that makes this browser a known one of ``account``.

    An entry is a random id signed for one account: it does not say for which.
    """
    replaced = {entry for entry, _ in _trusted_browsers(account)}
    others = [entry for entry in _entries() if entry not in replaced]
    entry = _signer(account).sign(is_trusted_browser(account) or secrets.token_urlsafe(16)).decode()
    response.set_cookie(
        _trusted_cookie(),
        "~".join([entry, *others][:MOST_ACCOUNTS]),
        max_age=TRUSTED_FOR,
        secure=current_settings().https,
        httponly=True,
        samesite="Lax",
    )


def _trusted_browsers(account: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of the cookie that are signed for ``account``, each with the browser's id."""
    for entry in _entries():
        try:
            known = _signer(account).unsign(entry, max_age=int(TRUSTED_FOR.total_seconds()))
        except BadSignature:
            continue
        yield entry, known.decode()


def _entries() -> list[str]:
    return request.cookies.get(_trusted_cookie(), "").split("~", MOST_ACCOUNTS)[:MOST_ACCOUNTS]


def _signer(account: str) -> TimestampSigner:
    key = str(current_app.secret_key)
    return TimestampSigner(key, salt=f"known-browser:{account}", digest_method=hashlib.sha256)


def _trusted_cookie() -> str:
    return "__Host-known-browser" if current_settings().https else "known-browser"
