"""Held closings as the pages list them: those that wait for a decision, and what was decided."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.extensions import session
from portal.models import HeldClosing, HoldStatus, Job, Source

_DECIDED = HeldClosing.status.in_((HoldStatus.APPROVED, HoldStatus.DISCARDED))


def page_of_pending(connection_id: int, *, limit: int, offset: int = 0) -> Sequence[HeldClosing]:
    """Return some of the holds that wait, with their jobs, by title."""
    query = (
        select(HeldClosing)
        .join(HeldClosing.job)
        .where(_stands(connection_id), HeldClosing.status == HoldStatus.PENDING)
        .options(contains_eager(HeldClosing.job))
        .order_by(Job.title, Job.id)
        .limit(limit)
        .offset(offset)
    )
    return session().scalars(query).all()


def decided_closings(connection_id: int, limit: int) -> Sequence[HeldClosing]:
    """Return what was decided and stands, the latest first, with the jobs and who decided.

    A job that is to close does so with the next sync; one that is to stay open stands here until
    Greenhouse lists it again.
    """
    query = (
        select(HeldClosing)
        .join(HeldClosing.job)
        .where(_stands(connection_id), _DECIDED)
        .options(contains_eager(HeldClosing.job), joinedload(HeldClosing.decided_by))
        .order_by(HeldClosing.decided_at.desc(), Job.title, Job.id)
        .limit(limit)
    )
    return session().scalars(query).all()


def any_standing(connection_id: int) -> bool:
    """Whether any closing is held, or was decided about and stands."""
    return session().scalar(select(HeldClosing.id).where(_stands(connection_id)).limit(1)) is not None


class Pending(NamedTuple):
    """How many holds wait, and the id of the latest of them; 0 and 0 when none does.

    ``kept`` of them are jobs that were kept from an earlier connection, and that the board lists no more;
    ``prospects`` are prospect posts. ``decided`` counts the others that Greenhouse does not list: somebody
    decided about them.
    """

    number: int = 0
    last: int = 0
    kept: int = 0
    prospects: int = 0
    decided: int = 0

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
    waits, is_kept = HeldClosing.status == HoldStatus.PENDING, Job.source == Source.OWN
    is_prospect = ~is_kept & Job.internal_job_id.is_(None)
    query = (
        select(
            func.count().filter(waits),
            func.coalesce(func.max(HeldClosing.id).filter(waits), 0),
            func.count().filter(waits, is_kept),
            func.count().filter(waits, is_prospect),
            func.count().filter(_DECIDED, ~is_kept),
        )
        .join(HeldClosing.job)
        .where(_stands(connection_id))
    )
    return Pending(*session().execute(query).one())


def _stands(connection_id: int) -> ColumnElement[bool]:
    return and_(HeldClosing.connection_id == connection_id, HeldClosing.ended_at.is_(None))
