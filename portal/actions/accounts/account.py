"""What people change of their own account; whatever matters most asks for the password."""

import secrets
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.passwords import check_password, hash_password, verify_password
from portal.actions.accounts.people import PeopleError, normal_email, refuse_last_admin, store_password
from portal.actions.accounts.sign_in import TOKEN_BYTES, hash_token
from portal.actions.audit import record
from portal.db import end_read, session, write
from portal.domain.accounts import letters
from portal.domain.audit import Action
from portal.domain.people import Density, LinkKind, Theme, clean_name
from portal.live.publish import announce_sign_outs
from portal.models import User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import links, members
from portal.store.people import SignIn


class WrongPassword(PeopleError):
    """The password given is not that of the account."""

    def __init__(self) -> None:
        super().__init__("This is not your password.")


def change_name(user_id: int, name: str) -> str:
    """Change what colleagues see instead of the address; return it as it is kept."""
    with write() as session:
        user = session.get_one(User, user_id)
        user.name = clean_name(name)
        return user.name


def choose_look(user_id: int, *, theme: Theme | None = None, density: Density | None = None) -> None:
    """Remember the colours, or the height of rows, that a person wants."""
    with write() as session:
        user = session.get_one(User, user_id)
        user.theme = theme or user.theme
        user.density = density or user.density


def choose_keys(user_id: int, *, wanted: bool) -> None:
    """Remember whether single letters do something on Manage jobs."""
    with write() as session:
        session.get_one(User, user_id).keys = wanted


def change_password(signed_in: SignIn, old: str, new: str) -> str:
    """Change the password; every other sign-in ends. Return the token under which this one goes on.

    Raises ``PeopleError``, ``WeakPassword`` and ``HashingBusy``.
    """
    known = check_own_password(signed_in.user_id, old)
    check_password(new, (signed_in.email, signed_in.name, *_organisation_names(signed_in.user_id)))
    end_read()  # nothing is held while a password is hashed
    password_hash, token = hash_password(new), secrets.token_urlsafe(TOKEN_BYTES)
    with write():
        store_password(_unchanged(signed_in.user_id, known), password_hash)
        members.end_other_sign_ins(signed_in.user_id, signed_in.id)
        members.replace_token(signed_in.id, hash_token(token))
    announce_sign_outs()
    return token


def ask_for_address(signed_in: SignIn, password: str, typed: str) -> str:
    """Mail a link to a new address, and tell the present one of it; return the address as it is kept.

    Where the address is another account's, no link is sent, and the answer is the same. Raises
    ``PeopleError`` and ``HashingBusy``.
    """
    address = normal_email(typed)
    if address == signed_in.email:
        raise PeopleError("This is your e-mail address already.")
    known, now = check_own_password(signed_in.user_id, password), utc_now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with write():
        user = _unchanged(signed_in.user_id, known)
        links.delete_links(LinkKind.EMAIL, user_id=user.id)
        if people.user_by_email(address) is None:
            link = links.add_link(LinkKind.EMAIL, hash_token(token), now, user_id=user.id, address=address)
            url = address_of(f"/account/email/{token}")
            add_letter(letters.confirm_address(address, url, link.expires_at), address, now)
        add_letter(letters.address_asked(address, now), user.email, now)
    return address


def address_to_confirm(token: str, now: datetime) -> str:
    """Return the address that a link confirms. Raises ``LinkGone``."""
    link = links.link_of(LinkKind.EMAIL, hash_token(token), now)
    if link is None or link.address is None:
        raise LinkGone
    return link.address


def confirm_address(token: str) -> str:
    """Let an account have the address that its link was mailed to; return it. Raises ``LinkGone``.

    Links that were mailed to the former address work no more, nor what invites the new one to where they are.
    """
    now = utc_now()
    try:
        with write() as session:
            link = links.link_of(LinkKind.EMAIL, hash_token(token), now)
            if link is None or link.user_id is None or link.address is None:
                raise LinkGone
            user, address = session.get_one(User, link.user_id), link.address
            if user.disabled_at or not links.use_link(link.id):
                raise LinkGone
            add_letter(letters.address_changed(address, now), user.email, now)
            user.email = address
            session.flush()
            links.delete_links(LinkKind.RESET, user_id=user.id)
            for organisation in people.organisations_of(user.id):
                members.use_invitation(organisation.id, address)
            return address
    except IntegrityError:
        raise LinkGone from None


def end_sign_in(signed_in: SignIn, sign_in_id: int) -> None:
    """End another sign-in of the same person, with its streams."""
    with write():
        members.end_sign_in(signed_in.user_id, sign_in_id)
    announce_sign_outs()


def end_other_sign_ins(signed_in: SignIn) -> int:
    """End all of a person's sign-ins but this one; return how many."""
    with write():
        ended = members.end_other_sign_ins(signed_in.user_id, signed_in.id)
    announce_sign_outs()
    return ended


def delete_account(signed_in: SignIn, password: str) -> None:
    """Delete an account; what it did stays, without a name.

    Raises ``PeopleError``, where it is the last admin of an organisation too, and ``HashingBusy``.
    """
    known, now = check_own_password(signed_in.user_id, password), utc_now()
    with write():
        user = _unchanged(signed_in.user_id, known)
        refuse_last_admin(user, people.organisations_of(user.id))
        add_letter(letters.account_deleted(now), user.email, now)
        for organisation in people.organisations_of(user.id):
            record(organisation.id, Action.ACCOUNT_DELETED)
        session().flush()
        members.delete_user(user.id)
    announce_sign_outs()


def check_own_password(user_id: int, password: str) -> str:
    """Return the hash that the password matches. Raises ``WrongPassword`` and ``HashingBusy``."""
    known = session().get_one(User, user_id).password_hash
    end_read()
    matches, _ = verify_password(known, password)
    if not matches:
        raise WrongPassword
    return known


def _unchanged(user_id: int, known: str) -> User:
    """Return the person, unless the password was changed since it was looked at."""
    user = session().get(User, user_id, populate_existing=True)
    if user is None or user.disabled_at or user.password_hash != known:
        raise WrongPassword
    return user


def _organisation_names(user_id: int) -> list[str]:
    return [word for each in people.organisations_of(user_id) for word in (each.name, each.slug)]
