"""Saved views of Manage jobs: lists that an organisation keeps under names."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from portal.db import session
from portal.models import SavedView

_BY_NAME = select(SavedView).order_by(func.lower(SavedView.name), SavedView.id)


@dataclass(frozen=True, slots=True)
class RemovedView:
    """What a view was, of which nothing is stored any more."""

    name: str
    query: str


def saved_views(organisation_id: int) -> Sequence[SavedView]:
    """Return the organisation's views, by name."""
    return session().scalars(_BY_NAME.where(SavedView.organisation_id == organisation_id)).all()


def count_views_kept(organisation_id: int) -> int:
    """Return how many views the organisation keeps."""
    query = select(func.count()).where(SavedView.organisation_id == organisation_id)
    return session().scalar(query) or 0


def view_named(organisation_id: int, name: str) -> SavedView | None:
    """Return the organisation's view of that name."""
    query = select(SavedView).where(SavedView.organisation_id == organisation_id, SavedView.name == name)
    return session().scalar(query)


def rename(organisation_id: int, view_id: int, name: str) -> bool:
    """Give a view another name; ``False`` when there is no such view."""
    statement = update(SavedView).where(SavedView.organisation_id == organisation_id, SavedView.id == view_id)
    return session().execute(statement.values(name=name).returning(SavedView.id)).first() is not None


def remove(organisation_id: int, view_id: int) -> RemovedView | None:
    """Delete a view and return what it was; ``None`` when there is no such view."""
    statement = delete(SavedView).where(SavedView.organisation_id == organisation_id, SavedView.id == view_id)
    row = session().execute(statement.returning(SavedView.name, SavedView.query)).first()
    return RemovedView(*row) if row else None
