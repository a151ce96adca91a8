"""Write a sync plan: every row of one answer in one short transaction, or none of it."""

from datetime import datetime

from portal.actions.commit_lease import Step, hold, holding
from portal.actions.judge_closings import judge_closings
from portal.actions.lease import LeaseLost
from portal.actions.note_health import note_success
from portal.actions.prepare_sync import Prepared
from portal.domain.guard import Closings
from portal.domain.run_states import RunStatus
from portal.models import ChangeKind, SyncRun
from portal.models.base import utc_now
from portal.store import jobs, sync_changes, sync_runs
from portal.store.held_closings import count_pending
from portal.store.imported_jobs import count_open
from portal.store.job_pairs import offer_pairs
from portal.store.organisations import next_revision
from portal.store.transactions import write


def apply(run: SyncRun, prepared: Prepared, stamp: str, step: Step) -> int:
    """Commit rows, changes, counts, ETag and the run's end together; return the new revision.

    Raises ``LeaseLost``, with nothing written, when the run is no longer this worker's.
    """
    with write():
        return write_answer(run, prepared, stamp, step)


def write_answer(run: SyncRun, prepared: Prepared, stamp: str, step: Step) -> int:
    """Do what ``apply`` commits; call it in a write transaction."""
    revision = next_revision(run.organisation_id)
    now = hold(run)
    closings = judge_closings(run, prepared, now)
    _write_jobs(prepared, closings, now, revision, holding(run, step))
    _record(run, prepared, closings, revision)
    if prepared.is_first:
        offer_pairs(run, now)
    open_jobs = _open_jobs(run, prepared, closings)
    etag = None if run.connection_id and count_pending(run.connection_id) else prepared.etag
    note_success(run, now, etag, stamp)
    _finish(run, prepared, closings, open_jobs)
    return revision


def preview(run: SyncRun, prepared: Prepared) -> int:
    """Commit what a sync would do, and do none of it; return the new revision. Raises ``LeaseLost``."""
    with write():
        revision = next_revision(run.organisation_id)
        hold(run)
        closings = judge_closings(run, prepared, None)
        new = [
            {"kind": ChangeKind.CREATED, "job_id": None, "title": row["title"], "fields": []}
            for row in prepared.new
        ]
        sync_changes.record_changes(run, new + prepared.changes)
        _record_closings(run, prepared, closings)
        _finish(run, prepared, closings)
    return revision


def _write_jobs(prepared: Prepared, closings: Closings, now: datetime, revision: int, step: Step) -> None:
    prepared.stamp(now, revision)
    jobs.insert_jobs(prepared.new, step)
    jobs.update_imported(prepared.changed, lambda done: step(len(prepared.new) + done))
    jobs.update_imported(prepared.silent, lambda _done: step(prepared.rows))
    jobs.close_jobs([prepared.missing[post_id] for post_id in closings.close], now, revision)


def _record(run: SyncRun, prepared: Prepared, closings: Closings, revision: int) -> None:
    if prepared.new:
        sync_changes.record_created(run, prepared.created_at, revision)
    sync_changes.record_changes(run, prepared.changes)
    _record_closings(run, prepared, closings)


def _record_closings(run: SyncRun, prepared: Prepared, closings: Closings) -> None:
    for kind, posts in ((ChangeKind.CLOSED, closings.close), (ChangeKind.HELD, closings.hold)):
        sync_changes.record_moved(run, kind, [prepared.missing[post_id] for post_id in posts])


def _open_jobs(run: SyncRun, prepared: Prepared, closings: Closings) -> int | None:
    """How many jobs of the board are open now; counted only where the run can have changed it."""
    if prepared.posts is None:
        return None
    if prepared.rows or closings.close:
        return count_open(run.organisation_id, run.board_token)
    return prepared.standing


def _finish(run: SyncRun, prepared: Prepared, closings: Closings, open_jobs: int | None = None) -> None:
    """End the run, as the last statement: one that was paused since it began finds its lease lapsed."""
    finished = sync_runs.finish(
        run,
        RunStatus.SUCCEEDED,
        utc_now(),
        posts=prepared.posts,
        created=len(prepared.new),
        updated=prepared.count(ChangeKind.UPDATED),
        closed=len(closings.close),
        reopened=prepared.count(ChangeKind.REOPENED),
        held=len(closings.hold),
        open_jobs=open_jobs,
        set_aside=[
            {"id": post.id, "title": post.title, "reason": post.reason} for post in prepared.set_aside
        ],
        error=None,
    )
    if not finished:
        raise LeaseLost
