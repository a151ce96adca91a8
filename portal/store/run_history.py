"""The history of an organisation's sync runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from portal.domain.run_states import RunStatus, Trigger
from portal.extensions import session
from portal.models import SyncRun


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
