"""All organisations and all people, for site admins: searched and paged, the newest first."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.db import session
from portal.models import AuditEntry, Authenticator, Connection, Membership, Organisation, User


class State(StrEnum):
    """Which people are listed."""

    DISABLED = "disabled"
    SITE_ADMINS = "site-admins"


def _holds(column: Any, wanted: str) -> ColumnElement[bool]:
    """Whether a column holds a text, whatever its case; SQLite itself knows that of ASCII alone."""
    spelled = {wanted} if wanted.isascii() else {wanted, wanted.lower(), wanted.upper(), wanted.title()}
    return or_(*(column.icontains(each, autoescape=True) for each in sorted(spelled)))


def _organisations(wanted: str) -> Select[Organisation]:
    query = select(Organisation)
    if wanted:
        query = query.where(or_(_holds(Organisation.name, wanted), _holds(Organisation.slug, wanted)))
    return query


def _people(wanted: str, state: State | None) -> Select[User]:
    query = select(User)
    if wanted:
        query = query.where(or_(_holds(User.email, wanted), _holds(User.name, wanted)))
    if state is State.DISABLED:
        query = query.where(User.disabled_at.is_not(None))
    return query.where(User.is_site_admin) if state is State.SITE_ADMINS else query


def count_organisations(wanted: str) -> int:
    """Return how many organisations bear a text in name or address; all for none."""
    return _count(_organisations(wanted))


def organisations_page(wanted: str, limit: int, offset: int) -> Sequence[Organisation]:
    """Return some of them."""
    query = _organisations(wanted).order_by(Organisation.id.desc())
    return session().scalars(query.limit(limit).offset(offset)).all()


def person(user_id: int) -> User | None:
    """Return somebody by their number."""
    return session().get(User, user_id)


def count_people(wanted: str, state: State | None) -> int:
    """Return how many people bear a text in address or name; all for none."""
    return _count(_people(wanted, state))


def people_page(wanted: str, state: State | None, limit: int, offset: int) -> Sequence[User]:
    """Return some of them."""
    query = _people(wanted, state).order_by(User.id.desc())
    return session().scalars(query.limit(limit).offset(offset)).all()


def _count(query: Select[Any]) -> int:
    return session().scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def member_counts(organisation_ids: Collection[int]) -> dict[int, int]:
    """Return how many members each of these organisations has."""
    query = select(Membership.organisation_id, func.count()).group_by(Membership.organisation_id)
    found = session().execute(query.where(Membership.organisation_id.in_(organisation_ids)))
    return {row[0]: row[1] for row in found}


def connections_of(organisation_ids: Collection[int]) -> dict[int, Connection]:
    """Return the connection of each of these organisations that has one."""
    query = select(Connection).where(Connection.organisation_id.in_(organisation_ids))
    return {each.organisation_id: each for each in session().scalars(query)}


class PersonMembership(NamedTuple):
    """Somebody's membership of an organisation; ``all`` counts those they have."""

    name: str
    slug: str
    role: str
    all: int


def first_memberships_of(user_ids: Collection[int], most: int) -> dict[int, list[PersonMembership]]:
    """Return the first few memberships of each of these people, by the organisations' names."""
    mine = Membership.user_id
    number = func.row_number().over(partition_by=mine, order_by=(Organisation.name, Organisation.id))
    ranked = (
        select(
            mine.label("user_id"),
            *(Organisation.name, Organisation.slug, Membership.role),
            func.count().over(partition_by=mine).label("all"),
            number.label("number"),
        )
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(mine.in_(user_ids))
        .subquery()
    )
    columns = (ranked.c.user_id, ranked.c.name, ranked.c.slug, ranked.c.role, ranked.c.all)
    query = select(*columns).where(ranked.c.number <= most).order_by(ranked.c.user_id, ranked.c.number)
    found: dict[int, list[PersonMembership]] = {}
    for user_id, *membership in session().execute(query):
        found.setdefault(user_id, []).append(PersonMembership(*membership))
    return found


def site_admins() -> list[tuple[User, bool]]:
    """Return the site admins by address, and whether each has an authenticator app."""
    query = select(User, Authenticator.user_id.is_not(None)).where(User.is_site_admin).order_by(User.email)
    found = session().execute(query.outerjoin(Authenticator, Authenticator.user_id == User.id))
    return [(user, has_app) for user, has_app in found]


_OF_SITE = AuditEntry.organisation_id.is_(None)


def count_site_entries() -> int:
    """Return how much site admins did that is noted."""
    return session().scalar(select(func.count()).select_from(AuditEntry).where(_OF_SITE)) or 0


def site_entries(limit: int, offset: int) -> Sequence[AuditEntry]:
    """Return some of that, the latest first."""
    query = select(AuditEntry).where(_OF_SITE).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return session().scalars(query.limit(limit).offset(offset)).all()
