"""Organisations with their lock and revision; their members; users and their sign-ins."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Select, Table, and_, bindparam, case, delete, exists, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate

from portal.db import as_value, connection, count_deleted, read_rows, session
from portal.domain.people import SLUG, Role
from portal.models import LoginSession, Membership, Organisation, User
from portal.prepared_statements import execute

_ORGANISATIONS: Table = Organisation.__table__  # type: ignore[assignment] # declared as FromClause
RESERVED_AHEAD = 1_000
"""How many edits may be saved while a sync prepares its rows, without it having to stamp them again."""


def organisation_by_slug(slug: str) -> Organisation | None:
    """Return the organisation whose address is ``slug``."""
    return session().scalar(select(Organisation).where(Organisation.slug == slug))


def lock_organisation(organisation_id: int, *, wait: bool = True) -> bool:
    """Lock the organisation until the commit; ``False`` where others hold it and this would not ``wait``.

    Call it first in a write transaction, so that the organisation's writers take turns: a job's or run's
    row is locked only after it, and nobody waits in a circle. SQLite's one write lock is taken already.
    """
    writing = connection()
    if writing.dialect.name == "sqlite":
        return True
    return writing.execute(_lock(wait), {"of": organisation_id}).first() is not None or wait


@cache
def _lock(wait: bool) -> Select[int]:
    query = select(_ORGANISATIONS.c.id).where(_ORGANISATIONS.c.id == bindparam("of"))
    return query.with_for_update(skip_locked=not wait, key_share=True)


def next_revision(organisation_id: int) -> int:
    """Raise and return the organisation's revision.

    The row stays locked until the commit, so that revisions become visible in their order. Lock the
    organisation before any other row. (A large sync prepares much before: ``reserve_revision``.)
    """
    [[revision]] = execute(connection(), _next_revision(), {"of": organisation_id})
    return int(revision)


@cache
def _next_revision() -> ReturningUpdate[int]:
    columns = _ORGANISATIONS.c
    statement = update(_ORGANISATIONS).where(columns.id == bindparam("of"))
    return statement.values(revision=columns.revision + 1).returning(columns.revision)


def present_revision(organisation_id: int) -> int:
    """Return the organisation's revision."""
    return revisions([organisation_id]).get(organisation_id, 0)


def reserve_revision(organisation_id: int) -> int:
    """Return a revision for rows that are stamped before the organisation is locked, by ``claim_revision``.

    Why that is safe: a page that stands at revision R asks for rows with a later one, and R is what some
    commit left in the organisation. Rows stamped S become visible in the commit that leaves S there, or in
    none; so they are missed only by a page that stood at S or later before that commit. Revisions grow by
    one from commit to commit, and S is far ahead of the present one; ``claim_revision``, which takes turns
    with everybody else, says so when they came as far as S all the same, and then the rows are stamped
    again with the revision that it returned.
    """
    return present_revision(organisation_id) + RESERVED_AHEAD


def claim_revision(organisation_id: int, reserved: int) -> int:
    """Raise the organisation's revision to the reserved one, or by one where it is past that; return it.

    It locks the organisation as ``next_revision`` does. Where the result is another than ``reserved``, every
    row stamped so must be stamped again before the commit.
    """
    given = {"of": organisation_id, "reserved": reserved}
    return session().execute(_claim_revision(), given).scalar_one()


@cache
def _claim_revision() -> ReturningUpdate[int]:
    columns, reserved = _ORGANISATIONS.c, bindparam("reserved", type_=_ORGANISATIONS.c.revision.type)
    statement = update(_ORGANISATIONS).where(columns.id == bindparam("of"))
    ahead = case((columns.revision < reserved, reserved), else_=columns.revision + 1)
    return statement.values(revision=ahead).returning(columns.revision)


def raise_revisions(organisation_ids: Collection[int]) -> dict[int, int]:
    """Raise and return the revisions of organisations whose rows are locked already."""
    statement = (
        update(Organisation)
        .where(Organisation.id.in_(organisation_ids))
        .values(revision=Organisation.revision + 1)
        .returning(Organisation.id, Organisation.revision)
        .execution_options(synchronize_session=False)
    )
    return {row.id: row.revision for row in session().execute(statement)}


def revisions(organisation_ids: list[int]) -> dict[int, int]:
    """Return the present revision of each of the organisations."""
    query = select(Organisation.id, Organisation.revision).where(Organisation.id.in_(organisation_ids))
    return {row.id: row.revision for row in session().execute(query)}


LONGEST_SIGN_IN = timedelta(days=30)


@dataclass(frozen=True, eq=False)
class SignIn:
    """Where somebody is signed in, and who: what every request reads, in the shape that Flask-Login wants.

    One by an organisation's single sign-on reaches that ``membership_id`` alone, and nothing of the site.
    """

    is_authenticated: ClassVar = True
    is_active: ClassVar = True
    is_anonymous: ClassVar = False

    id: int
    user_id: int
    email: str
    name: str
    density: str
    theme: str | None
    keys: bool
    is_site_admin: bool
    remembered: bool
    created_at: datetime
    seen_at: datetime
    membership_id: int | None


_WANTED = (
    *(User.email, User.name, User.density, User.theme, User.keys),
    and_(User.is_site_admin, LoginSession.membership_id.is_(None)),
    *(LoginSession.remembered, LoginSession.created_at, LoginSession.seen_at, LoginSession.membership_id),
)
_REACHED = or_(LoginSession.membership_id.is_(None), LoginSession.membership_id == Membership.id)
_LASTS = LoginSession.expires_at.between(bindparam("now"), bindparam("latest"))


def _range(now: datetime) -> dict[str, datetime]:
    """Return between which moments a sign-in that lasts ends: a later end was set by a wrong clock."""
    return {"now": now, "latest": now + LONGEST_SIGN_IN}


@dataclass(frozen=True, slots=True)
class Access:
    """An organisation, and somebody's membership in it if there is one.

    ``has_others`` says whether their sign-in may reach other organisations as well.
    """

    organisation: Organisation
    membership: Membership | None
    has_others: bool = True


def access_to(slug: str, user_id: int | None) -> Access | None:
    """Return the organisation at ``slug`` with the person's membership, in one query whatever the outcome.

    Both are values: every request reads them, and none writes them by way of them.
    """
    rows = read_rows(_place(), {"slug": slug if SLUG.fullmatch(slug) else "", "user_id": user_id})
    return Access(*_place_in(iter(rows[0]))) if rows else None


_PLACE = (_ORGANISATIONS, Membership.__table__)


def _place_in(row: Iterator[Any]) -> tuple[Organisation, Membership | None]:
    organisation, membership = as_value(Organisation, row), as_value(Membership, row)
    return organisation, membership if membership.id is not None else None


@cache
def _place() -> Select[*tuple[Any, ...]]:
    theirs = and_(Membership.organisation_id == Organisation.id, Membership.user_id == bindparam("user_id"))
    query = select(*_PLACE).select_from(Organisation).outerjoin(Membership, theirs)
    return query.where(Organisation.slug == bindparam("slug"))


def sign_in_and_access(token_hash: str, slug: str, now: datetime) -> tuple[SignIn | None, Access | None]:
    """Return what ``sign_in_of`` and ``access_to`` would, where the organisation exists, in one query."""
    given = {"token_hash": token_hash, "slug": slug if SLUG.fullmatch(slug) else "", **_range(now)}
    rows = read_rows(_visit(), given)
    if not rows:
        return sign_in_of(token_hash, now), None
    row = iter(rows[0])
    place = _place_in(row)
    has_others, *signed_in = row
    return SignIn(*signed_in) if signed_in[1] is not None else None, Access(*place, has_others)


@cache
def _visit() -> Select[*tuple[Any, ...]]:
    is_valid = and_(LoginSession.token_hash == bindparam("token_hash"), _LASTS)
    enabled = and_(User.id == LoginSession.user_id, User.disabled_at.is_(None))
    theirs = and_(Membership.organisation_id == Organisation.id, Membership.user_id == User.id, _REACHED)
    other = aliased(Membership)
    others = exists().where(other.user_id == User.id, other.organisation_id != Organisation.id)
    has_others = and_(LoginSession.membership_id.is_(None), others)
    return (
        select(*_PLACE, has_others, LoginSession.id, User.id, *_WANTED)
        .select_from(Organisation)
        .outerjoin(LoginSession, is_valid)
        .outerjoin(User, enabled)
        .outerjoin(Membership, theirs)
        .where(Organisation.slug == bindparam("slug"))
    )


def organisations_of(user_id: int) -> Sequence[Organisation]:
    """Return the organisations somebody belongs to, by name."""
    return session().scalars(_organisations_of(), {"user_id": user_id}).all()


@cache  # every page reads them
def _organisations_of() -> Select[Organisation]:
    query = select(Organisation).join(Membership, Membership.organisation_id == Organisation.id)
    query = query.where(Membership.user_id == bindparam("user_id"))
    return query.order_by(Organisation.name, Organisation.id)


def user_by_email(email: str) -> User | None:
    """Return the person who signs in with ``email``; its case does not matter."""
    if "\0" in email:
        return None  # PostgreSQL refuses even to look for it
    return session().scalar(select(User).where(User.email == email.lower()))


def membership_of(organisation_id: int, user_id: int, *, lock: bool = False) -> Membership | None:
    """Return somebody's place in an organisation."""
    query = select(Membership).where(
        Membership.organisation_id == organisation_id, Membership.user_id == user_id
    )
    return session().scalar(query.with_for_update() if lock else query)


def admins_of(organisation_id: int) -> Sequence[User]:
    """Return the organisation's admins who may sign in."""
    is_admin = and_(Membership.organisation_id == organisation_id, Membership.role == Role.ADMIN)
    query = select(User).join(Membership, Membership.user_id == User.id).where(is_admin)
    return session().scalars(query.where(User.disabled_at.is_(None)).order_by(User.id)).all()


def sign_in_of(token_hash: str, now: datetime) -> SignIn | None:
    """Return the sign-in that stands under ``token_hash``, unless it has ended."""
    rows = read_rows(_valid_sign_in(), {"token_hash": token_hash, **_range(now)})
    return SignIn(*rows[0]) if rows else None


@cache
def _valid_sign_in() -> Select[*tuple[Any, ...]]:
    return (
        select(LoginSession.id, LoginSession.user_id, *_WANTED)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.token_hash == bindparam("token_hash"),
            _LASTS,
            User.disabled_at.is_(None),
        )
    )


def extend_login_session(found: SignIn, now: datetime, expires_at: datetime, address: str) -> None:
    """Note that a sign-in is in use, from where, and until when it now lasts. Locks the person first."""
    session().execute(update(User).where(User.id == found.user_id).values(seen_at=now))
    statement = update(LoginSession).where(LoginSession.id == found.id)
    values = {"seen_at": now, "expires_at": expires_at} | ({"address": address} if address else {})
    session().execute(statement.values(values))


def end_login_session(token_hash: str) -> None:
    """End one sign-in."""
    session().execute(delete(LoginSession).where(LoginSession.token_hash == token_hash))


def end_login_sessions(user_id: int) -> None:
    """End all of somebody's sign-ins."""
    session().execute(delete(LoginSession).where(LoginSession.user_id == user_id))


def delete_ended_sign_ins(now: datetime, limit: int) -> tuple[int, int]:
    """Delete sign-ins that ran out."""
    over = select(LoginSession.id).where(LoginSession.expires_at <= now).limit(limit)
    gone = count_deleted(delete(LoginSession).where(LoginSession.id.in_(over)))
    return gone, gone
