"""Ask somebody without an account for an API key, by a page of one organisation that works once."""

import secrets
from typing import NamedTuple

from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.people import PeopleError, normal_email
from portal.actions.accounts.sign_in import TOKEN_BYTES, hash_token
from portal.actions.audit import record
from portal.actions.sync.connection import Board, connect
from portal.db import write
from portal.domain.accounts import letters
from portal.domain.audit import Action
from portal.domain.people import LinkKind, Role
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.models import OneTimeLink, Organisation, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import links
from portal.store.people import lock_organisation

MOST_OPEN = 10


class Asked(NamedTuple):
    """The address of the page, which is shown once, and whom it was mailed to."""

    url: str
    address: str


def ask(organisation: Organisation, by_id: int, typed: str = "") -> Asked:
    """Make a page for a colleague, and mail its address where one is given. Raises ``PeopleError``."""
    address, now = normal_email(typed) if typed.strip() else "", utc_now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    url = address_of(f"/greenhouse-key/{token}")
    with write() as writing:
        lock_organisation(organisation.id)
        if links.count_links(organisation.id, LinkKind.COLLEAGUE) >= MOST_OPEN:
            raise PeopleError(f"No more than {MOST_OPEN} may be asked at once. Withdraw a page first.")
        columns = {"organisation_id": organisation.id, "address": address or None, "created_by_id": by_id}
        link = links.add_link(LinkKind.COLLEAGUE, hash_token(token), now, **columns)
        record(organisation.id, Action.COLLEAGUE_ASKED, address, user_id=by_id)
        if address:
            by = writing.get_one(User, by_id)
            letter = letters.ask_colleague(organisation.name, by.name or by.email, url, link.expires_at)
            add_letter(letter, address, now, organisation.id)
    return Asked(url, address)


def withdraw(organisation_id: int, link_id: int) -> None:
    """Take a page away. Raises ``PeopleError`` where it is gone already."""
    with write():
        link = links.link_by_id(organisation_id, LinkKind.COLLEAGUE, link_id)
        if link is None or not links.delete_links(LinkKind.COLLEAGUE, id=link_id):
            raise PeopleError("This page was used or withdrawn meanwhile.")
        record(organisation_id, Action.COLLEAGUE_WITHDRAWN, link.address or "")


def colleague_link(token: str) -> OneTimeLink:
    """Return the link behind a token, while whoever made it is an admin. Raises ``LinkGone``."""
    link = links.link_of(LinkKind.COLLEAGUE, hash_token(token), utc_now())
    if link is None or link.organisation_id is None or link.created_by_id is None:
        raise LinkGone
    membership = people.membership_of(link.organisation_id, link.created_by_id)
    is_disabled = link.created_by is None or link.created_by.disabled_at is not None
    if membership is None or membership.role != Role.ADMIN or is_disabled:
        raise LinkGone
    return link


def answer(token: str, board: BoardToken, key: ApiKey) -> Board:
    """Connect the organisation with what the colleague entered, and take the page away.

    What is refused can be entered again. Raises ``LinkGone``, also where the page was withdrawn or its admin
    removed while Greenhouse was asked, and what ``connect`` raises.
    """
    link = colleague_link(token)
    organisation, by_id = link.organisation, link.created_by_id
    if organisation is None or by_id is None:
        raise LinkGone
    _, connected = connect(
        organisation, board, key, prefill=True, user_id=by_id, check=lambda: _use_up(token)
    )
    return connected


def _use_up(token: str) -> None:
    if not links.use_link(colleague_link(token).id):
        raise LinkGone
