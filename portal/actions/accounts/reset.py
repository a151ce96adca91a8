"""Set a forgotten password anew, by a link that is mailed, works once, and for half an hour.

Whoever asks gets the same answer in the same time whether there is such an account or not: what was asked
is only noted. The process that sends mails looks the account up.
"""

import secrets
from datetime import timedelta

from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.passwords import check_password, hash_password
from portal.actions.accounts.people import normal_email, store_password
from portal.actions.accounts.sign_in import TOKEN_BYTES, hash_token
from portal.db import end_read, session, write
from portal.domain.accounts import letters
from portal.domain.people import LinkKind
from portal.live.publish import announce_sign_outs
from portal.models import OneTimeLink, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import links

BATCH = 100
PAUSE = timedelta(minutes=1)
"""Between two mails to one person, whoever asks for them."""


def ask_for_reset(typed: str) -> str:
    """Note that somebody forgot the password of an address; return it as it is kept.

    Raises ``PeopleError`` where it is no address.
    """
    address, now = normal_email(typed), utc_now()
    with write():
        links.add_link(LinkKind.RESET_ASKED, hash_token(secrets.token_urlsafe()), now, address=address)
    return address


def mail_resets() -> None:
    """Leave a mail for each account whose password was forgotten; what was asked twice is mailed once."""
    waiting = [(asked.id, asked.address, asked.expires_at) for asked in links.asked_resets(BATCH)]
    end_read()
    for asked_id, address, expires_at in waiting:
        with write():
            if links.use_link(asked_id) and expires_at > utc_now():
                links.delete_links(LinkKind.RESET_ASKED, address=address)
                _mail_reset(people.user_by_email(address or ""))


def _mail_reset(user: User | None) -> None:
    if user is None or user.disabled_at:
        return
    token, now = secrets.token_urlsafe(TOKEN_BYTES), utc_now()
    if links.has_newer(LinkKind.RESET, user.id, now - PAUSE):
        return
    links.delete_links(LinkKind.RESET, user_id=user.id)
    link = links.add_link(LinkKind.RESET, hash_token(token), now, user_id=user.id, address=user.email)
    add_letter(letters.reset(address_of(f"/reset/{token}"), link.expires_at), user.email, now)


def open_reset(token: str) -> OneTimeLink:
    """Return the reset behind a token. Raises ``LinkGone``."""
    link = links.link_of(LinkKind.RESET, hash_token(token), utc_now())
    if link is None:
        raise LinkGone
    return link


def reset_password(token: str, password: str) -> str:
    """Set the password, and end every sign-in; return the address of the account.

    Raises ``LinkGone``, ``WeakPassword`` and ``HashingBusy``.
    """
    user = _user_of(open_reset(token))
    named = [word for each in people.organisations_of(user.id) for word in (each.name, each.slug)]
    check_password(password, (user.email, user.name, *named))
    end_read()  # nothing is held while a password is hashed
    password_hash = hash_password(password)
    with write():
        link = open_reset(token)
        user = _user_of(link)
        if not links.use_link(link.id):
            raise LinkGone
        store_password(user, password_hash)
        people.end_login_sessions(user.id)
        address = user.email
    announce_sign_outs()
    return address


def _user_of(link: OneTimeLink) -> User:
    user = session().get(User, link.user_id, populate_existing=True) if link.user_id else None
    if user is None or user.disabled_at:
        raise LinkGone
    return user
