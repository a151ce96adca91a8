"""Sync runs: queued, claimed, held by a lease, finished. Every step is one conditional update."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Select, Update, exists, insert, literal_column, select, tuple_, update
from sqlalchemy.orm import aliased

from portal.domain.retention import forget_at
from portal.domain.run_states import UNFINISHED, RunStatus, Trigger, may_become
from portal.domain.spacing import earliest_start
from portal.extensions import session
from portal.models import Connection, SyncRun

# A planner that is shown a parameter cannot tell that the index of queued runs will do.
_QUEUED = SyncRun.status == literal_column(f"'{RunStatus.QUEUED}'")


def run_by_id(run_id: int) -> SyncRun | None:
    """Return one run."""
    return session().get(SyncRun, run_id)


def queued_run(connection_id: int) -> SyncRun | None:
    """Return the run that waits for the connection."""
    return session().scalar(_of(connection_id).where(_QUEUED))


def unfinished_run(connection_id: int) -> SyncRun | None:
    """Return the connection's running run, else the queued one."""
    query = _of(connection_id).where(SyncRun.finished_at.is_(None)).order_by(SyncRun.status.desc())
    return session().scalars(query).first()


def organisations_syncing(organisation_ids: Collection[int]) -> list[int]:
    """Return those of the organisations that have a run which waits or runs."""
    query = select(SyncRun.organisation_id).where(
        SyncRun.organisation_id.in_(organisation_ids), SyncRun.finished_at.is_(None)
    )
    return list(session().scalars(query.distinct()))


def last_finished_run(connection_id: int) -> SyncRun | None:
    """Return the run that ended last; a preview that succeeded brought nothing and does not count."""
    told = (SyncRun.trigger != Trigger.PREVIEW) | (SyncRun.status != RunStatus.SUCCEEDED)
    query = _of(connection_id).where(SyncRun.finished_at.is_not(None), told)
    query = query.order_by(SyncRun.id.desc()).limit(1)
    return session().scalars(query).first()


def last_succeeded_run(connection_id: int) -> int | None:
    """Return the id of the latest sync that succeeded: it tells what the last answer held."""
    query = select(SyncRun.id).where(
        SyncRun.connection_id == connection_id,
        SyncRun.status == RunStatus.SUCCEEDED,
        SyncRun.trigger != Trigger.PREVIEW,
    )
    return session().scalar(query.order_by(SyncRun.id.desc()).limit(1))


def _of(connection_id: int) -> Select[SyncRun]:
    return select(SyncRun).where(SyncRun.connection_id == connection_id)


def queue_run(connection: Connection, trigger: Trigger, user_id: int | None, now: datetime) -> SyncRun:
    """Add a queued run, at its distance from the connection's last start.

    The caller holds the organisation's lock and has seen that none is queued.
    """
    run = SyncRun(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        board_token=connection.board_token,
        trigger=trigger,
        started_by_id=user_id,
        status=RunStatus.QUEUED,
        queued_at=now,
        not_before=earliest_start(trigger, now, connection.last_started_at),
    )
    session().add(run)
    session().flush()
    return run


def join(run: SyncRun, trigger: Trigger, user_id: int | None) -> None:
    """Let a queued run do what all who wait for it asked: a preview that a sync joins becomes one."""
    if run.trigger == Trigger.PREVIEW and trigger != Trigger.PREVIEW:
        run.trigger, run.started_by_id = trigger, user_id


def queue_scheduled(connections: Sequence[Connection], now: datetime) -> None:
    """Add a queued run for each connection that has none; the caller holds their organisations' locks.

    A preview that waits becomes the sync: it would leave the connection as it is.
    """
    ids = [connection.id for connection in connections]
    query = select(SyncRun.connection_id, SyncRun.trigger).where(SyncRun.connection_id.in_(ids), _QUEUED)
    queued = {row.connection_id: row.trigger for row in session().execute(query)}
    _make_scheduled([each for each, trigger in queued.items() if trigger == Trigger.PREVIEW and each])
    rows = [
        {
            "organisation_id": connection.organisation_id,
            "connection_id": connection.id,
            "board_token": connection.board_token,
            "trigger": Trigger.SCHEDULE,
            "status": RunStatus.QUEUED,
            "queued_at": now,
            "not_before": earliest_start(Trigger.SCHEDULE, now, connection.last_started_at),
        }
        for connection in connections
        if connection.id not in queued
    ]
    if rows:
        session().execute(insert(SyncRun), rows)


def _make_scheduled(connection_ids: Sequence[int]) -> None:
    if not connection_ids:
        return
    statement = update(SyncRun).where(SyncRun.connection_id.in_(connection_ids), _QUEUED)
    become = statement.values(trigger=Trigger.SCHEDULE, started_by_id=None)
    session().execute(become.execution_options(synchronize_session=False))


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


def return_early(run_id: int, generation: int, now: datetime) -> bool:
    """Note that a queued run that must still wait is in no queue any more; whether there was one."""
    these = (SyncRun.id == run_id, SyncRun.generation == generation, _QUEUED, SyncRun.not_before > now)
    statement = update(SyncRun).where(*these).values(enqueued_at=None)
    return _affects_one(statement.execution_options(synchronize_session=False))


def next_start(now: datetime) -> datetime | None:
    """Return when the next of the queued runs that must wait may start."""
    query = select(SyncRun.not_before).where(_QUEUED, SyncRun.not_before > now)
    return session().scalar(query.order_by(SyncRun.not_before).limit(1))


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


def waiting_for_enqueueing(now: datetime, again_after: timedelta, limit: int = 1000) -> list[tuple[int, int]]:
    """Return id and generation of queued runs that may start and are in no queue, or long were not taken."""
    query = select(SyncRun.id, SyncRun.generation).where(
        _QUEUED,
        SyncRun.not_before.is_(None) | (SyncRun.not_before <= now),
        SyncRun.enqueued_at.is_(None) | (SyncRun.enqueued_at < now - again_after),
    )
    return [(run_id, generation) for run_id, generation in session().execute(query.limit(limit))]


def note_enqueued(runs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Remember that these runs were handed to the queue, each in its generation."""
    these = tuple_(SyncRun.id, SyncRun.generation).in_(runs)
    statement = update(SyncRun).where(these, _QUEUED).values(enqueued_at=now)
    session().execute(statement.execution_options(synchronize_session=False))


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
