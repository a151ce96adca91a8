"""One sync run, from the claim to the announcement: fetch, plan, apply."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep

import structlog

from portal.actions.changing import changing
from portal.actions.sync.apply import PrefillEnded, apply, preview
from portal.actions.sync.connection import greenhouse_client
from portal.actions.sync.lease import LeaseKeeper, LeaseLost, lease
from portal.actions.sync.mapping import reading_of
from portal.actions.sync.prepare import Prepared, parse_set_aside, prepare
from portal.actions.sync.retry import retry_or_fail, sweep
from portal.actions.sync.schedule import enqueue_run, start_sync
from portal.boards.errors import GreenhouseError
from portal.config import current_settings
from portal.db import detached, end_read, write
from portal.domain.jobs.pairs import reposts_of
from portal.domain.sync.board_tokens import BoardToken
from portal.domain.sync.plan import plan_sync, with_reposts
from portal.domain.sync.posts import Listing, Unchanged
from portal.domain.sync.reading import Reading
from portal.domain.sync.runs import LONGEST_PAUSE, SLOW_SECONDS, RunStatus, Trigger
from portal.live.publish import Phase, Progress, announce, publish_progress
from portal.models import Connection, SyncRun
from portal.models.base import has_passed, utc_now
from portal.store import run_steps, runs
from portal.store.connections import connection_by_id, note_slow
from portal.store.jobs import gone_posts, stored_posts
from portal.store.runs import run_by_id

PROGRESS_PAUSE_SECONDS = 0.1
UNEXPECTED = "The sync stopped unexpectedly; nothing was changed."
PREFILL_ENDED = "Prefill was switched off meanwhile; nothing was changed."

log = structlog.get_logger()


def run_sync(run_id: int, generation: int) -> None:
    """Carry out a queued run if it is this worker's to carry out, and end it in a named state.

    Raises whatever was not foreseen, after the run is put back or named failed; but nothing where somebody
    else took the run meanwhile, or another took its place: how it ends is not this worker's to say.
    """
    run = _claim(run_id, generation)
    if run is None:
        return
    try:
        _carry_out(run)
    except LeaseLost:
        log.info("run_superseded", run_id=run.id, generation=run.generation)
    except PrefillEnded:
        retry_or_fail(run, PREFILL_ENDED, None, retryable=True)
    except GreenhouseError as error:
        retry_or_fail(
            run,
            str(error),
            error.retry_after,
            retryable=error.retryable,
            kind=error.kind,
        )
    except Exception as error:
        retry_or_fail(run, UNEXPECTED, None, retryable=True)
        if not _is_superseded(run):
            raise
        log.info("run_superseded", run_id=run.id, generation=run.generation, cause=type(error).__name__)
    finally:
        _wake_the_next(run)


def _is_superseded(run: SyncRun) -> bool:
    """Whether the run was taken back, taken again or cancelled since this worker claimed it."""
    end_read()
    present = runs.run_by_id(run.id)
    end_read()
    return present is None or present.generation != run.generation or present.status == RunStatus.CANCELLED


def _claim(run_id: int, generation: int) -> SyncRun | None:
    waiting = runs.run_by_id(run_id)
    if waiting is None:
        return None
    organisation_id = waiting.organisation_id
    with changing(organisation_id) as change:
        run = run_steps.claim(run_id, generation, change.now, lease())
        if run is not None:
            change.raise_revision()
        else:
            run_steps.return_early(run_id, generation, change.now)
    return None if run is None else detached(run)


def _carry_out(run: SyncRun) -> None:
    connection = connection_by_id(run.connection_id) if run.connection_id else None
    if connection is None:
        raise LeaseLost
    connection = detached(connection)
    reading = reading_of(connection)
    progress = _Reporter(run)
    with LeaseKeeper(run) as keeper:
        answer = _fetch(connection, reading.stamp, progress)
        if isinstance(answer, Unchanged):
            prepared = Prepared(
                run,
                connection.etag,
                hides_new=connection.hides_new,
                set_aside=tuple(map(parse_set_aside, connection.set_aside)),
            )
        else:
            prepared = _compare(run, connection, answer, reading, progress)
        keeper.check()
    end_read()
    announce(run.organisation_id, _commit(run, prepared, reading.stamp, progress))


def _commit(run: SyncRun, prepared: Prepared, stamp: str, progress: "_Reporter") -> int:
    """Write what was prepared, or, in a preview, only what it would be; return the new revision."""
    if run.trigger == Trigger.PREVIEW:
        return preview(run, prepared)
    return apply(run, prepared, stamp, progress.of(Phase.WRITING, prepared.rows))


def _compare(
    run: SyncRun, connection: Connection, listing: Listing, reading: Reading, progress: "_Reporter"
) -> Prepared:
    """Plan what the answer changes, and make its rows."""
    _leave_out_prospects(connection, listing)
    stored = stored_posts(run.organisation_id, run.board_token)
    if key := reading.key:  # what is made of a post is something else then
        for post_id, post in listing.posts.items():
            listing.posts[post_id] = post.read_with(key)
    plan = plan_sync(stored, listing.posts, {post.id for post in listing.set_aside})
    if plan.created and plan.closed:
        gone = gone_posts(run.organisation_id, run.board_token, plan.closed)
        plan = with_reposts(plan, reposts_of(gone, (listing.posts[each].post for each in plan.created)))
    end_read()
    step = progress.of(Phase.READING, len(plan.created) + len(plan.written))
    return prepare(run, connection, plan, listing, stored, step, reading)


def _fetch(connection: Connection, stamp: str, progress: "_Reporter") -> Listing | Unchanged:
    """Ask Greenhouse for the board; the stored ETag goes along only if it stands for today's reading."""
    client = greenhouse_client(current_settings().greenhouse_timeout_seconds)
    etag = connection.etag if connection.etag_stamp == stamp else None
    end_read()
    token, begun = BoardToken(connection.board_token), monotonic()
    try:
        return client.list_posts(token, etag, lambda size: progress(Phase.FETCHING, size // 1024, 0))
    finally:
        slow = monotonic() - begun > SLOW_SECONDS
        if slow != connection.slow:
            with write():
                note_slow(connection.id, slow)


def _leave_out_prospects(connection: Connection, listing: Listing) -> None:
    """Drop prospect posts, which are not jobs, unless the connection says otherwise."""
    if connection.include_prospects:
        return
    for post_id in [key for key, listed in listing.posts.items() if listed.post.internal_job_id is None]:
        del listing.posts[post_id]


def _wake_the_next(run: SyncRun) -> None:
    """Enqueue the run that was queued behind this one, or this one when it was put back."""
    end_read()
    waiting = runs.queued_run(run.connection_id) if run.connection_id else None
    if waiting is not None:
        enqueue_run(waiting)


class _Reporter:
    """Tells a run's progress, ten times a second at the most."""

    def __init__(self, run: SyncRun) -> None:
        self._organisation_id, self._run_id = run.organisation_id, run.id
        self._told = 0.0
        self._phase: Phase | None = None

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        now = monotonic()
        if phase == self._phase and done != total and now - self._told < PROGRESS_PAUSE_SECONDS:
            return
        self._phase, self._told = phase, now
        publish_progress(self._organisation_id, self._run_id, Progress(phase, done, total))

    def of(self, phase: Phase, total: int) -> Callable[[int], None]:
        """Return a step counter for one phase of the run."""
        return lambda done: self(phase, done, total)


PAUSE_SECONDS = 0.25


class SyncWaits(Exception):
    """A preview was asked for while a sync waits, or became one: whoever only looks carries out none."""


def sync_in_process(connection: Connection, trigger: Trigger) -> SyncRun | None:
    """Carry out a run, or wait for the worker that took it; return it as it ended, retries included.

    ``None`` says that the connection is paused or has ended. Raises ``SyncWaits``.
    """
    started = start_sync(connection, trigger)
    if started is None:
        return None
    run_id = started.id
    while True:
        end_read()
        run = run_by_id(run_id)
        if run is not None and trigger == Trigger.PREVIEW != run.trigger:
            raise SyncWaits
        if run is None or run.finished_at is not None:
            return run
        if _is_due(run, utc_now()):
            _run_in_process(run)
        else:
            sleep(PAUSE_SECONDS)
            sweep(utc_now())


def _is_due(run: SyncRun, now: datetime) -> bool:
    free = run.not_before is None or has_passed(run.not_before, now, LONGEST_PAUSE)
    return run.status == RunStatus.QUEUED and free


def _run_in_process(run: SyncRun) -> None:
    generation = run.generation
    try:
        run_sync(run.id, generation)
    except Exception as error:  # the run has been put back or named failed, and says so
        log.error("sync_broke", run_id=run.id, kind=type(error).__name__)
    end_read()
    again = run_by_id(run.id)
    if again is not None and again.generation == generation:
        sleep(PAUSE_SECONDS)  # another run of the connection is at work: this one comes after it
        sweep(utc_now())
