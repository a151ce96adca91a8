"""End a run that did not succeed: put it back for another attempt, or name it failed and why."""

from datetime import datetime, timedelta

from portal.actions.holder import end_if_stopped
from portal.actions.note_health import note_failure
from portal.config import current_settings
from portal.domain.run_states import MAX_ATTEMPTS, RunStatus, retry_pause
from portal.live.publish import announce
from portal.models import SyncRun
from portal.models.base import utc_now
from portal.store import sync_runs
from portal.store.connections import connection_by_id
from portal.store.organisations import lock_if_free, next_revision
from portal.store.transactions import end_read, write

LAPSED = "The worker that ran this sync stopped; nothing was changed."


def retry_or_fail(
    run: SyncRun, error: str, asked_pause: float | None, *, retryable: bool, kind: str | None = None
) -> None:
    """Queue the run again after a pause while attempts are left, else end it as failed.

    ``error`` is a sentence for the admins, ``kind`` the class of Greenhouse's errors that it is of.
    Nothing happens when the run is no longer this worker's, or when another run is queued already:
    that one is the next attempt.
    """
    pause = retry_pause(run.attempt, current_settings().sync_retry_seconds, asked_pause)
    now = utc_now()
    with write():
        revision = next_revision(run.organisation_id)
        if retryable and pause is not None and _may_wait(run):
            sync_runs.put_back(run, now, now + timedelta(seconds=pause), error)
        elif sync_runs.finish(run, RunStatus.FAILED, now, error=error):
            note_failure(run, now, error, kind)
    announce(run.organisation_id, revision)


def sweep(now: datetime) -> int:
    """Take up again, or name failed, every run whose worker let the lease run out; return how many.

    A worker that was stopped may hold what is written to below: first of all it is ended.
    """
    lapsed = sync_runs.lapsed(now)
    for held_by in {run.held_by for run in lapsed if run.held_by}:
        end_if_stopped(held_by)
    end_read()
    return sum(_take_up(run, now) for run in lapsed)


def _take_up(run: SyncRun, now: datetime) -> bool:
    organisation_id = run.organisation_id
    with write():
        if not lock_if_free(organisation_id):
            return False  # the next tick sees; this one has others to look after
        revision = next_revision(organisation_id)
        if run.attempt < MAX_ATTEMPTS and _may_wait(run):
            moved = sync_runs.take_back(run, now, RunStatus.QUEUED)
        else:
            moved = sync_runs.take_back(run, now, RunStatus.FAILED, error=LAPSED)
            if moved:
                note_failure(run, now, LAPSED, None)
    announce(run.organisation_id, revision)
    return moved


def _may_wait(run: SyncRun) -> bool:
    """Whether the run may be queued for another attempt: no other one waits, and syncing is not paused."""
    connection = connection_by_id(run.connection_id) if run.connection_id else None
    if connection is None:
        return False
    return connection.paused_at is None and sync_runs.queued_run(connection.id) is None
