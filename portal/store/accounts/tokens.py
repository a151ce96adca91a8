"""API tokens, found by the hash of what a program sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from portal.db import count_deleted, session
from portal.domain.accounts.tokens import LONGEST_LIFETIME, Scope, scopes_in
from portal.models import ApiToken, Membership, User
from portal.models.base import has_passed


@dataclass(frozen=True, eq=False)
class Program:
    """Who asks by an API token: its person, in its organisation alone, as Flask-Login wants it."""

    is_authenticated: ClassVar = True
    is_active: ClassVar = True
    is_anonymous: ClassVar = False

    token_id: int
    user_id: int
    organisation_id: int
    scopes: frozenset[Scope]
    used_at: datetime | None
    name: str


def program_of(token_hash: str, now: datetime) -> Program | None:
    """Return who asks by a token, unless it has ended, or its person is not of the organisation any more."""
    theirs = (Membership.organisation_id == ApiToken.organisation_id) & (
        Membership.user_id == ApiToken.user_id
    )
    query = (
        select(ApiToken)
        .join(Membership, theirs)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash, User.disabled_at.is_(None))
        .where(~has_passed(ApiToken.expires_at, now, LONGEST_LIFETIME))
    )
    found = session().scalar(query)
    if found is None:
        return None
    scopes = scopes_in(found.scopes)
    return Program(found.id, found.user_id, found.organisation_id, scopes, found.used_at, found.name)


def note_use(token_id: int, now: datetime) -> None:
    """Note that a token is in use."""
    session().execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))


def tokens_of(user_id: int) -> Sequence[ApiToken]:
    """Return somebody's tokens with their organisations, the newest first; those that ran out too."""
    query = select(ApiToken).where(ApiToken.user_id == user_id).options(joinedload(ApiToken.organisation))
    return session().scalars(query.order_by(ApiToken.id.desc())).all()


def count_tokens(user_id: int) -> int:
    """Return how many tokens somebody has."""
    return session().scalar(select(func.count()).where(ApiToken.user_id == user_id)) or 0


def token_by_id(user_id: int, token_id: int) -> ApiToken | None:
    """Return one of somebody's tokens."""
    return session().scalar(select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.id == token_id))


def delete_tokens(user_id: int) -> None:
    """End all of somebody's tokens."""
    session().execute(delete(ApiToken).where(ApiToken.user_id == user_id))


def delete_ended_tokens(before: datetime, limit: int) -> tuple[int, int]:
    """Delete tokens that ran out before then."""
    over = select(ApiToken.id).where(ApiToken.expires_at <= before).limit(limit)
    gone = count_deleted(delete(ApiToken).where(ApiToken.id.in_(over)))
    return gone, gone
