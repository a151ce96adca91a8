"""Held closings: what waits for a decision, and what was decided."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import contains_eager

from portal.extensions import session
from portal.models import HeldClosing, HoldStatus, Job, SyncRun

_HOLDS: Table = HeldClosing.__table__  # type: ignore[assignment] # declared as FromClause


def standing_holds(connection_id: int) -> Sequence[HeldClosing]:
    """Return the holds that matter still, with their jobs."""
    query = (
        select(HeldClosing)
        .join(HeldClosing.job)
        .where(HeldClosing.connection_id == connection_id, HeldClosing.ended_at.is_(None))
        .options(contains_eager(HeldClosing.job))
        .order_by(Job.title, Job.id)
    )
    return session().scalars(query).all()


def pending_holds(connection_id: int) -> Sequence[HeldClosing]:
    """Return the holds that wait for a decision, by title."""
    return [hold for hold in standing_holds(connection_id) if hold.status == HoldStatus.PENDING]


def count_drops(connection_id: int, moments: Collection[datetime]) -> tuple[int, int]:
    """Return how many closings were held at these moments, and of how many the post came back since."""
    came_back = HeldClosing.ended_at.is_not(None) & (HeldClosing.status != HoldStatus.APPROVED)
    query = select(func.count(), func.count().filter(came_back)).where(
        HeldClosing.connection_id == connection_id, HeldClosing.created_at.in_(moments)
    )
    held, back = session().execute(query).one()
    return held, back


def count_pending(connection_id: int) -> int:
    """Return how many closings wait for a decision."""
    return session().execute(_count_pending(), {"of": connection_id}).scalar_one()


@cache
def _count_pending() -> Select[int]:
    hold = _HOLDS.c
    pending = (hold.status == HoldStatus.PENDING, hold.ended_at.is_(None))
    return select(func.count()).where(hold.connection_id == bindparam("of"), *pending)


def add_holds(run: SyncRun, job_ids: Collection[int], now: datetime) -> None:
    """Hold the closing of these jobs until somebody decides."""
    if not job_ids:
        return
    common = {
        "organisation_id": run.organisation_id,
        "connection_id": run.connection_id,
        "run_id": run.id,
        "status": HoldStatus.PENDING,
        "created_at": now,
    }
    session().execute(insert(HeldClosing), [common | {"job_id": job_id} for job_id in job_ids])


def end_holds(hold_ids: Collection[int], now: datetime) -> None:
    """End holds whose post is listed again or whose job closes; a pending one counts as withdrawn."""
    if not hold_ids:
        return
    ended = update(HeldClosing).where(HeldClosing.id.in_(hold_ids))
    session().execute(ended.values(ended_at=now))
    session().execute(
        ended.where(HeldClosing.status == HoldStatus.PENDING).values(status=HoldStatus.WITHDRAWN)
    )


def end_holds_of(job_id: int, now: datetime) -> None:
    """End what is held of a job that is no more."""
    query = select(HeldClosing.id).where(HeldClosing.job_id == job_id, HeldClosing.ended_at.is_(None))
    end_holds(session().scalars(query).all(), now)


def decide(
    connection_id: int,
    status: HoldStatus,
    user_id: int | None,
    now: datetime,
    job_ids: Collection[int] = (),
    *,
    again: bool = False,
) -> int:
    """Approve or discard what is pending (of these jobs, or all); return how many.

    ``again``: what was decided the other way, and has not come about yet, instead.
    """
    other = HoldStatus.DISCARDED if status == HoldStatus.APPROVED else HoldStatus.APPROVED
    statement = (
        update(HeldClosing)
        .where(
            HeldClosing.connection_id == connection_id,
            HeldClosing.status == (other if again else HoldStatus.PENDING),
            HeldClosing.ended_at.is_(None),
        )
        .values(status=status, decided_by_id=user_id, decided_at=now)
        .returning(HeldClosing.id)
        .execution_options(synchronize_session=False)
    )
    if job_ids:
        statement = statement.where(HeldClosing.job_id.in_(job_ids))
    return len(session().scalars(statement).all())
