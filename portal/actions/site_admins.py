"""Site admins: who is one, and what they do to people. All of it is noted in the site's own list."""

from typing import Final

from portal.actions.accounts.people import PeopleError, disable_account, enable_account
from portal.actions.audit import SITE_ADMIN, record
from portal.db import session, write
from portal.domain.audit import Action
from portal.live.publish import announce_sign_outs
from portal.models import User
from portal.models.base import utc_now
from portal.store import people

GONE: Final = "There is no such account any more."


def appoint(email: str, *, wanted: bool) -> User:
    """Make somebody a site admin, or withdraw that; withdrawing signs them out. Raises ``PeopleError``."""
    with write():
        user = people.user_by_email(email.strip())
        if user is None:
            raise PeopleError(f"Nobody signs in with “{email}”.")
        if user.is_site_admin != wanted:
            user.is_site_admin = wanted
            session().flush()
            record(None, Action.SITE_ADMIN_MADE if wanted else Action.SITE_ADMIN_WITHDRAWN, user.email)
            if not wanted:
                people.end_login_sessions(user.id)
    announce_sign_outs()
    return user


def disable(user_id: int, by_id: int, *, force: bool) -> User:
    """Keep somebody out; their sign-ins, streams and API tokens end at once.

    Raises ``LastAdmin`` where an organisation would be left without an admin, unless by ``force``, and
    ``PeopleError``.
    """
    if user_id == by_id:
        raise PeopleError("You cannot disable yourself: another site admin can.")
    with write():
        user = _user(user_id)
        if user.disabled_at is None:
            disable_account(user, utc_now(), force=force, told=SITE_ADMIN)
    announce_sign_outs()
    return user


def enable(user_id: int) -> User:
    """Let somebody sign in again. Raises ``PeopleError``."""
    with write():
        user = _user(user_id)
        if user.disabled_at is not None:
            enable_account(user, told=SITE_ADMIN)
    announce_sign_outs()
    return user


def _user(user_id: int) -> User:
    user = session().get(User, user_id, populate_existing=True)
    if user is None:
        raise PeopleError(GONE)
    return user
