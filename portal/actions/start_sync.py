"""Start a sync: join the run that waits, or queue one."""

from collections.abc import Sequence
from datetime import datetime

from portal.actions.changing import changing
from portal.domain.run_states import LONGEST_PAUSE, Trigger, WaitingRun
from portal.domain.spacing import earliest_start
from portal.models import Connection, SyncRun
from portal.models.base import has_passed, utc_now
from portal.queue import enqueue_runs
from portal.store.connections import connection_by_id, slow_among
from portal.store.run_queue import join, note_enqueued, queue_run
from portal.store.sync_runs import queued_run
from portal.store.transactions import write


def start_sync(connection: Connection, trigger: Trigger, user_id: int | None = None) -> SyncRun | None:
    """Return the run that will bring what Greenhouse lists from now on; it is committed and enqueued.

    A run already queued is joined (and, by a person's click, freed from a retry's pause). One that is
    running may have read Greenhouse before the change, so a new one is queued behind it, and keeps its
    distance: a burst becomes one or two. ``None`` says that the connection has ended meanwhile or is
    paused (a preview, which writes nothing, starts all the same).
    """
    connection_id, organisation_id = connection.id, connection.organisation_id
    with changing(organisation_id) as change:
        held = connection_by_id(connection_id)
        if held is None or (held.paused_at is not None and trigger != Trigger.PREVIEW):
            return None
        waiting = queued_run(connection_id)
        run = waiting or queue_run(held, trigger, user_id, change.now)
        join(run, trigger, user_id)
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


def hand_over(run: SyncRun) -> bool:
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
