"""The steps of a sync run, each one conditional update: queue, claim, renew, finish, put back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Table,
    Update,
    and_,
    bindparam,
    exists,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from portal.db import session
from portal.domain.sync.runs import (
    LONGEST_LEASE,
    LONGEST_PAUSE,
    UNFINISHED,
    RunStatus,
    Trigger,
    WaitingRun,
    earliest_start,
    forget_at,
    may_become,
)
from portal.models import Connection, SyncRun
from portal.models.base import has_passed
from portal.store.connections import note_started, slow_among

# A planner that is shown a parameter cannot tell that the index of queued runs will do.
IS_QUEUED = SyncRun.status == literal_column(f"'{RunStatus.QUEUED}'")


def may_start(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a queued run must wait for nothing any more."""
    return SyncRun.not_before.is_(None) | has_passed(SyncRun.not_before, now, LONGEST_PAUSE)


def queue_run(
    connection: Connection,
    trigger: Trigger,
    user_id: int | None,
    now: datetime,
    token_name: str | None = None,
) -> SyncRun:
    """Add a queued run, at its distance from the connection's last start.

    The caller holds the organisation's lock and has seen that none is queued.
    """
    run = SyncRun(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        board_token=connection.board_token,
        trigger=trigger,
        started_by_id=user_id,
        token_name=token_name,
        status=RunStatus.QUEUED,
        queued_at=now,
        not_before=earliest_start(trigger, now, connection.last_started_at),
    )
    session().add(run)
    session().flush()
    return run


def join(run: SyncRun, trigger: str, user_id: int | None, token_name: str | None) -> None:
    """Let a queued run do what all who wait for it asked: a preview that a sync joins becomes one."""
    if run.trigger == Trigger.PREVIEW and trigger != Trigger.PREVIEW:
        run.trigger, run.started_by_id, run.token_name = trigger, user_id, token_name


def queue_scheduled(connections: Sequence[Connection], now: datetime) -> None:
    """Add a queued run for each connection that has none; the caller holds their organisations' locks.

    A preview that waits becomes the sync: it would leave the connection as it is.
    """
    ids = [connection.id for connection in connections]
    query = select(SyncRun.connection_id, SyncRun.trigger).where(SyncRun.connection_id.in_(ids), IS_QUEUED)
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
    statement = update(SyncRun).where(SyncRun.connection_id.in_(connection_ids), IS_QUEUED)
    become = statement.values(trigger=Trigger.SCHEDULE, started_by_id=None, token_name=None)
    session().execute(become.execution_options(synchronize_session=False))


def return_early(run_id: int, generation: int, now: datetime) -> bool:
    """Note that a queued run that must still wait is in no queue any more; whether there was one."""
    these = (SyncRun.id == run_id, SyncRun.generation == generation, IS_QUEUED, ~may_start(now))
    statement = update(SyncRun).where(*these).values(enqueued_at=None)
    result = session().execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def any_to_enqueue(now: datetime, again_after: timedelta) -> bool:
    """Whether a queued run may start and is in no queue, or was enqueued long ago and not taken."""
    return session().scalar(select(SyncRun.id).where(*_to_enqueue(now, again_after)).limit(1)) is not None


def claim_for_enqueueing(now: datetime, again_after: timedelta, limit: int = 1000) -> list[WaitingRun]:
    """Note these runs as enqueued, and return them: of several who ask at once, each run goes to one."""
    these = _to_enqueue(now, again_after)
    chosen = select(SyncRun.id).where(*these).limit(limit).with_for_update(skip_locked=True)
    statement = update(SyncRun).where(SyncRun.id.in_(chosen), *these).values(enqueued_at=now)
    claimed = statement.returning(SyncRun.id, SyncRun.generation, SyncRun.connection_id)
    rows = session().execute(claimed.execution_options(synchronize_session=False)).all()
    slow = slow_among([row.connection_id for row in rows])
    return [WaitingRun(row.id, row.generation, row.connection_id in slow) for row in rows]


def _to_enqueue(now: datetime, again_after: timedelta) -> tuple[ColumnElement[bool], ...]:
    not_taken = has_passed(SyncRun.enqueued_at, now - again_after, 2 * again_after)
    return IS_QUEUED, may_start(now), SyncRun.enqueued_at.is_(None) | not_taken


def note_enqueued(runs: Sequence[WaitingRun], at: datetime | None) -> None:
    """Remember when these runs were enqueued, each in its generation; ``None``: they were not, after all."""
    these = tuple_(SyncRun.id, SyncRun.generation).in_([(run.run_id, run.generation) for run in runs])
    statement = update(SyncRun).where(these, IS_QUEUED).values(enqueued_at=at)
    session().execute(statement.execution_options(synchronize_session=False))


_RUNS: Table = SyncRun.__table__  # type: ignore[assignment] # declared as FromClause


def claim(run_id: int, generation: int, now: datetime, lease: timedelta) -> SyncRun | None:
    """Take a queued run for this worker, or return ``None``: it is taken, over, too early, or must wait.

    The generation grows by one, so of two workers holding the same message one gets the run.
    """
    assert_allowed(RunStatus.QUEUED, RunStatus.RUNNING)
    values = {
        "status": RunStatus.RUNNING,
        "generation": generation + 1,
        "started_at": now,
        "lease_until": now + lease,
        "not_before": None,
    }
    these = {"of_run": run_id, "in_generation": generation, "at": now, "latest": now + LONGEST_PAUSE}
    given = these | values
    run: SyncRun | None = session().scalar(_claim(), given, execution_options={"populate_existing": True})
    if run is not None and run.connection_id is not None:
        note_started(run.connection_id, now)
    return run


@cache
def _claim() -> ExecutableReturnsRows:
    """Take the run unless it must wait, or another of its connection runs, and return it as it is then."""
    other, run = _RUNS.alias(), _RUNS.c
    running = exists().where(other.c.connection_id == run.connection_id, other.c.status == RunStatus.RUNNING)
    waits = and_(run.not_before > bindparam("at"), run.not_before <= bindparam("latest"))
    may_start = and_(run.not_before.is_(None) | ~waits, ~running)
    taken = _in_generation(RunStatus.QUEUED).where(may_start).values(attempt=run.attempt + 1)
    return select(SyncRun).from_statement(taken.returning(*run))


def renew_lease(run: SyncRun, now: datetime, lease: timedelta) -> bool:
    """Hold on to a running run; ``False`` says that it belongs to somebody else by now."""
    return _change_held(run, now, {"lease_until": now + lease})


def finish(
    run: SyncRun, status: RunStatus, now: datetime, as_before: Collection[str] = (), **values: object
) -> bool:
    """End a run that this worker still holds; ``False`` (and nothing written) when it does not.

    Values that are ``as_before`` were so already, so that they are no reason to keep the run.
    """
    assert_allowed(RunStatus.RUNNING, status)
    news = {name: value for name, value in values.items() if name not in as_before}
    end = {
        "status": status,
        "finished_at": now,
        "forget_at": forget_at(now, status, run.trigger, news),
        "lease_until": None,
    }
    return _change_held(run, now, end | values)


def put_back(run: SyncRun, now: datetime, not_before: datetime | None, error: str | None) -> bool:
    """Queue a run again that this worker holds, for a later attempt."""
    again = {"status": RunStatus.QUEUED, "not_before": not_before, "error": error}
    return _change_held(run, now, again | {"lease_until": None, "enqueued_at": None})


def cancel_all(
    connection_id: int, now: datetime, reason: str, statuses: Collection[RunStatus] = UNFINISHED
) -> int:
    """Cancel whatever waits or runs for a connection and say why; return how many runs that were.

    Their workers' leases end with them.
    """
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
    result = session().execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def lapsed(now: datetime) -> list[SyncRun]:
    """Return running runs whose worker has let the lease run out, or took a longer one than there is."""
    over = has_passed(SyncRun.lease_until, now, LONGEST_LEASE)
    query = select(SyncRun).where(SyncRun.finished_at.is_(None), SyncRun.status == RunStatus.RUNNING, over)
    return list(session().scalars(query))


def take_back(run: SyncRun, now: datetime, status: RunStatus, **values: object) -> bool:
    """Move a lapsed run on; the generation grows, so that its late worker commits nothing."""
    if status in (RunStatus.FAILED, RunStatus.CANCELLED):
        values |= {"finished_at": now, "forget_at": forget_at(now, status, run.trigger, values)}
    assert_allowed(RunStatus.RUNNING, status)
    moved = {"status": status, "generation": run.generation + 1, "lease_until": None, "enqueued_at": None}
    return _change(_lapsed(), run, now, moved | values | {"latest": now + LONGEST_LEASE})


def assert_allowed(status: RunStatus, following: RunStatus) -> None:
    """Refuse a step that the table of transitions does not know."""
    if not may_become(status, following):
        raise ValueError(f"A run cannot go from {status} to {following}.")


def _change_held(run: SyncRun, now: datetime, values: Mapping[str, Any]) -> bool:
    """Change a running run that this worker still holds; ``False`` when it does not."""
    return _change(_held(), run, now, values)


def _change(statement: Update, run: SyncRun, now: datetime, values: Mapping[str, Any]) -> bool:
    given = {"of_run": run.id, "in_generation": run.generation, "at": now, **values}
    result = session().execute(statement, given)
    return isinstance(result, CursorResult) and result.rowcount == 1


@cache
def _held() -> Update:
    return _in_generation(RunStatus.RUNNING).where(_RUNS.c.lease_until >= bindparam("at"))


@cache
def _lapsed() -> Update:
    lasts = _RUNS.c.lease_until.between(bindparam("at"), bindparam("latest"))
    return _in_generation(RunStatus.RUNNING).where(~lasts)


def _in_generation(status: RunStatus) -> Update:
    """Update a run that has this status, unless somebody claimed or took it back meanwhile."""
    run = _RUNS.c
    these = (run.id == bindparam("of_run"), run.generation == bindparam("in_generation"))
    return update(_RUNS).where(*these, run.status == status)
