"""Sign in and out. The browser holds a random token; the database its hash, and may end it any time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.passwords import verify_password
from portal.actions.audit import record
from portal.actions.geoip import place_of
from portal.db import end_read, session, write
from portal.domain.accounts import letters
from portal.domain.accounts.sign_ins import Means
from portal.domain.audit import Action
from portal.domain.people import LinkKind
from portal.live.publish import announce_sign_outs
from portal.models import LoginSession, Membership, User
from portal.store import people
from portal.store.accounts import factors, links
from portal.store.people import Access, SignIn
from portal.write_limit import TooManyWriters

IDLE = timedelta(hours=8)
LONGEST = people.LONGEST_SIGN_IN
LONGEST_OF_PROVIDER = timedelta(hours=12)
"""After which an organisation's provider is asked again: somebody may be no colleague there any more."""
NOTE_EVERY = timedelta(minutes=5)
TOKEN_BYTES = 32
NO_PATIENCE = 0.05  # seconds

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignInContext:
    """The browser and network that somebody signs in from, and whether to ``remember`` them for 30 days.

    ``is_known``: they have signed in with this browser before.
    """

    browser: str = ""
    address: str = ""
    remember: bool = False
    is_known: bool = True


USUAL = SignInContext()


class SecondStepNeeded(Exception):
    """The password was right, and a code is asked for. ``token`` is the pending sign-in's."""

    def __init__(self, token: str) -> None:
        super().__init__("Enter a code to sign in.")
        self.token = token


def sign_in(email: str, password: str, now: datetime, context: SignInContext = USUAL) -> str | None:
    """Return the token of a new sign-in, or ``None`` where there is none to have.

    A wrong password, an unknown address and a disabled person take as long as each other. Raises
    ``HashingBusy``, and ``SecondStepNeeded`` where the password alone signs nobody in.
    """
    user = people.user_by_email(email.strip())
    known = user.password_hash if user else None
    end_read()
    matches, better = verify_password(known, password)
    if not matches or known is None:
        return None
    with write():  # unless the person was disabled or the password changed meanwhile
        user = people.user_by_email(email.strip())
        if user is None or user.disabled_at or user.password_hash != known:
            return None
        if better:
            user.password_hash = better
        if factors.authenticator_of(user.id) is None:
            return begin_sign_in(user, context, now, Means.PASSWORD)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        links.add_link(LinkKind.SECOND_STEP, hash_token(token), now, user_id=user.id)
    raise SecondStepNeeded(token)


def sign_in_named(email: str, now: datetime, context: SignInContext) -> str | None:
    """Return the token of a new sign-in to whom a proxy names; ``None`` where nobody may sign in so."""
    with write():
        user = people.user_by_email(email)
        if user is None or user.disabled_at:
            return None
        return begin_sign_in(user, context, now, Means.PROXY)


def begin_sign_in(
    user: User,
    context: SignInContext,
    now: datetime,
    means: Means,
    *,
    only: Membership | None = None,
    provider: str = "",
) -> str:
    """Store a new sign-in within the caller's transaction, and return its token.

    One by an organisation's ``provider`` reaches the membership there ``only``. Whoever signs in with a
    browser that is new to them is mailed about it, but not the first time of all.
    """
    if user.seen_at is not None and not context.is_known:
        letter = letters.new_browser(
            context.browser, place_of(context.address), now, address_of("/account"), address_of("/forgot")
        )
        add_letter(letter, user.email, now)
    user.seen_at = now
    if only is not None:
        record(only.organisation_id, Action.SIGNED_IN, "by single sign-on", user_id=user.id)
    for organisation in people.organisations_of(user.id) if only is None else ():
        record(organisation.id, Action.SIGNED_IN, user_id=user.id)
    if user.is_site_admin and only is None:
        record(None, Action.SIGNED_IN, user_id=user.id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session().add(
        LoginSession(
            token_hash=hash_token(token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=_end(now, now, remembered=context.remember, is_confined=only is not None),
            remembered=context.remember,
            browser=context.browser,
            address=context.address,
            membership_id=only.id if only else None,
            means=means,
            provider=provider,
        )
    )
    return token


def _end(now: datetime, began: datetime, *, remembered: bool, is_confined: bool) -> datetime:
    """When a sign-in ends that is used now: after 8 hours without use, unless it is to be remembered."""
    last = began + (LONGEST_OF_PROVIDER if is_confined else LONGEST)
    return last if remembered else min(now + IDLE, last)


def signed_in(token: str, now: datetime, *, used: bool = True, address: str = "") -> SignIn | None:
    """Return the sign-in behind a browser's token while it lasts, and prolong it if a person uses it now."""
    found = people.sign_in_of(hash_token(token), now)
    return _extended(found, token, now, address) if used else found


def signed_in_with_access(
    token: str, slug: str, now: datetime, *, used: bool = True, address: str = ""
) -> tuple[SignIn | None, Access | None]:
    """Return what ``signed_in`` does, and the access to the organisation at ``slug``, read in one query."""
    found, access = people.sign_in_and_access(hash_token(token), slug, now)
    return _extended(found, token, now, address) if used else found, access


def _extended(found: SignIn | None, token: str, now: datetime, address: str) -> SignIn | None:
    if found is None or abs(now - found.seen_at) < NOTE_EVERY:
        return found
    try:
        with write(NO_PATIENCE):
            is_confined = found.membership_id is not None
            end = _end(now, found.created_at, remembered=found.remembered, is_confined=is_confined)
            people.extend_login_session(found, now, end, address)
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
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
