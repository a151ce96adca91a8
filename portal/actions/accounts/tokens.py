"""API tokens: made and revoked by their person, and recognised when a program sends one."""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.sign_in import NO_PATIENCE, NOTE_EVERY, TOKEN_BYTES, hash_token
from portal.actions.audit import record
from portal.db import session, write
from portal.domain.accounts import letters
from portal.domain.accounts.tokens import (
    FOR_ADMINS,
    LIFETIMES,
    LONGEST_TOKEN_NAME,
    MOST_TOKENS,
    PREFIX,
    TOKEN,
    Scope,
)
from portal.domain.audit import Action
from portal.domain.people import Role, clean_name
from portal.models import ApiToken, Organisation, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import tokens
from portal.store.accounts.single_sign_on import is_exempt_from_single_sign_on
from portal.store.accounts.tokens import Program
from portal.write_limit import TooManyWriters

log = structlog.get_logger()


def make_token(
    user_id: int, organisation_id: int, name: str, scopes: Collection[Scope], days: int
) -> tuple[ApiToken, str]:
    """Make a token; return it as it is kept, and what the program is to send, which is kept nowhere.

    Its person is told by mail. Raises ``PeopleError``.
    """
    name, now = clean_name(name)[:LONGEST_TOKEN_NAME].strip(), utc_now()
    if not name:
        raise PeopleError("Give it a name that says what it is for.")
    if not scopes or days not in LIFETIMES:
        raise PeopleError("Choose what it may do, and for how long.")
    sent = f"{PREFIX}{secrets.token_urlsafe(TOKEN_BYTES)}"
    with write():
        user, organisation = _owner(user_id, organisation_id, scopes)
        token = ApiToken(
            token_hash=hash_token(sent),
            organisation_id=organisation_id,
            user_id=user_id,
            name=name,
            scopes=" ".join(scope for scope in Scope if scope in scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        session().add(token)
        record(
            organisation_id, Action.TOKEN_MADE, f"{name} ({', '.join(token.scope_labels)})", user_id=user_id
        )
        letter = letters.token_made(name, organisation.name, address_of("/account#tokens-section"), now)
        add_letter(letter, user.email, now)
    return token, sent


def _owner(user_id: int, organisation_id: int, scopes: Collection[Scope]) -> tuple[User, Organisation]:
    """Return whose token it will be, and where; raises ``PeopleError`` where they may have none such."""
    user = session().get_one(User, user_id)
    membership = people.membership_of(organisation_id, user_id, lock=True)
    if membership is None or user.disabled_at:
        raise PeopleError("You are not in this organisation any more.")
    if membership.role != Role.ADMIN and FOR_ADMINS & set(scopes):
        raise PeopleError("Only admins edit jobs and sync. Choose Read jobs alone.")
    if tokens.count_tokens(user_id) >= MOST_TOKENS:
        raise PeopleError(f"You have {MOST_TOKENS} tokens. Revoke one first.")
    organisation = session().get_one(Organisation, organisation_id)
    if organisation.requires_single_sign_on and not is_exempt_from_single_sign_on(membership.id):
        raise PeopleError(
            f"{organisation.name} wants single sign-on: tokens are for its admins who come in without."
        )
    return user, organisation


def revoke_token(user_id: int, token_id: int) -> str | None:
    """End one of a person's tokens; return its name, or ``None`` where it had ended already."""
    with write():
        token = tokens.token_by_id(user_id, token_id)
        if token is None:
            return None
        record(token.organisation_id, Action.TOKEN_REVOKED, token.name, user_id=user_id)
        session().delete(token)
        return token.name


def program_of_token(sent: str, now: datetime) -> Program | None:
    """Return who asks by the token that was sent, and note once in a while that it is used."""
    if not TOKEN.fullmatch(sent):
        return None
    found = tokens.program_of(hash_token(sent), now)
    if found is None or (found.used_at is not None and abs(now - found.used_at) < NOTE_EVERY):
        return found
    try:
        with write(NO_PATIENCE):
            tokens.note_use(found.token_id, now)
    except (DBAPIError, TooManyWriters) as error:  # an answer waits for nobody who writes
        log.warning("token_use_not_noted", cause=type(getattr(error, "orig", error)).__name__)
        return found
    return replace(found, used_at=now) if tokens.program_of(hash_token(sent), now) else None
