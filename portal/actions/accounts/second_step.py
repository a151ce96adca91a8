"""The second step of signing in: a code, within a few minutes after the password."""

from datetime import datetime

from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.sign_in import SignInContext, begin_sign_in, hash_token
from portal.actions.accounts.two_step import WrongCode, use_code, use_recovery_code
from portal.db import write
from portal.domain.accounts.sign_ins import Means
from portal.domain.people import LinkKind
from portal.models import OneTimeLink, User
from portal.store.accounts import factors, links


def pending_sign_in(token: str, now: datetime) -> OneTimeLink:
    """Return the sign-in that waits for its second step. Raises ``LinkGone``."""
    pending = links.link_of(LinkKind.SECOND_STEP, hash_token(token), now)
    if pending is None:
        raise LinkGone
    return pending


def finish_with_code(token: str, typed: str, now: datetime, context: SignInContext) -> str:
    """Return the token of a new sign-in to who shows a code of the app, or a recovery code.

    Raises ``LinkGone``, and ``WrongCode``, after which it may be tried again.
    """
    with write():
        user = _use_up(token, now)
        if not (use_code(user.id, typed, now) or use_recovery_code(user, typed, now)):
            raise WrongCode  # which takes back that the pending sign-in is used up
        return begin_sign_in(user, context, now, Means.PASSWORD_AND_CODE)


def _use_up(token: str, now: datetime) -> User:
    """Use the pending sign-in up; return its person, who is locked."""
    pending = pending_sign_in(token, now)
    user = factors.lock_user(pending.user_id) if pending.user_id else None
    if user is None or user.disabled_at or not links.use_link(pending.id):
        raise LinkGone
    return user
