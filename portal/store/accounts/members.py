"""The people of an organisation, and where each of them is signed in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from portal.db import count_deleted, session
from portal.domain.people import LinkKind
from portal.models import LoginSession, Membership, Organisation, User
from portal.models.base import has_passed
from portal.store.accounts.links import delete_links
from portal.store.people import LONGEST_SIGN_IN, SignIn, organisations_of

_NAMES_LOCK = 0x6E616D6573  # "names"


def members_of(organisation_id: int) -> Sequence[Membership]:
    """Return the organisation's memberships with their people, by name or else address."""
    query = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation_id)
        .options(joinedload(Membership.user))
        .order_by(User.name == "", User.name, User.email)
    )
    return session().scalars(query).all()


def add_membership(organisation_id: int, user: User, role: str) -> Membership:
    """Let somebody belong to an organisation; an invitation of theirs is used up, however they joined."""
    membership = Membership(organisation_id=organisation_id, user_id=user.id, role=role)
    session().add(membership)
    use_invitation(organisation_id, user.email)
    return membership


def use_invitation(organisation_id: int, address: str) -> None:
    """Use up what invites a member's address: once removed, they would come back by it."""
    delete_links(LinkKind.INVITATION, organisation_id=organisation_id, address=address)


def names_of_members(organisation_id: int) -> list[str]:
    """Return the names of the organisation's people who may sign in and have one."""
    query = (
        select(User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, User.disabled_at.is_(None), User.name != "")
    )
    return list(session().scalars(query.order_by(User.name)))


def people_of(organisation_id: int) -> list[tuple[int, str, str]]:
    """Return id, name and address of each of the organisation's people, by name or else address."""
    query = select(User.id, User.name, User.email).join(Membership, Membership.user_id == User.id)
    query = query.where(Membership.organisation_id == organisation_id)
    rows = session().execute(query.order_by(User.name == "", User.name, User.email))
    return [(row[0], row[1], row[2]) for row in rows]


def memberships_of(user_id: int) -> Sequence[Membership]:
    """Return somebody's memberships with their organisations, by name."""
    query = select(Membership).join(Organisation, Organisation.id == Membership.organisation_id)
    query = query.where(Membership.user_id == user_id).options(joinedload(Membership.organisation))
    return session().scalars(query.order_by(Organisation.name, Organisation.id)).all()


def organisations_reached(found: SignIn) -> Sequence[Organisation]:
    """Return the organisations that a sign-in reaches, by name."""
    if found.membership_id is None:
        return organisations_of(found.user_id)
    query = select(Organisation).join(Membership, Membership.organisation_id == Organisation.id)
    return session().scalars(query.where(Membership.id == found.membership_id)).all()


def sign_ins_of(user_id: int, now: datetime) -> Sequence[LoginSession]:
    """Return somebody's sign-ins that last, the one used last first."""
    query = select(LoginSession).where(LoginSession.user_id == user_id)
    query = query.where(~has_passed(LoginSession.expires_at, now, LONGEST_SIGN_IN))
    return session().scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())).all()


def end_sign_in(user_id: int, sign_in_id: int) -> int:
    """End one of somebody's sign-ins."""
    mine = LoginSession.user_id == user_id
    return count_deleted(delete(LoginSession).where(mine, LoginSession.id == sign_in_id))


def end_other_sign_ins(user_id: int, kept_id: int) -> int:
    """End all of somebody's sign-ins but one."""
    mine = LoginSession.user_id == user_id
    return count_deleted(delete(LoginSession).where(mine, LoginSession.id != kept_id))


def replace_token(sign_in_id: int, token_hash: str) -> None:
    """Let a sign-in go on under another token: copies of the browser's old one are worth nothing."""
    session().execute(update(LoginSession).where(LoginSession.id == sign_in_id).values(token_hash=token_hash))


def lock_names() -> None:
    """Take turns, until the commit, with whoever else gives an organisation a name.

    No row holds what a name looks like, so that of two that look alike the second is refused by this alone.
    SQLite's one write lock is taken already. Lock an organisation before it.
    """
    if session().get_bind().dialect.name == "postgresql":
        session().execute(select(func.pg_advisory_xact_lock(_NAMES_LOCK)))


def names_and_slugs(apart_from: int | None = None) -> list[str]:
    """Return what every organisation is called, and its address; those of one may be left out."""
    query = select(Organisation.name, Organisation.slug)
    if apart_from is not None:
        query = query.where(Organisation.id != apart_from)
    return [text for row in session().execute(query) for text in row]


def delete_user(user_id: int) -> None:
    """Delete an account; what it did stays, without a name."""
    session().execute(delete(User).where(User.id == user_id).execution_options(synchronize_session=False))
