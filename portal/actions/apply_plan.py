"""Write a sync plan: every row of one answer in one short transaction, or none of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from portal.actions.commit_lease import Step, hold, holding
from portal.actions.judge_closings import Judgement, judge_closings
from portal.actions.lease import LeaseLost
from portal.actions.note_health import note_success
from portal.actions.pair_jobs import part_returned
from portal.actions.prepare_sync import Prepared, as_kept
from portal.domain.run_states import RunStatus
from portal.models import ChangeKind, SyncRun
from portal.models.base import utc_now
from portal.store import connections, jobs, run_steps, sync_changes
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
    if prepared.changed:
        part_returned(run.organisation_id, run.board_token, now, revision)
    if prepared.is_first:
        offer_pairs(run, now)
    open_jobs = _open_jobs(run, prepared, closings)
    known = _note_set_aside(run, closings, prepared)
    etag = None if run.connection_id and count_pending(run.connection_id) else prepared.etag
    note_success(run, now, etag, stamp)
    _finish(run, prepared, closings, open_jobs, known)
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
        _record_closings(run, prepared, closings.close, closings.hold)
        _finish(run, prepared, closings)
    return revision


def _write_jobs(prepared: Prepared, closings: Judgement, now: datetime, revision: int, step: Step) -> None:
    prepared.stamp(now, revision)
    jobs.insert_jobs(prepared.new, step)
    jobs.update_imported(prepared.changed, lambda done: step(len(prepared.new) + done))
    jobs.update_imported(prepared.silent, lambda _done: step(prepared.rows))
    jobs.close_jobs([prepared.gone[post_id] for post_id in closings.close], now, revision)


def _record(run: SyncRun, prepared: Prepared, closings: Judgement, revision: int) -> None:
    if prepared.new:
        sync_changes.record_created(run, prepared.created_at, revision)
    sync_changes.record_changes(run, prepared.changes)
    _record_closings(run, prepared, closings.close, closings.fresh)


def _record_closings(run: SyncRun, prepared: Prepared, close: Sequence[int], hold: Sequence[int]) -> None:
    for kind, posts in ((ChangeKind.CLOSED, close), (ChangeKind.HELD, hold)):
        sync_changes.record_moved(run, kind, [prepared.gone[post_id] for post_id in posts])


def _open_jobs(run: SyncRun, prepared: Prepared, closings: Judgement) -> int | None:
    """How many jobs of the board are open now; counted only where the run can have changed it."""
    if prepared.posts is None:
        return None
    if prepared.rows or closings.close:
        return count_open(run.organisation_id, run.board_token)
    return prepared.standing


def _finish(
    run: SyncRun,
    prepared: Prepared,
    closings: Judgement,
    open_jobs: int | None = None,
    as_before: Collection[str] = (),
) -> None:
    """End the run, as the last statement: one that was paused since it began finds its lease lapsed."""
    finished = run_steps.finish(
        run,
        RunStatus.SUCCEEDED,
        utc_now(),
        as_before=as_before,
        posts=prepared.posts,
        created=len(prepared.new),
        updated=prepared.count(ChangeKind.UPDATED),
        closed=len(closings.close),
        reopened=prepared.count(ChangeKind.REOPENED),
        held=len(closings.hold),
        open_jobs=open_jobs,
        set_aside=as_kept(prepared.set_aside),
        error=None,
    )
    if not finished:
        raise LeaseLost


def _note_set_aside(run: SyncRun, closings: Judgement, prepared: Prepared) -> set[str]:
    """Remember the posts that could not be read; name what the run found as the one before it left it."""
    set_aside = as_kept(prepared.set_aside)
    is_known = connections.set_aside_of(run.connection_id) == set_aside
    if not is_known:
        connections.keep_set_aside(run.connection_id, set_aside)
    return {name for name, known in (("held", not closings.is_news), ("set_aside", is_known)) if known}
