"""Held closings that wait for a decision, as the pages list them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager

from portal.extensions import session
from portal.models import HeldClosing, HoldStatus, Job


def page_of_pending(connection_id: int, *, limit: int, offset: int = 0) -> Sequence[HeldClosing]:
    """Return some of the holds that wait, with their jobs, by title."""
    query = (
        select(HeldClosing)
        .join(HeldClosing.job)
        .where(_pending(connection_id))
        .options(contains_eager(HeldClosing.job))
        .order_by(Job.title, Job.id)
        .limit(limit)
        .offset(offset)
    )
    return session().scalars(query).all()


def last_pending(connection_id: int) -> tuple[int, int]:
    """Return how many holds wait, and the id of the latest of them; 0 and 0 when none does."""
    query = select(func.count(), func.coalesce(func.max(HeldClosing.id), 0)).where(_pending(connection_id))
    number, last = session().execute(query).one()
    return number, last


def _pending(connection_id: int) -> ColumnElement[bool]:
    return and_(
        HeldClosing.connection_id == connection_id,
        HeldClosing.status == HoldStatus.PENDING,
        HeldClosing.ended_at.is_(None),
    )
