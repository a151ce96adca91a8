"""Organisations, and the revision that counts what their admins can see."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Select, Table, bindparam, case, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from portal.extensions import session
from portal.models import Organisation

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
    current = session()
    if current.get_bind().dialect.name == "sqlite":
        return True
    return current.execute(_lock(wait), {"of": organisation_id}).first() is not None or wait


@cache
def _lock(wait: bool) -> Select[int]:
    query = select(_ORGANISATIONS.c.id).where(_ORGANISATIONS.c.id == bindparam("of"))
    return query.with_for_update(skip_locked=not wait, key_share=True)


def next_revision(organisation_id: int) -> int:
    """Raise and return the organisation's revision.

    The row stays locked until the commit, so that revisions become visible in their order. Lock the
    organisation before any other row. (A large sync prepares much before: ``reserve_revision``.)
    """
    return session().execute(_next_revision(), {"of": organisation_id}).scalar_one()


@cache
def _next_revision() -> ReturningUpdate[int]:
    columns = _ORGANISATIONS.c
    statement = update(_ORGANISATIONS).where(columns.id == bindparam("of"))
    return statement.values(revision=columns.revision + 1).returning(columns.revision)


def reserve_revision(organisation_id: int) -> int:
    """Return a revision for rows that are stamped before the organisation is locked, by ``claim_revision``.

    Why that is safe: a page that stands at revision R asks for rows with a later one, and R is what some
    commit left in the organisation. Rows stamped S become visible in the commit that leaves S there, or in
    none; so they are missed only by a page that stood at S or later before that commit. Revisions grow by
    one from commit to commit, and S is far ahead of the present one; ``claim_revision``, which takes turns
    with everybody else, says so when they came as far as S all the same, and then the rows are stamped
    again with the revision that it returned.
    """
    return revisions([organisation_id]).get(organisation_id, 0) + RESERVED_AHEAD


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
