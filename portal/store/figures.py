"""Sums over all organisations, for those who run the portal."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.domain.run_states import RunStatus
from portal.extensions import session
from portal.models import Connection, SyncRun
from portal.store.run_queue import IS_QUEUED, may_start

LATELY = timedelta(hours=1)


def runs_by_status(now: datetime) -> dict[RunStatus, int]:
    """Return how many runs of the last hour, and unfinished ones of any age, stand in each state."""
    recent = SyncRun.finished_at.between(now - LATELY, now + LATELY) | SyncRun.finished_at.is_(None)
    query = select(SyncRun.status, func.count()).where(recent).group_by(SyncRun.status)
    counted: dict[str, int] = {row[0]: row[1] for row in session().execute(query)}
    return {status: counted.get(status, 0) for status in RunStatus}


def connections() -> tuple[int, int]:
    """Return how many connections there are, and how many of them are failing."""
    query = select(func.count(), func.count(Connection.failing_since)).select_from(Connection)
    total, failing = session().execute(query).one()
    return total, failing


def seconds_since(moment: datetime | None, now: datetime) -> float:
    """Return how long ago a moment was; 0 where there is none, or where it lies ahead."""
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def oldest_queued_seconds(now: datetime) -> float:
    """Return for how long the oldest queued run that may start has waited; 0 when none waits."""
    query = select(func.min(SyncRun.queued_at)).where(IS_QUEUED, may_start(now))
    return seconds_since(session().scalar(query), now)
