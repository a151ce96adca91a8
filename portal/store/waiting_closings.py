"""Held closings that wait for a decision, as the pages list them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager

from portal.extensions import session
from portal.models import HeldClosing, HoldStatus, Job, Source


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


class Pending(NamedTuple):
    """How many holds wait, and the id of the latest of them; 0 and 0 when none does.

    ``kept`` of them are jobs that were kept from an earlier connection, and that the board lists no more.
    """

    number: int
    last: int
    kept: int

    @property
    def mark(self) -> tuple[int, int]:
        """What tells this state of the list from another."""
        return self.number, self.last

    @property
    def dropped(self) -> int:
        """How many are jobs that Greenhouse listed until now."""
        return self.number - self.kept


def pending_closings(connection_id: int) -> Pending:
    """Return what waits for a decision."""
    is_kept = Job.source == Source.OWN
    query = (
        select(func.count(), func.coalesce(func.max(HeldClosing.id), 0), func.count().filter(is_kept))
        .join(HeldClosing.job)
        .where(_pending(connection_id))
    )
    return Pending(*session().execute(query).one())


def _pending(connection_id: int) -> ColumnElement[bool]:
    return and_(
        HeldClosing.connection_id == connection_id,
        HeldClosing.status == HoldStatus.PENDING,
        HeldClosing.ended_at.is_(None),
    )
