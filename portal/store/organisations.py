"""Organisations, and the revision that counts what their admins can see."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from portal.extensions import session
from portal.models import Organisation

_ORGANISATIONS: Table = Organisation.__table__  # type: ignore[assignment] # declared as FromClause


def organisation_by_slug(slug: str) -> Organisation | None:
    """Return the organisation whose address is ``slug``."""
    return session().scalar(select(Organisation).where(Organisation.slug == slug))


def lock_if_free(organisation_id: int) -> bool:
    """Lock the organisation in a write transaction, unless somebody else holds it at the moment."""
    query = select(Organisation.id).where(Organisation.id == organisation_id)
    return session().scalar(query.with_for_update(skip_locked=True)) is not None


def next_revision(organisation_id: int) -> int:
    """Raise and return the organisation's revision.

    Call it first in a write transaction: the row stays locked until the commit, so revisions become
    visible in their order and the organisation's writers take turns.
    """
    return session().execute(_next_revision(), {"of": organisation_id}).scalar_one()


@cache
def _next_revision() -> ReturningUpdate[int]:
    columns = _ORGANISATIONS.c
    statement = update(_ORGANISATIONS).where(columns.id == bindparam("of"))
    return statement.values(revision=columns.revision + 1).returning(columns.revision)


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
