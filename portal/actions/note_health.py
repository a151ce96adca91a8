"""Remember, with the end of a run, how its connection does, and leave the mails that are due."""

from datetime import datetime, timedelta

from portal.config import current_settings
from portal.domain import health, health_mails
from portal.domain.health import Told
from portal.domain.health_mails import Letter
from portal.domain.run_states import Trigger
from portal.models import Connection, SyncRun
from portal.store.connections import locked_connection, note_in_step
from portal.store.mails import add_mails
from portal.store.members import admins_of


def sync_interval() -> timedelta:
    """Return the time between two scheduled syncs of a connection that works."""
    return timedelta(minutes=current_settings().sync_interval_minutes)


def note_success(run: SyncRun, now: datetime, etag: str | None, stamp: str) -> None:
    """Note that the connection is synced, and the answer that it was synced with."""
    if not note_in_step(run.connection_id, now, now + sync_interval(), etag, stamp):
        return
    connection = locked_connection(run.connection_id)
    told = health.after_success(_told(connection), now)
    if told is not None:
        _tell(connection, told, health_mails.recovered(_about(connection)), now)


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
    told = health.after_failure(_told(connection), since, connection.failures, now)
    if told is not None:
        _tell(connection, told, health_mails.failing(_about(connection), error, since, attempt), now)


def _next_attempt(connection: Connection, run: SyncRun, now: datetime, kind: str | None) -> datetime:
    attempt = now + health.next_interval(sync_interval(), connection.scheduled_failures, kind)
    planned = connection.next_sync_at
    if run.trigger == Trigger.SCHEDULE or planned is None or planned <= now:
        return attempt
    return min(attempt, planned)


def _told(connection: Connection) -> Told:
    return Told(connection.alert_open, connection.alerted_at, connection.recovery_told_at)


def _tell(connection: Connection, told: Told, letter: Letter, now: datetime) -> None:
    connection.alert_open = told.open
    connection.alerted_at, connection.recovery_told_at = told.failing_at, told.recovered_at
    add_mails(connection.organisation_id, admins_of(connection.organisation_id), letter, now)


def _about(connection: Connection) -> health_mails.Subject:
    organisation = connection.organisation
    settings = current_settings()
    base = f"{settings.public_url or f'http://{settings.host}:{settings.port}'}/orgs/{organisation.slug}"
    return health_mails.Subject(
        organisation.name, connection.board_name, f"{base}/greenhouse", f"{base}/sync-runs"
    )
