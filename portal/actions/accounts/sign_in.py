"""Sign in and out. The browser holds a random token; the database its hash, and may end it any time."""

import hashlib
import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from portal.actions.accounts.passwords import verify_password
from portal.db import end_read, write
from portal.live.publish import announce_sign_outs
from portal.models import LoginSession, User
from portal.store import people
from portal.store.people import Access, SignIn
from portal.write_limit import TooManyWriters

IDLE = timedelta(days=14)
LONGEST = people.LONGEST_SIGN_IN
NOTE_EVERY = timedelta(hours=1)
TOKEN_BYTES = 32
NO_PATIENCE = 0.05  # seconds

log = structlog.get_logger()


def sign_in(email: str, password: str, now: datetime) -> str | None:
    """Return the token of a new sign-in, or ``None`` where there is none to have.

    A wrong password, an unknown address and a disabled person take as long as each other. Raises
    ``HashingBusy``.
    """
    user = people.user_by_email(email.strip())
    known = user.password_hash if user else None
    end_read()
    matches, better = verify_password(known, password)
    if not matches or known is None:
        return None
    return _begin(email.strip(), known, better, now)


def _begin(email: str, known: str, better: str | None, now: datetime) -> str | None:
    """Note the sign-in, unless the person was disabled or the password changed meanwhile."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with write() as session:
        user = people.user_by_email(email)
        if user is None or user.disabled_at or user.password_hash != known:
            return None
        if better:
            user.password_hash = better
        session.add(_row(user, token, now))
    return token


def _row(user: User, token: str, now: datetime) -> LoginSession:
    return LoginSession(
        token_hash=hash_token(token), user_id=user.id, created_at=now, seen_at=now, expires_at=now + IDLE
    )


def signed_in(token: str, now: datetime, *, used: bool = True) -> SignIn | None:
    """Return the sign-in behind a browser's token while it lasts, and prolong it if a person uses it now."""
    found = people.sign_in_of(hash_token(token), now)
    return _extended(found, token, now) if used else found


def visiting(
    token: str, slug: str, now: datetime, *, used: bool = True
) -> tuple[SignIn | None, Access | None]:
    """Return what ``signed_in`` does, and the place in the organisation at ``slug``, read along with it."""
    found, access = people.visit_of(hash_token(token), slug, now)
    return _extended(found, token, now) if used else found, access


def _extended(found: SignIn | None, token: str, now: datetime) -> SignIn | None:
    if found is None or abs(now - found.seen_at) < NOTE_EVERY:
        return found
    try:
        with write(NO_PATIENCE):
            people.extend_login_session(found.id, now, min(now + IDLE, found.created_at + LONGEST))
    except (DBAPIError, TooManyWriters) as error:  # a page waits for nobody who writes: the next one tries
        log.warning("sign_in_not_prolonged", cause=type(getattr(error, "orig", error)).__name__)
        return found
    return people.sign_in_of(hash_token(token), now)


def sign_out(token: str) -> None:
    """End the sign-in behind a browser's token."""
    with write():
        people.end_login_session(hash_token(token))
    announce_sign_outs()


def hash_token(token: str) -> str:
    """Return what the database knows a token by. The token is random: a plain hash keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()
