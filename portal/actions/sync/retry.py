"""End a run's attempt: retry or fail it, note the connection's health, take up lapsed runs."""

from datetime import datetime, timedelta

from portal.actions.changing import OrganisationLocked, changing
from portal.actions.mails import mail_text
from portal.config import current_settings
from portal.db import end_read
from portal.domain.mails import Letter
from portal.domain.sync import health
from portal.domain.sync.health import AlertState
from portal.domain.sync.runs import MAX_ATTEMPTS, RunStatus, Trigger, pause_after
from portal.models import Connection, SyncRun
from portal.store import run_steps, runs
from portal.store.connections import connection_by_id, locked_connection, note_synced
from portal.store.job_counts import count_new
from portal.store.mails import add_mails
from portal.store.people import admins_of


def sync_interval() -> timedelta:
    """Return the time between two scheduled syncs of a connection that works."""
    return timedelta(minutes=current_settings().sync_interval_minutes)


def note_success(run: SyncRun, now: datetime, etag: str | None, stamp: str) -> None:
    """Note that the connection is synced, and the answer that it was synced with."""
    if not note_synced(run.connection_id, now, now + sync_interval(), etag, stamp):
        return
    connection = locked_connection(run.connection_id)
    alert = health.after_success(_alert_state(connection), now)
    if alert is not None:
        _leave_mails(connection, alert, health.recovered(_about(connection)), now)


def note_failure(run: SyncRun, now: datetime, error: str, kind: str | None) -> None:
    """Note that the connection fails, since when and why, and when it is tried again.

    A preview that fails says so itself. A person's click neither makes the schedule slower nor puts off
    what it is to do next.
    """
    if run.trigger == Trigger.PREVIEW:
        return
    connection = locked_connection(run.connection_id)
    connection.failures += 1
    connection.scheduled_failures += run.trigger == Trigger.SCHEDULE
    connection.last_error, connection.last_error_kind = error, kind
    connection.failing_since = since = min(connection.failing_since or now, now)
    connection.next_sync_at = attempt = _next_attempt(connection, run, now, kind)
    alert = health.after_failure(_alert_state(connection), since, connection.failures, now)
    if alert is not None:
        _leave_mails(connection, alert, health.failing(_about(connection), error, since, attempt), now)


def note_new_jobs(run: SyncRun, now: datetime) -> None:
    """Mail the admins how many new jobs wait, at most once a day, and only once more came since."""
    connection, organisation_id = locked_connection(run.connection_id), run.organisation_id
    told_at = connection.new_told_at
    if health.is_new_told(told_at, now) or not count_new(organisation_id, since=told_at):
        return
    connection.new_told_at = now
    letter = health.new_jobs(_about(connection), count_new(organisation_id))
    add_mails(organisation_id, admins_of(organisation_id), mail_text(letter), now, of_connection=True)


def _next_attempt(connection: Connection, run: SyncRun, now: datetime, kind: str | None) -> datetime:
    attempt = now + health.next_interval(sync_interval(), connection.scheduled_failures, kind)
    planned = connection.next_sync_at
    if run.trigger == Trigger.SCHEDULE or planned is None or planned <= now:
        return attempt
    return min(attempt, planned)


def _alert_state(connection: Connection) -> AlertState:
    return AlertState(connection.alert_open, connection.alerted_at, connection.recovery_told_at)


def _leave_mails(connection: Connection, alert: AlertState, letter: Letter, now: datetime) -> None:
    connection.alert_open = alert.open
    connection.alerted_at, connection.recovery_told_at = alert.failing_at, alert.recovered_at
    add_mails(
        connection.organisation_id,
        admins_of(connection.organisation_id),
        mail_text(letter),
        now,
        of_connection=True,
    )


def _about(connection: Connection) -> health.Subject:
    organisation = connection.organisation
    base = f"{current_settings().address}/orgs/{organisation.slug}"
    return health.Subject(
        organisation.name,
        connection.board_name,
        settings_url=f"{base}/greenhouse",
        history_url=f"{base}/sync-runs",
        new_jobs_url=f"{base}/jobs/manage?status=new",
    )


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
                _requeue(run, waiting, again, error if goes_on else None)
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
        _requeue(run, waiting, None, LAPSED if goes_on else None)
    return moved


def _behind(run: SyncRun) -> SyncRun | None:
    """The run that waits behind this one."""
    return runs.queued_run(run.connection_id) if run.connection_id else None


def _may_go_on(run: SyncRun) -> bool:
    """Whether there may be another attempt: some are left, and syncing (but for a preview) is not paused."""
    connection = connection_by_id(run.connection_id) if run.connection_id else None
    if connection is None or run.attempt >= MAX_ATTEMPTS:
        return False
    return connection.paused_at is None or run.trigger == Trigger.PREVIEW


def _requeue(run: SyncRun, waiting: SyncRun, again: datetime | None, error: str | None) -> None:
    """Let the run that waits take this one's place, not before ``again``, and be enqueued once more.

    With an ``error`` it is the next attempt in a row of attempts, and does what this one was to do.
    """
    waiting.not_before = max(filter(None, (waiting.not_before, again)), default=None)
    waiting.enqueued_at = None  # its message was taken and refused while this run stood in its way
    if error is None:
        return
    waiting.attempt, waiting.error = max(waiting.attempt, run.attempt), error
    connection = connection_by_id(run.connection_id) if run.connection_id else None
    if connection is not None and connection.paused_at is None:
        run_steps.join(waiting, run.trigger, run.started_by_id, run.token_name)
