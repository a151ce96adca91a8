"""Short ways to jobs: saved views, the best matches of a search, and what was changed last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, case, delete, func, literal, select, update

from portal.db import session
from portal.domain.texts import search_terms
from portal.models import Job, SavedView
from portal.store.job_lists import JobFilter, contains, matches
from portal.store.jobs import not_gone

_BY_NAME = select(SavedView).order_by(func.lower(SavedView.name), SavedView.id)


@dataclass(frozen=True, slots=True)
class RemovedView:
    """What a view was, of which nothing is stored any more."""

    name: str
    query: str
    columns: dict[str, Any] | None


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
    row = session().execute(statement.returning(SavedView.name, SavedView.query, SavedView.columns)).first()
    return RemovedView(*row) if row else None


BEGINS: Final = 0
NAMED: Final = 1
ELSEWHERE: Final = 2
"""Where the words stand: at the beginning of the title, in it or the requisition, or in another field."""


class Matches(NamedTuple):
    """The first jobs that a search finds, how many it finds in all, and where the best bears the words."""

    job_ids: list[int]
    total: int
    best: int


def best_matches(organisation_id: int, q: str, limit: int) -> Matches:
    """Return what the list's search finds, best first, the last changed first among equals."""
    terms = search_terms(q)
    named = and_(*(contains(Job.search_source, term) for term in terms))
    begins = func.substr(Job.search_source, 1, len(terms[0])) == terms[0] if terms else literal(False)
    where: Any = case((and_(named, begins), BEGINS), (named, NAMED), else_=ELSEWHERE)
    query = select(Job.id, where, func.count().over()).where(
        not_gone(organisation_id), *matches(JobFilter(q))
    )
    rows = session().execute(query.order_by(where, Job.changed_at.desc(), Job.id.desc()).limit(limit)).all()
    return Matches([row[0] for row in rows], rows[0][2], rows[0][1]) if rows else Matches([], 0, ELSEWHERE)


def last_changed(organisation_id: int, limit: int) -> list[int]:
    """Return the jobs that were changed last."""
    query = select(Job.id).where(not_gone(organisation_id)).order_by(Job.changed_at.desc(), Job.id.desc())
    return list(session().scalars(query.limit(limit)))
