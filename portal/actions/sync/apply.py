"""Write a sync plan: every row of one answer in one short transaction, or none of it."""

from collections.abc import Collection

from portal.actions.jobs.pair import part_returned
from portal.actions.sync.closings import Judgement, judge_closings
from portal.actions.sync.lease import LeaseLost, Renew, Step, keep_lease, keep_lease_apart, renewing
from portal.actions.sync.prepare import Prepared, compare_again, stored_set_aside
from portal.actions.sync.retry import note_new_jobs, note_success
from portal.db import end_earlier, write
from portal.domain.sync.plan import ChangeKind
from portal.domain.sync.reading import new_visibility
from portal.domain.sync.runs import RunStatus
from portal.models import SyncRun
from portal.models.base import utc_now
from portal.store import connections, run_steps, sync_changes
from portal.store.closings import count_pending
from portal.store.job_columns import close_jobs, restamp, set_new_visibility
from portal.store.jobs import count_open
from portal.store.pairs import offer_pairs, offer_reposts
from portal.store.people import claim_revision, next_revision


class PrefillEnded(Exception):
    """Prefill was switched off after the rows were made in which fields follow Greenhouse."""


def apply(run: SyncRun, prepared: Prepared, stamp: str, step: Step) -> int:
    """Commit rows, changes, counts, ETag and the run's end together; return the new revision.

    Raises ``LeaseLost``, with nothing written, when the run is no longer this worker's, and so
    ``PrefillEnded``: from that switch on no value changes.
    """
    with write():
        return write_answer(run, prepared, stamp, step)


def write_answer(run: SyncRun, prepared: Prepared, stamp: str, step: Step) -> int:
    """Do what ``apply`` commits; call it in a write transaction.

    On PostgreSQL the organisation's people wait from the moment on that it is locked: all that locks nothing
    they may wait for comes before.
    """
    if prepared.rows or len(prepared.updates):
        _write_ahead(run, prepared, step)
    revision = claim_revision(run.organisation_id, prepared.revision)
    now, renew = keep_lease(run), renewing(run)
    if prepared.fills and not connections.is_prefilling(run.organisation_id):
        raise PrefillEnded
    compare_again(prepared)
    _hide_or_show_new(run, prepared)
    if prepared.snapshot is not None:
        connections.store_snapshot(prepared.snapshot)
    closings = judge_closings(run, prepared, now, renew)
    for updates in (prepared.updates, prepared.late_updates):
        updates.write(lambda _done: renew())
    for changes in (prepared.changes_of_own, prepared.late_changes):
        changes.record(lambda _done: renew())
    if revision != prepared.revision and prepared.rows:
        restamp(run.organisation_id, prepared.revision, revision)
    close_jobs([prepared.gone[post_id] for post_id in closings.close], now, revision, renew)
    _record_closings(run, prepared, closings.close, closings.fresh, renew)
    if len(prepared.updates) or len(prepared.late_updates):
        part_returned(run.organisation_id, run.board_token, now, revision)
    if prepared.is_first:
        offer_pairs(run, now)
    if prepared.doubtful:
        offer_reposts(run, prepared.doubtful, now)
    open_jobs = _open_jobs(run, prepared, closings)
    known = _note_set_aside(run, closings, prepared)
    if prepared.hides_new:
        note_new_jobs(run, now)
    etag = None if run.connection_id and count_pending(run.connection_id) else prepared.etag
    note_success(run, now, etag, stamp)
    _finish(run, prepared, closings, open_jobs, known)
    return revision


def _hide_or_show_new(run: SyncRun, prepared: Prepared) -> None:
    """Give new jobs the visibility that the connection says now: somebody may have switched meanwhile."""
    if not len(prepared.new):
        return
    hides_new = connections.locked_connection(run.connection_id).hides_new
    if hides_new != prepared.hides_new:
        prepared.hides_new = hides_new
        set_new_visibility(
            run.organisation_id, prepared.created_at, prepared.revision, new_visibility(hides_new)
        )


def _write_ahead(run: SyncRun, prepared: Prepared, step: Step) -> None:
    """Write what no other transaction sees or waits for: new jobs, changes, staged updates."""
    keep_lease_apart(run)
    end_earlier(f"sync-run-{run.id}", run.generation)
    renew, so_far = renewing(run, keep_lease_apart), 0

    def written(done: int) -> None:
        renew()
        step(min(so_far + done, prepared.rows))

    prepared.new.insert(written)
    so_far = len(prepared.new)
    if so_far:
        sync_changes.record_created(run, prepared.created_at, prepared.revision)
    prepared.changes.record(lambda _done: renew())
    prepared.updates.stage(written)


def preview(run: SyncRun, prepared: Prepared) -> int:
    """Commit what a sync would do, and do none of it; return the new revision. Raises ``LeaseLost``."""
    with write():
        keep_lease_apart(run)
        ahead = renewing(run, keep_lease_apart)
        prepared.changes.record(lambda _done: ahead())
        revision = next_revision(run.organisation_id)
        keep_lease(run)
        renew = renewing(run)
        closings = judge_closings(run, prepared, None, renew)
        prepared.changes_of_own.record(lambda _done: renew())
        _record_closings(run, prepared, closings.close, closings.hold, renew)
        _finish(run, prepared, closings)
    return revision


def _record_closings(
    run: SyncRun, prepared: Prepared, close: Collection[int], hold: Collection[int], renew: Renew
) -> None:
    for kind, posts in ((ChangeKind.CLOSED, close), (ChangeKind.HELD, hold)):
        sync_changes.record_moved(run, kind, [prepared.gone[post_id] for post_id in posts], renew)


def _open_jobs(run: SyncRun, prepared: Prepared, closings: Judgement) -> int | None:
    """How many jobs of the board are open now; counted only where the run can have changed it."""
    if prepared.posts is None:
        return None
    if prepared.rows or closings.close:
        return count_open(run.organisation_id, run.board_token)
    return prepared.open_before


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
        hides_new=prepared.hides_new and len(prepared.new) > 0,
        updated=prepared.count(ChangeKind.UPDATED),
        closed=len(closings.close),
        reopened=prepared.count(ChangeKind.REOPENED),
        held=len(closings.hold),
        open_jobs=open_jobs,
        set_aside=stored_set_aside(prepared.set_aside),
        error=None,
    )
    if not finished:
        raise LeaseLost


def _note_set_aside(run: SyncRun, closings: Judgement, prepared: Prepared) -> set[str]:
    """Remember the posts that could not be read; name what the run found as the one before it left it."""
    set_aside = stored_set_aside(prepared.set_aside)
    is_known = connections.set_aside_of(run.connection_id) == set_aside
    if not is_known:
        connections.store_set_aside(run.connection_id, set_aside)
    return {name for name, known in (("held", not closings.is_news), ("set_aside", is_known)) if known}
