"""A sync run's steps: claimed, held by a lease, finished, put back. Each is one conditional update."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Update, exists, select, update
from sqlalchemy.orm import aliased

from portal.domain.retention import forget_at
from portal.domain.run_states import UNFINISHED, RunStatus, may_become
from portal.extensions import session
from portal.models import Connection, SyncRun


def claim(
    run_id: int, generation: int, now: datetime, lease: timedelta, held_by: str | None = None
) -> SyncRun | None:
    """Take a queued run for this worker, or return ``None``: it is taken, over, too early, or must wait.

    The generation grows by one, so of two workers holding the same message one gets the run. ``held_by``
    names the process that takes it.
    """
    other = aliased(SyncRun)
    running = exists().where(other.connection_id == SyncRun.connection_id, other.status == RunStatus.RUNNING)
    statement = (
        _transition(run_id, generation, RunStatus.QUEUED, RunStatus.RUNNING)
        .where(SyncRun.not_before.is_(None) | (SyncRun.not_before <= now), ~running)
        .values(
            generation=generation + 1,
            attempt=SyncRun.attempt + 1,
            started_at=now,
            lease_until=now + lease,
            held_by=held_by,
            not_before=None,
        )
    )
    if not _affects_one(statement):
        return None
    run = _fresh(run_id)
    start = update(Connection).where(Connection.id == run.connection_id).values(last_started_at=now)
    session().execute(start.execution_options(synchronize_session=False))
    return run


def renew_lease(run: SyncRun, now: datetime, lease: timedelta) -> bool:
    """Hold on to a running run; ``False`` says that it belongs to somebody else by now."""
    statement = _held(run, now).values(lease_until=now + lease)
    return _affects_one(statement)


def finish(
    run: SyncRun, status: RunStatus, now: datetime, as_before: Collection[str] = (), **values: object
) -> bool:
    """End a run that this worker still holds; ``False`` (and nothing written) when it does not.

    Values that are ``as_before`` were so already, so that they are no reason to keep the run.
    """
    assert_allowed(RunStatus.RUNNING, status)
    news = {name: value for name, value in values.items() if name not in as_before}
    statement = _held(run, now).values(
        status=status,
        finished_at=now,
        forget_at=forget_at(now, status, run.trigger, news),
        lease_until=None,
        **values,
    )
    return _affects_one(statement)


def put_back(run: SyncRun, now: datetime, not_before: datetime | None, error: str | None) -> bool:
    """Queue a run again that this worker holds, for a later attempt."""
    statement = _held(run, now).values(
        status=RunStatus.QUEUED, not_before=not_before, lease_until=None, enqueued_at=None, error=error
    )
    return _affects_one(statement)


def cancel_all(
    connection_id: int, now: datetime, reason: str, statuses: Collection[RunStatus] = UNFINISHED
) -> None:
    """Cancel whatever waits or runs for a connection and say why; its workers' leases end with it."""
    statement = (
        update(SyncRun)
        .where(SyncRun.connection_id == connection_id, SyncRun.status.in_(statuses))
        .values(
            status=RunStatus.CANCELLED,
            finished_at=now,
            forget_at=forget_at(now, RunStatus.CANCELLED, "", {}),
            lease_until=None,
            error=reason,
        )
    )
    session().execute(statement.execution_options(synchronize_session=False))


def lapsed(now: datetime) -> list[SyncRun]:
    """Return running runs whose worker has let the lease run out."""
    query = select(SyncRun).where(
        SyncRun.finished_at.is_(None), SyncRun.status == RunStatus.RUNNING, SyncRun.lease_until < now
    )
    return list(session().scalars(query))


def take_back(run: SyncRun, now: datetime, status: RunStatus, **values: object) -> bool:
    """Move a lapsed run on; the generation grows, so that its late worker commits nothing."""
    if status == RunStatus.FAILED:
        values |= {"finished_at": now, "forget_at": forget_at(now, status, run.trigger, values)}
    statement = (
        _transition(run.id, run.generation, RunStatus.RUNNING, status)
        .where(SyncRun.lease_until < now)
        .values(generation=run.generation + 1, lease_until=None, enqueued_at=None, **values)
    )
    return _affects_one(statement)


def assert_allowed(status: RunStatus, following: RunStatus) -> None:
    """Refuse a step that the table of transitions does not know."""
    if not may_become(status, following):
        raise ValueError(f"A run cannot go from {status} to {following}.")


def _transition(run_id: int, generation: int, status: RunStatus, following: RunStatus) -> Update:
    assert_allowed(status, following)
    return (
        update(SyncRun)
        .where(SyncRun.id == run_id, SyncRun.status == status, SyncRun.generation == generation)
        .values(status=following)
        .execution_options(synchronize_session=False)
    )


def _held(run: SyncRun, now: datetime) -> Update:
    return (
        update(SyncRun)
        .where(
            SyncRun.id == run.id,
            SyncRun.generation == run.generation,
            SyncRun.status == RunStatus.RUNNING,
            SyncRun.lease_until >= now,
        )
        .execution_options(synchronize_session=False)
    )


def _affects_one(statement: Update) -> bool:
    result = session().execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def _fresh(run_id: int) -> SyncRun:
    return session().get_one(SyncRun, run_id, populate_existing=True)
