"""The people of organisations. Whatever takes a right away ends the sign-ins that held it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.passwords import check_password, hash_password
from portal.db import end_read, write
from portal.domain.people import EMAIL, LONGEST_EMAIL, Density, Role
from portal.live.publish import announce_sign_outs
from portal.models import Membership, Organisation, User
from portal.store import people
from portal.store.people import lock_organisation, organisation_by_slug


class PeopleError(ValueError):
    """What was asked cannot be done; ``str`` says why, fit for whoever asked."""


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
            session.add(Membership(organisation_id=_organisation(slug).id, user_id=user.id, role=role))
    except IntegrityError:
        raise PeopleError(
            f"“{email}” exists already. Use “user role” to add them to an organisation."
        ) from None
    return user


def set_password(email: str, password: str) -> None:
    """Give somebody a new password; they are signed out everywhere.

    Raises ``PeopleError``, ``WeakPassword`` and ``HashingBusy``.
    """
    check_password(password, (normal_email(email),))
    password_hash = hash_password(password)
    with write():
        user = _user(email)
        user.password_hash = password_hash
        people.end_login_sessions(user.id)
    announce_sign_outs()


def disable_user(email: str, now: datetime, *, force: bool = False) -> None:
    """Keep somebody out from now on; they are signed out everywhere.

    Raises ``PeopleError`` where an organisation would be left without an admin, unless by ``force``.
    """
    with write():
        user = _user(email)
        if not force:
            _refuse_last_admin(user, people.organisations_of(user.id))
        user.disabled_at = user.disabled_at or now
        people.end_login_sessions(user.id)
    announce_sign_outs()


def set_role(email: str, slug: str, role: Role, *, force: bool = False) -> None:
    """Give somebody a role in an organisation, which they join by it; a lesser one signs them out.

    Raises ``PeopleError`` where the organisation would be left without an admin, unless by ``force``.
    """
    with write() as session:
        user, organisation = _user(email), _organisation(slug)
        if role != Role.ADMIN and not force:
            _refuse_last_admin(user, [organisation])
        membership = people.membership_of(organisation.id, user.id)
        if membership is None:
            session.add(Membership(organisation_id=organisation.id, user_id=user.id, role=role))
        elif membership.role != role:
            membership.role = role
            people.end_login_sessions(user.id)
    announce_sign_outs()


def remove_member(email: str, slug: str, *, force: bool = False) -> None:
    """Take somebody out of an organisation; they are signed out everywhere.

    Raises ``PeopleError`` where the organisation would be left without an admin, unless by ``force``.
    """
    with write() as session:
        user, organisation = _user(email), _organisation(slug)
        membership = people.membership_of(organisation.id, user.id)
        if membership is None:
            raise PeopleError(f"“{user.email}” is not in “{slug}”.")
        if not force:
            _refuse_last_admin(user, [organisation])
        session.delete(membership)
        people.end_login_sessions(user.id)
    announce_sign_outs()


def choose_density(user_id: int, density: Density) -> None:
    """Remember how high a person wants the rows of lists to be."""
    with write() as session:
        session.get_one(User, user_id).density = density


def _refuse_last_admin(user: User, organisations: Sequence[Organisation]) -> None:
    """Raise ``PeopleError`` if the person is the only admin of one of them who may sign in.

    Locks the organisations, in order, so that of two admins only one can be taken away at once.
    """
    for organisation in sorted(organisations, key=lambda each: each.id):
        lock_organisation(organisation.id)
        if [admin.id for admin in people.admins_of(organisation.id)] == [user.id]:
            raise PeopleError(
                f"“{user.email}” is the only admin of “{organisation.slug}”. Make somebody else an admin "
                "first, or repeat this with --force."
            )


def normal_email(email: str) -> str:
    """Return the address as it is kept, or raise ``PeopleError``."""
    email = email.strip().lower()
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
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
