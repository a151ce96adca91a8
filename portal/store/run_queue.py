"""The runs that wait: added, joined, handed to the queue, and taken back from it too early."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, insert, literal_column, select, tuple_, update

from portal.domain.run_states import LONGEST_PAUSE, RunStatus, Trigger, WaitingRun
from portal.domain.spacing import earliest_start
from portal.extensions import session
from portal.models import Connection, SyncRun
from portal.models.base import has_passed
from portal.store.connections import slow_among

# A planner that is shown a parameter cannot tell that the index of queued runs will do.
IS_QUEUED = SyncRun.status == literal_column(f"'{RunStatus.QUEUED}'")


def may_start(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a queued run must wait for nothing any more."""
    return SyncRun.not_before.is_(None) | has_passed(SyncRun.not_before, now, LONGEST_PAUSE)


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


def join(run: SyncRun, trigger: str, user_id: int | None) -> None:
    """Let a queued run do what all who wait for it asked: a preview that a sync joins becomes one."""
    if run.trigger == Trigger.PREVIEW and trigger != Trigger.PREVIEW:
        run.trigger, run.started_by_id = trigger, user_id


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
    become = statement.values(trigger=Trigger.SCHEDULE, started_by_id=None)
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
