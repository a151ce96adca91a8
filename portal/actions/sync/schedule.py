"""Start syncs, by hand and by schedule; pause and resume them; enqueue the runs that wait."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.actions.audit import record, token_asking
from portal.actions.changing import changing
from portal.actions.sync.lease import lease
from portal.actions.sync.retry import sync_interval
from portal.db import end_read, write
from portal.domain.audit import Action
from portal.domain.sync.health import longest_interval
from portal.domain.sync.runs import LONGEST_PAUSE, PAUSED, RunStatus, Trigger, WaitingRun, earliest_start
from portal.live.publish import announce
from portal.models import Connection, SyncRun
from portal.models.base import has_passed, utc_now
from portal.queues import enqueue_runs, is_reachable
from portal.store.connections import (
    any_due,
    connection_by_id,
    lock_due,
    locked_connection,
    move_on,
    slow_among,
)
from portal.store.people import raise_revisions
from portal.store.run_steps import (
    any_to_enqueue,
    cancel_all,
    claim_for_enqueueing,
    join,
    note_enqueued,
    queue_run,
    queue_scheduled,
)
from portal.store.runs import queued_run, unfinished_run
from portal.write_limit import TooManyWriters


def pause(connection: Connection) -> bool:
    """Start no more syncs, neither by schedule nor by webhook, and cancel the one that waits.

    One that is running may finish: returns whether there is one that brings changes. Raises
    ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        was_paused, held.paused_at = held.paused_at, held.paused_at or change.now
        cancelled = cancel_all(connection_id, change.now, PAUSED, {RunStatus.QUEUED})
        running = unfinished_run(connection_id)
        if was_paused is None:
            record(organisation_id, Action.PAUSED)
        if cancelled or was_paused is None:
            change.raise_revision()
    return running is not None and running.trigger != Trigger.PREVIEW


def resume(connection: Connection, user_id: int | None) -> None:
    """Sync again, beginning at once. Raises ``NoResultFound`` when the connection has ended."""
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        was_paused, held.paused_at = held.paused_at, None
        if was_paused is not None:
            record(organisation_id, Action.RESUMED, user_id=user_id)
            change.raise_revision()
    if was_paused is not None:
        start_sync(held, Trigger.MANUAL, user_id)


def start_sync(connection: Connection, trigger: Trigger, user_id: int | None = None) -> SyncRun | None:
    """Return the run that will bring what Greenhouse lists from now on; it is committed and enqueued.

    A run already queued is joined (and, by a person's click, freed from a retry's pause). One that is
    running may have read Greenhouse before the change, so a new one is queued behind it, and keeps its
    distance: a burst becomes one or two. ``None`` says that the connection has ended meanwhile or is
    paused (a preview, which writes nothing, starts all the same).
    """
    try:
        return _queued_that_brings_all(connection, trigger) or _queue_or_join(connection, trigger, user_id)
    except TooManyWriters:  # one of them may have queued meanwhile what all of them want
        if (queued := _queued_that_brings_all(connection, trigger)) is None:
            raise
        return queued


def _queued_that_brings_all(connection: Connection, trigger: Trigger) -> SyncRun | None:
    end_read()  # a run that was queued before the click may have read Greenhouse since
    queued = queued_run(connection.id)
    return queued if queued is not None and _brings_all(queued, trigger, connection, utc_now()) else None


def _queue_or_join(connection: Connection, trigger: Trigger, user_id: int | None) -> SyncRun | None:
    with changing(connection.organisation_id) as change:
        held = connection_by_id(connection.id)
        if held is None or (held.paused_at is not None and trigger != Trigger.PREVIEW):
            return None
        waiting = queued_run(connection.id)
        token_name = token_asking()
        run = waiting or queue_run(held, trigger, user_id, change.now, token_name)
        join(run, trigger, user_id, token_name)
        if trigger == Trigger.MANUAL:
            run.not_before = earliest_start(trigger, change.now, held.last_started_at)
        if waiting is None or change.session.is_modified(run):
            change.raise_revision()
        enqueues = run.enqueued_at is None and _may_start(run, change.now)
        if enqueues:
            run.enqueued_at = change.now
        to_enqueue = WaitingRun(run.id, run.generation, held.slow)
    if enqueues:
        enqueue_claimed([to_enqueue])
    return run


def _brings_all(queued: SyncRun, trigger: Trigger, connection: Connection, now: datetime) -> bool:
    """Whether joining a queued run would change nothing of it: many clicks then wait for no lock."""
    becomes_sync = queued.trigger == Trigger.PREVIEW and trigger != Trigger.PREVIEW
    may_start = _may_start(queued, now)
    earliest = earliest_start(trigger, now, connection.last_started_at)
    is_freed = trigger == Trigger.MANUAL and not may_start and queued.not_before != earliest
    to_enqueue = queued.enqueued_at is None and may_start
    return not (becomes_sync or is_freed or to_enqueue)


def enqueue_run(run: SyncRun) -> bool:
    """Enqueue a queued run; one that must wait, or Redis being away, is left to the tick."""
    if not _may_start(run, utc_now()):
        return False
    with write():
        waiting = _as_waiting(run)
        note_enqueued([waiting], utc_now())
    return enqueue_claimed([waiting])


def enqueue_claimed(runs: Sequence[WaitingRun]) -> bool:
    """Enqueue runs that are noted as enqueued; where Redis is away, note that they are not."""
    if enqueue_runs(runs):
        return True
    with write():
        note_enqueued(runs, None)
    return False


def _may_start(run: SyncRun, now: datetime) -> bool:
    return run.not_before is None or has_passed(run.not_before, now, LONGEST_PAUSE)


def _as_waiting(run: SyncRun) -> WaitingRun:
    slow = bool(slow_among([run.connection_id]))
    return WaitingRun(run.id, run.generation, slow)


BATCH = 200


def start_due(now: datetime) -> int:
    """Queue a run for each connection that is due, many in one transaction; return how many were due.

    The database decides: of several ticks that see the same connection due, one moves its schedule on.
    """
    total, longest = 0, longest_interval(sync_interval())
    while any_due(now, longest):
        started = _start_batch(now, longest)
        total += started
        if started < BATCH:  # the rest, if any, is locked by others
            break
    end_read()
    return total


def _start_batch(now: datetime, longest: timedelta) -> int:
    with write():
        connections = lock_due(now, longest, BATCH)
        move_on(connections, now + sync_interval())
        queue_scheduled(connections, now)
        revisions = raise_revisions([each.organisation_id for each in connections])
    for organisation_id, revision in revisions.items():
        announce(organisation_id, revision)
    return len(connections)


def enqueue_waiting(now: datetime) -> int:
    """Enqueue every queued run that may start and was not taken for a lease; return how many.

    Each is claimed before it is enqueued, so that two ticks enqueue it once; one whose tick was killed in
    between waits for a lease.
    """
    again_after = lease()
    waiting = any_to_enqueue(now, again_after)
    end_read()
    if not waiting or not is_reachable():
        return 0
    with write():
        runs = claim_for_enqueueing(now, again_after)
    return len(runs) if enqueue_claimed(runs) else 0
