"""Sync runs, read: one, the one that waits or runs for a connection, the last that ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, exists, func, select, update
from sqlalchemy.orm import aliased, joinedload

from portal.db import count_deleted, session
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, SyncRun
from portal.store.run_steps import IS_QUEUED, may_start


def run_by_id(run_id: int) -> SyncRun | None:
    """Return one run."""
    return session().get(SyncRun, run_id)


def queued_run(connection_id: int) -> SyncRun | None:
    """Return the run that waits for the connection."""
    return session().scalar(_of(connection_id).where(IS_QUEUED))


def unfinished_run(connection_id: int) -> SyncRun | None:
    """Return the connection's running run, else the queued one."""
    return session().scalars(_unfinished(), {"connection_id": connection_id}).first()


@cache  # this and the next are asked with every list of jobs
def _unfinished() -> Select[SyncRun]:
    query = _of(bindparam("connection_id")).where(SyncRun.finished_at.is_(None))
    return query.order_by(SyncRun.status.desc())


def last_finished_run(connection_id: int) -> SyncRun | None:
    """Return the run that ended last; a preview that succeeded brought nothing and does not count."""
    return session().scalars(_last_finished(), {"connection_id": connection_id}).first()


@cache
def _last_finished() -> Select[SyncRun]:
    told = (SyncRun.trigger != Trigger.PREVIEW) | (SyncRun.status != RunStatus.SUCCEEDED)
    query = _of(bindparam("connection_id")).where(SyncRun.finished_at.is_not(None), told)
    return query.order_by(SyncRun.id.desc()).limit(1)


def last_succeeded_run(connection_id: int) -> int | None:
    """Return the id of the latest sync that succeeded: it tells what the last answer held."""
    query = select(SyncRun.id).where(
        SyncRun.connection_id == connection_id,
        SyncRun.status == RunStatus.SUCCEEDED,
        SyncRun.trigger != Trigger.PREVIEW,
    )
    return session().scalar(query.order_by(SyncRun.id.desc()).limit(1))


def organisations_syncing(organisation_ids: Collection[int]) -> list[int]:
    """Return those of the organisations that have a run which waits or runs."""
    query = select(SyncRun.organisation_id).where(
        SyncRun.organisation_id.in_(organisation_ids), SyncRun.finished_at.is_(None)
    )
    return list(session().scalars(query.distinct()))


def _of(connection_id: int | ColumnElement[int]) -> Select[SyncRun]:
    return select(SyncRun).where(SyncRun.connection_id == connection_id)


def count_runs(organisation_id: int) -> int:
    """Return how many runs the organisation's history holds."""
    return session().scalar(select(func.count()).where(SyncRun.organisation_id == organisation_id)) or 0


def runs_of(organisation_id: int, *, limit: int, offset: int = 0) -> Sequence[SyncRun]:
    """Return runs with who started them, the latest first."""
    query = (
        select(SyncRun)
        .where(SyncRun.organisation_id == organisation_id)
        .options(joinedload(SyncRun.started_by))
        .order_by(SyncRun.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return session().scalars(query).all()


def run_of(organisation_id: int, run_id: int) -> SyncRun | None:
    """Return one run of the organisation."""
    query = (
        select(SyncRun)
        .where(SyncRun.organisation_id == organisation_id, SyncRun.id == run_id)
        .options(joinedload(SyncRun.started_by))
    )
    return session().scalar(query)


@dataclass(frozen=True, slots=True)
class Day:
    """What syncs brought on one day. ``open_jobs`` is how many were open at its end, where it is known."""

    day: date
    open_jobs: int | None
    created: int
    updated: int
    reopened: int
    closed: int

    @property
    def changes(self) -> int:
        """How many jobs changed."""
        return self.created + self.updated + self.reopened + self.closed


def days_of(organisation_id: int, days: Sequence[date], zone: tzinfo) -> list[Day]:
    """Return what was brought on each of these days in a row, counted in their own time zone.

    Two statements, however many runs there were. A day without a run ends as the one before it.
    """
    begins = [datetime.combine(day, time.min, zone) for day in days]
    ends = begins[-1] + timedelta(days=1)
    applied = (
        SyncRun.organisation_id == organisation_id,
        SyncRun.status == RunStatus.SUCCEEDED,
        SyncRun.trigger != Trigger.PREVIEW,
        SyncRun.finished_at < ends,
    )
    # one CASE a day: the engines tell days apart in different words, and in no zone but their own
    place = case(
        *((SyncRun.finished_at >= begins[n], n) for n in reversed(range(len(begins)))), else_=-1
    ).label("place")
    counted = (SyncRun.created, SyncRun.updated, SyncRun.reopened, SyncRun.closed)
    last = func.max(SyncRun.id).filter(SyncRun.open_jobs.is_not(None))
    query = select(place, last, *map(func.sum, counted)).where(*applied).group_by("place")
    sums = {row[0]: tuple(row[1:]) for row in session().execute(query)}
    ids = [row[0] for row in sums.values() if row[0] is not None]
    open_jobs = _open_jobs_of(ids)
    found, known = [], open_jobs.get(sums[-1][0]) if -1 in sums else None
    for number, day in enumerate(days):
        last_id, *totals = sums.get(number, (None, 0, 0, 0, 0))
        known = open_jobs.get(last_id, known)
        found.append(Day(day, known, *totals))
    return found


def _open_jobs_of(run_ids: Sequence[int]) -> dict[int, int | None]:
    query = select(SyncRun.id, SyncRun.open_jobs).where(SyncRun.id.in_(run_ids))
    return {row[0]: row[1] for row in session().execute(query)}


def last_applied_run(connection_id: int) -> SyncRun | None:
    """Return the latest run that read Greenhouse and applied what it found."""
    query = (
        select(SyncRun)
        .where(
            SyncRun.connection_id == connection_id,
            SyncRun.status == RunStatus.SUCCEEDED,
            SyncRun.trigger != Trigger.PREVIEW,
            SyncRun.open_jobs.is_not(None),
        )
        .order_by(SyncRun.id.desc())
        .limit(1)
    )
    return session().scalar(query)


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


def delete_old_runs(now: datetime, stays_until: datetime, limit: int) -> tuple[int, int]:
    """Delete runs whose time is up.

    Until then at least stay a connection's newest ended one, and the newest that counted its open jobs.
    """
    newer, counted = aliased(SyncRun), aliased(SyncRun)
    has_newer = exists().where(
        newer.connection_id == SyncRun.connection_id, newer.id > SyncRun.id, newer.finished_at.is_not(None)
    )
    is_counted = exists().where(
        counted.connection_id == SyncRun.connection_id,
        counted.id > SyncRun.id,
        counted.open_jobs.is_not(None),
    )
    is_over = has_newer & (SyncRun.open_jobs.is_(None) | is_counted)
    query = (
        select(SyncRun.id, SyncRun.connection_id.is_(None) | is_over)
        .where(SyncRun.forget_at <= now)
        .order_by(SyncRun.forget_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session().execute(query).all()
    last = [run_id for run_id, over in found if not over]
    if last:
        stay = update(SyncRun).where(SyncRun.id.in_(last)).values(forget_at=stays_until)
        session().execute(stay.execution_options(synchronize_session=False))
    gone = [run_id for run_id, over in found if over]
    return len(found), count_deleted(delete(SyncRun).where(SyncRun.id.in_(gone))) if gone else 0
