"""Invite people by mail: to one address each, once, and for seven days."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.passwords import check_password, hash_password
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.sign_in import TOKEN_BYTES, SignInContext, begin_sign_in, hash_token
from portal.actions.audit import record
from portal.db import end_read, write
from portal.domain.accounts import letters
from portal.domain.accounts.sign_ins import Means
from portal.domain.audit import Action
from portal.domain.people import LIFE_OF, LinkKind, Role, addresses_in, clean_name, is_email
from portal.models import OneTimeLink, Organisation, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import links
from portal.store.accounts.members import add_membership, members_of
from portal.store.people import lock_organisation

MOST_AT_ONCE = 50
MOST_OPEN = 500
LONGEST_TYPED = 20_000
PAUSE = timedelta(minutes=1)
"""Who is invited again within it, by a second click, is sent nothing: the first mail's link would end."""


class LinkGone(PeopleError):
    """A link that was used or withdrawn, ran out, or never was."""

    def __init__(self) -> None:
        super().__init__("This link does not work any more. It works once, and only for a while.")


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an invitation went to, and who is a member already."""

    sent: list[str]
    members: list[str]


def invite(organisation: Organisation, typed: str, role: Role, by_id: int) -> Invited:
    """Invite the addresses in a text; who was invited already gets a new link. Raises ``PeopleError``.

    Where one of them is no address, nobody is invited.
    """
    addresses = _addresses(typed)
    now = utc_now()
    with write() as writing:
        lock_organisation(organisation.id)
        members = {each.user.email for each in members_of(organisation.id)}
        wanted = [address for address in addresses if address not in members]
        if links.count_links(organisation.id, LinkKind.INVITATION) + len(wanted) > MOST_OPEN:
            raise PeopleError(f"No more than {MOST_OPEN} invitations may be open. Withdraw some first.")
        by, invited = writing.get_one(User, by_id), _just_invited(organisation.id, role, now)
        for address in (each for each in wanted if each not in invited):
            links.delete_links(LinkKind.INVITATION, organisation_id=organisation.id, address=address)
            token = secrets.token_urlsafe(TOKEN_BYTES)
            columns = {"organisation_id": organisation.id, "address": address, "role": role}
            link = links.add_link(LinkKind.INVITATION, hash_token(token), now, created_by_id=by_id, **columns)
            _mail(link, organisation, by, token, now)
            record(organisation.id, Action.INVITED, f"{address} as {role}", user_id=by_id)
    return Invited(wanted, [address for address in addresses if address in members])


def _just_invited(organisation_id: int, role: Role, now: datetime) -> set[str | None]:
    found = links.links_of(organisation_id, LinkKind.INVITATION)
    return {each.address for each in found if each.role == role and each.created_at > now - PAUSE}


def _addresses(typed: str) -> list[str]:
    if len(typed) > LONGEST_TYPED:
        raise PeopleError(f"Invite at most {MOST_AT_ONCE} people at once.")
    addresses = addresses_in(typed)
    if not addresses:
        raise PeopleError("Enter an e-mail address, or several.")
    if wrong := [address for address in addresses if not is_email(address)]:
        named = ", ".join(f"“{each[:60]}”" for each in wrong[:3])
        raise PeopleError(
            f"Nobody was invited: {named} {'is' if len(wrong) == 1 else 'are'} no e-mail address."
        )
    if len(addresses) > MOST_AT_ONCE:
        raise PeopleError(f"Invite at most {MOST_AT_ONCE} people at once.")
    return addresses


def send_again(organisation: Organisation, link_id: int, by_id: int) -> str:
    """Send an invitation once more, by a new link that lasts anew; return its address.

    The former link works no more. Raises ``PeopleError``.
    """
    token, now = secrets.token_urlsafe(TOKEN_BYTES), utc_now()
    with write() as writing:
        lock_organisation(organisation.id)
        link = links.link_by_id(organisation.id, LinkKind.INVITATION, link_id)
        if link is None:
            raise PeopleError("This invitation was accepted or withdrawn meanwhile.")
        if link.created_at > now - PAUSE:
            return link.address or ""
        links.delete_mails(LinkKind.INVITATION, id=link_id)
        link.token_hash, link.created_by_id = hash_token(token), by_id
        link.created_at, link.expires_at = now, now + LIFE_OF[LinkKind.INVITATION]
        _mail(link, organisation, writing.get_one(User, by_id), token, now)
        record(organisation.id, Action.INVITED_AGAIN, link.address or "", user_id=by_id)
        return link.address or ""


def withdraw(organisation_id: int, link_id: int) -> str:
    """Withdraw an invitation; return its address. Raises ``PeopleError``."""
    with write():
        lock_organisation(organisation_id)
        link = links.link_by_id(organisation_id, LinkKind.INVITATION, link_id)
        if link is None or not links.delete_links(LinkKind.INVITATION, id=link_id):
            raise PeopleError("This invitation was accepted or withdrawn meanwhile.")
        record(organisation_id, Action.INVITATION_WITHDRAWN, link.address or "")
        return link.address or ""


def open_invitation(token: str) -> OneTimeLink:
    """Return the invitation behind a token. Raises ``LinkGone``."""
    link = links.link_of(LinkKind.INVITATION, hash_token(token), utc_now())
    if link is None:
        raise LinkGone
    return link


def accept(token: str, user_id: int) -> Organisation:
    """Let somebody who is signed in with the invited address join. Raises ``PeopleError``."""
    with write() as writing:
        link = open_invitation(token)
        user = writing.get_one(User, user_id)
        if user.email != link.address:
            raise PeopleError(f"This invitation is for {link.address}.")
        return _join(link, user)


def accept_with_new_account(
    token: str, name: str, password: str, context: SignInContext
) -> tuple[Organisation, str]:
    """Make an account for the invited address, let it join, and sign in; also return that token.

    Raises ``PeopleError``, ``WeakPassword`` and ``HashingBusy``.
    """
    link = open_invitation(token)
    organisation, address = link.organisation, link.address or ""
    named = (organisation.name, organisation.slug) if organisation else ()
    name = clean_name(name)
    check_password(password, (address, name, *named))
    end_read()  # nothing is held while a password is hashed
    password_hash, now = hash_password(password), utc_now()
    try:
        with write() as writing:
            link = open_invitation(token)
            user = User(email=address, name=name, password_hash=password_hash, password_changed_at=now)
            writing.add(user)
            writing.flush()
            return _join(link, user), begin_sign_in(user, context, now, Means.PASSWORD)
    except IntegrityError:
        raise PeopleError("There is an account with this address already. Sign in with it.") from None


def _join(link: OneTimeLink, user: User) -> Organisation:
    """Use the invitation up. Somebody who is a member by now stays what they are."""
    organisation_id, role, organisation = link.organisation_id, link.role, link.organisation
    if organisation is None or organisation_id is None or not lock_organisation(organisation_id):
        raise LinkGone
    if not links.use_link(link.id):
        raise LinkGone
    if people.membership_of(organisation_id, user.id) is None:
        add_membership(organisation_id, user, Role(role or Role.MEMBER))
        record(organisation_id, Action.JOINED, f"{user.email} as {role}", user_id=user.id)
    return organisation


def _mail(link: OneTimeLink, organisation: Organisation, by: User, token: str, now: datetime) -> None:
    letter = letters.invitation(
        organisation.name,
        by.name or by.email,
        Role(link.role or Role.MEMBER),
        link.address or "",
        address_of(f"/invites/{token}"),
        link.expires_at,
    )
    add_letter(letter, link.address or "", now, organisation.id)
