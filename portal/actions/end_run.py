"""End a run that did not succeed: put it back for another attempt, or name it failed and why."""

from datetime import datetime, timedelta

from portal.actions.changing import OrganisationLocked, changing
from portal.actions.note_health import note_failure
from portal.config import current_settings
from portal.domain.run_states import MAX_ATTEMPTS, RunStatus, Trigger, pause_after
from portal.models import SyncRun
from portal.store import run_queue, run_steps, sync_runs
from portal.store.connections import connection_by_id
from portal.store.transactions import end_read

LAPSED = "The worker that ran this sync stopped; nothing was changed."
SUPERSEDED = "The worker that ran this sync stopped; a newer sync took its place."


def retry_or_fail(
    run: SyncRun, error: str, asked_pause: float | None, *, retryable: bool, kind: str | None = None
) -> None:
    """Queue the run again after a pause while attempts are left, else end it as failed.

    ``error`` is a sentence for the admins, ``kind`` the class of Greenhouse's errors that it is of.
    Where another run is queued already, that one is the next attempt, and waits as long. Nothing happens
    when the run is no longer this worker's.
    """
    pause = pause_after(run.attempt, current_settings().sync_retry_seconds, asked_pause)
    with changing(run.organisation_id) as change:
        now = change.now
        again = now + timedelta(seconds=pause) if retryable else None
        waiting, goes_on = _behind(run), retryable and _may_go_on(run)
        if goes_on and waiting is None:
            moved = run_steps.put_back(run, now, again, error)
        else:
            moved = run_steps.finish(run, RunStatus.FAILED, now, error=error)
            if moved and not goes_on:
                note_failure(run, now, error, kind)
            if moved and waiting is not None:
                _hand_on(run, waiting, again, error if goes_on else None)
        if moved:
            change.raise_revision()


def sweep(now: datetime) -> int:
    """Take up again, or name failed, every run whose worker let the lease run out; return how many.

    One that another sync waits behind, as the next attempt, has not failed: it is cancelled.
    """
    lapsed = run_steps.lapsed(now)
    end_read()
    return sum(_take_up(run, now) for run in lapsed)


def _take_up(run: SyncRun, now: datetime) -> bool:
    try:
        with changing(run.organisation_id, wait=False) as change:
            moved = _take_back(run, now)
            if moved:
                change.raise_revision()
    except OrganisationLocked:  # the next tick sees; this one has others to look after
        return False
    return moved


def _take_back(run: SyncRun, now: datetime) -> bool:
    waiting, goes_on = _behind(run), _may_go_on(run)
    if goes_on and waiting is None:
        return run_steps.take_back(run, now, RunStatus.QUEUED)
    end, why = (RunStatus.CANCELLED, SUPERSEDED) if goes_on else (RunStatus.FAILED, LAPSED)
    moved = run_steps.take_back(run, now, end, error=why)
    if moved and not goes_on:
        note_failure(run, now, LAPSED, None)
    if moved and waiting is not None:
        _hand_on(run, waiting, None, LAPSED if goes_on else None)
    return moved


def _behind(run: SyncRun) -> SyncRun | None:
    """The run that waits behind this one."""
    return sync_runs.queued_run(run.connection_id) if run.connection_id else None


def _may_go_on(run: SyncRun) -> bool:
    """Whether there may be another attempt: some are left, and syncing (but for a preview) is not paused."""
    connection = connection_by_id(run.connection_id) if run.connection_id else None
    if connection is None or run.attempt >= MAX_ATTEMPTS:
        return False
    return connection.paused_at is None or run.trigger == Trigger.PREVIEW


def _hand_on(run: SyncRun, waiting: SyncRun, again: datetime | None, error: str | None) -> None:
    """Let the run that waits take this one's place: not before ``again``, and handed over anew by then.

    With an ``error`` it is the next attempt in a row of attempts, and does what this one was to do.
    """
    waiting.not_before = max(filter(None, (waiting.not_before, again)), default=None)
    waiting.enqueued_at = None  # its message was taken and refused while this run stood in its way
    if error is None:
        return
    waiting.attempt, waiting.error = max(waiting.attempt, run.attempt), error
    connection = connection_by_id(run.connection_id) if run.connection_id else None
    if connection is not None and connection.paused_at is None:
        run_queue.join(waiting, run.trigger, run.started_by_id)
