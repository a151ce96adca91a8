"""The people of organisations. Whatever takes a right away ends the sign-ins that held it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.passwords import check_password, hash_password
from portal.actions.audit import COMMAND_LINE, Origin, record, record_everywhere
from portal.db import end_read, session, write
from portal.domain.accounts import letters
from portal.domain.audit import Action
from portal.domain.people import LinkKind, Role, is_email
from portal.live.publish import announce_sign_outs
from portal.models import Membership, Organisation, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts.links import delete_links
from portal.store.accounts.members import add_membership, use_invitation
from portal.store.accounts.tokens import delete_tokens
from portal.store.people import lock_organisation, organisation_by_slug


class PeopleError(ValueError):
    """What was asked cannot be done; ``str`` says why, fit for whoever asked."""


class LastAdmin(PeopleError):
    """An organisation would be left without an admin."""

    def __init__(self, email: str, slug: str) -> None:
        super().__init__(f"“{email}” is the only admin of “{slug}”. Make somebody else an admin first.")


NOT_HERE = "They are not in this organisation any more."


def create_user(email: str, slug: str, role: Role, password: str) -> User:
    """Create a person who belongs to the organisation at ``slug``.

    Raises ``PeopleError``, ``WeakPassword`` and ``HashingBusy``.
    """
    email = normal_email(email)
    organisation = _organisation(slug)
    check_password(password, (email, organisation.name, organisation.slug))
    end_read()  # nothing is held while a password is hashed
    user = User(email=email, password_hash=hash_password(password))
    try:
        with write() as session:
            session.add(user)
            session.flush()
            add_membership(_organisation(slug).id, user, role)
            record(_organisation(slug).id, Action.JOINED, f"{email} as {role}", user_id=user.id)
    except IntegrityError:
        raise PeopleError(
            f"“{email}” exists already. Use “user role” to add them to an organisation."
        ) from None
    return user


def set_password(email: str, password: str) -> None:
    """Give somebody a new password; they are signed out everywhere, and told by mail.

    Raises ``PeopleError``, ``WeakPassword`` and ``HashingBusy``.
    """
    check_password(password, (normal_email(email),))
    password_hash = hash_password(password)
    with write():
        store_password(_user(email), password_hash)
        people.end_login_sessions(_user(email).id)
    announce_sign_outs()


def store_password(user: User, password_hash: str) -> None:
    """Store a new password within the caller's transaction: links for the old one end, a mail tells of it."""
    now = utc_now()
    user.password_hash, user.password_changed_at = password_hash, now
    session().flush()  # the person's row is locked before any other of theirs
    delete_links(LinkKind.RESET, LinkKind.EMAIL, LinkKind.SECOND_STEP, user_id=user.id)
    add_letter(letters.password_changed(address_of("/forgot"), now), user.email, now)
    record_everywhere(user.id, Action.PASSWORD_CHANGED, user.email)


def disable_user(email: str, now: datetime, *, force: bool = False) -> None:
    """Keep somebody out from now on; they are signed out everywhere.

    Raises ``PeopleError`` where an organisation would be left without an admin, unless by ``force``.
    """
    with write():
        disable_account(_user(email), now, force=force)
    announce_sign_outs()


def enable_user(email: str) -> None:
    """Enable somebody's account again; they sign in anew. Raises ``PeopleError``."""
    with write():
        enable_account(_user(email))


def disable_account(user: User, now: datetime, *, force: bool, told: Origin = COMMAND_LINE) -> None:
    """Disable an account within the caller's transaction; the audit of its organisations shows ``told``."""
    organisations = people.organisations_of(user.id)
    if not force:
        refuse_last_admin(user, organisations)
    user.disabled_at = user.disabled_at or now
    session().flush()
    _end_access(user)
    _record_everywhere(user, Action.DISABLED, told)


def enable_account(user: User, *, told: Origin = COMMAND_LINE) -> None:
    """Enable an account within the caller's transaction."""
    user.disabled_at = None
    session().flush()
    _end_access(user)  # a sign-in that began while they were being disabled
    _record_everywhere(user, Action.ENABLED, told)


def _end_access(user: User) -> None:
    people.end_login_sessions(user.id)
    delete_tokens(user.id)


def _record_everywhere(user: User, action: Action, told: Origin) -> None:
    record(None, action, user.email)
    for organisation in people.organisations_of(user.id):
        record(organisation.id, action, user.email, origin=told)


def set_role(email: str, slug: str, role: Role, *, force: bool = False) -> None:
    """Give somebody a role in an organisation, which they join by it; a lesser one signs them out.

    Raises ``PeopleError`` where the organisation would be left without an admin, unless by ``force``.
    """
    with write():
        user, organisation = _user(email), _organisation(slug)
        if _change_role(user, organisation, role, force=force) is None:
            add_membership(organisation.id, user, role)
            record(organisation.id, Action.JOINED, f"{user.email} as {role}", user_id=user.id)
    announce_sign_outs()


def change_role(organisation_id: int, user_id: int, role: Role) -> User:
    """Change a member's role; a lesser one signs them out. Raises ``PeopleError``."""
    with write() as session:
        user, organisation = session.get(User, user_id), session.get_one(Organisation, organisation_id)
        if user is None or _change_role(user, organisation, role, force=False) is None:
            raise PeopleError(NOT_HERE)
    announce_sign_outs()
    return user


def remove_member(email: str, slug: str, *, force: bool = False) -> None:
    """Take somebody out of an organisation; they are signed out everywhere.

    Raises ``PeopleError`` where the organisation would be left without an admin, unless by ``force``.
    """
    with write():
        user, organisation = _user(email), _organisation(slug)
        if not _remove(user, organisation, force=force):
            raise PeopleError(f"“{user.email}” is not in “{slug}”.")
    announce_sign_outs()


def remove(organisation_id: int, user_id: int) -> User:
    """Take a member out; they are signed out everywhere. Raises ``PeopleError``."""
    with write() as session:
        user, organisation = session.get(User, user_id), session.get_one(Organisation, organisation_id)
        if user is None or not _remove(user, organisation, force=False):
            raise PeopleError(NOT_HERE)
    announce_sign_outs()
    return user


def leave(organisation_id: int, user_id: int) -> Organisation:
    """Remove a member at their own request; they stay signed in elsewhere. Raises ``PeopleError``."""
    with write() as session:
        user, organisation = session.get_one(User, user_id), session.get(Organisation, organisation_id)
        if organisation is None or not _remove(user, organisation, force=False, ends=False):
            raise PeopleError("You are not in this organisation any more.")
    announce_sign_outs()
    return organisation


def _change_role(user: User, organisation: Organisation, role: Role, *, force: bool) -> Membership | None:
    """Change somebody's role where they have one, within the caller's transaction."""
    lock_organisation(organisation.id)
    membership = people.membership_of(organisation.id, user.id)
    if membership is None or membership.role == role:
        return membership
    if role != Role.ADMIN:
        if not force:
            refuse_last_admin(user, [organisation])
        people.end_login_sessions(user.id)
    record(organisation.id, Action.ROLE_CHANGED, f"{user.email}: {membership.role} → {role}")
    membership.role = role
    return membership


def _remove(user: User, organisation: Organisation, *, force: bool, ends: bool = True) -> bool:
    lock_organisation(organisation.id)
    membership = people.membership_of(organisation.id, user.id)
    if membership is None:
        return False
    if not force:
        refuse_last_admin(user, [organisation])
    record(organisation.id, Action.REMOVED if ends else Action.LEFT, user.email)
    session().delete(membership)
    use_invitation(organisation.id, user.email)
    if ends:
        people.end_login_sessions(user.id)
    return True


def refuse_last_admin(user: User, organisations: Sequence[Organisation]) -> None:
    """Raise ``LastAdmin`` if the person is the only admin of one of them who may sign in.

    Locks the organisations, in order, so that of two admins only one can be taken away at once.
    """
    for organisation in sorted(organisations, key=lambda each: each.id):
        lock_organisation(organisation.id)
        if [admin.id for admin in people.admins_of(organisation.id)] == [user.id]:
            raise LastAdmin(user.email, organisation.slug)


def normal_email(email: str) -> str:
    """Return the address as it is kept, or raise ``PeopleError``."""
    email = email.strip().lower()
    if not is_email(email):
        raise PeopleError("Give an e-mail address, such as mara@example.com.")
    return email


def _user(email: str) -> User:
    user = people.user_by_email(normal_email(email))
    if user is None:
        raise PeopleError(f"Nobody signs in with “{email}”.")
    return user


def _organisation(slug: str) -> Organisation:
    organisation = organisation_by_slug(slug)
    if organisation is None:
        raise PeopleError(f"There is no organisation at “{slug}”.")
    return organisation
