"""The status of an organisation's sync: one value for the page, the stream and the menu."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from flask import render_template

from portal.actions.sync.credentials import Use, is_readable
from portal.config import current_settings
from portal.db import session
from portal.domain.sync.health import needs_attention
from portal.domain.sync.runs import RunStatus, Trigger, waits_long
from portal.live.publish import Phase, progress_of
from portal.models import Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.queues import seems_away
from portal.store.applications.steps import count_undelivered
from portal.store.closings import held_since, pending_closings
from portal.store.connections import connection_of
from portal.store.jobs import count_open
from portal.store.pairs import offers_of
from portal.store.runs import last_applied_run, last_finished_run, last_succeeded_run, unfinished_run
from portal.web.jobs.lists import count_new
from portal.web.sync_runs.rows import outcome_of


@dataclass(frozen=True, slots=True)
class Decisions:
    """``held`` closings wait: at ``read_at`` Greenhouse listed ``listed`` of ``open_jobs``, if that is known.

    ``open_jobs`` were open before the closings were held; Greenhouse listed ``new`` ones beside them.

    ``prospects`` of them are posts that an admin chose not to import any more. ``kept`` jobs of an earlier
    connection are not listed any more. ``pairs`` own jobs may be imported ones, and nobody has said yet.
    ``unseen`` jobs are new, and hidden until somebody decides. ``undelivered``
    applications were not taken by Greenhouse.
    """

    held: int = 0
    read_at: datetime | None = None
    listed: int = 0
    open_jobs: int = 0
    new: int = 0
    prospects: int = 0
    pairs: int = 0
    kept: int = 0
    unseen: int = 0
    undelivered: int = 0


def decisions_of(connection: Connection) -> Decisions:
    """Return what waits for a decision of the connection's organisation."""
    pending = pending_closings(connection.id)
    decisions = Decisions(
        pending.dropped,
        prospects=0 if connection.include_prospects else pending.prospects,
        pairs=offers_of(connection.organisation_id).jobs,
        kept=pending.kept,
        unseen=count_new(connection.organisation),
        undelivered=count_undelivered(connection.organisation_id),
    )
    run = last_applied_run(connection.id) if decisions.held else None
    since = held_since(connection.id) if run else None
    if run is None or run.open_jobs is None or since is None:
        return decisions
    known = count_open(connection.organisation_id, connection.board_token, before=since)
    return replace(
        decisions,
        read_at=run.finished_at,
        listed=max(0, known - pending.dropped - pending.decided),
        open_jobs=known,
        new=max(0, run.open_jobs - known),
    )


TIME_TO_ENQUEUE = timedelta(seconds=10)  # the tick does it within five


class SyncState(StrEnum):
    """The states of a sync that a page shows."""

    NOT_CONNECTED = "not_connected"
    QUEUED = "queued"
    WAITING_FOR_QUEUE = "waiting_for_queue"
    WAITING_FOR_WORKER = "waiting_for_worker"
    RETRYING = "retrying"
    RUNNING = "running"
    FAILING = "failing"
    PAUSED = "paused"
    SYNCED = "synced"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The status of a sync. It is the same for everybody who looks: no role, no relative time.

    ``done`` and ``total`` count jobs, or kilobytes (without a ``total``) while Greenhouse is read.
    ``error`` is set while an attempt or the connection fails, ``next_attempt`` says when it ends.
    ``attention`` says that a person must look: the board was read before, and is gone or kept from us.
    ``waiting`` is what people must decide.
    ``set_aside`` posts could not be read, as the run ``set_aside_run_id`` tells.
    ``key_unreadable`` says that the stored API key cannot be read and must be entered again.
    ``outcome`` is what the run ``run_id`` brought, if the last one that ended brought it.
    """

    state: SyncState
    org: str = ""
    board_name: str = ""
    first_import: bool = False
    last_synced_at: datetime | None = None
    phase: Phase | None = None
    done: int = 0
    total: int = 0
    error: str | None = None
    next_attempt: datetime | None = None
    failing_since: datetime | None = None
    attention: bool = False
    paused_at: datetime | None = None
    outcome: str | None = None
    run_id: int | None = None
    set_aside: int = 0
    set_aside_run_id: int | None = None
    is_preview: bool = False
    key_unreadable: bool = False
    waiting: Decisions = Decisions()

    @property
    def percent(self) -> int | None:
        """How much of the work that can be counted is done."""
        return min(100, 100 * self.done // self.total) if self.total else None

    @property
    def busy(self) -> bool:
        """Whether a run is on its way."""
        return self.state in (SyncState.QUEUED, SyncState.RUNNING)


def sync_status(organisation_id: int) -> SyncStatus:
    """Return the status of the organisation's sync, as the database and Redis have it now."""
    return status_of(connection_of(organisation_id), session().get_one(Organisation, organisation_id))


def status_of(connection: Connection | None, org: Organisation) -> SyncStatus:
    """Return the status of the sync of a connection that was read just now.

    Applications that were not delivered wait for a decision when the connection has ended, too.
    """
    if connection is None:
        waiting = Decisions(undelivered=count_undelivered(org.id))
        return SyncStatus(SyncState.NOT_CONNECTED, org=org.slug, waiting=waiting)
    status = replace(_of(connection), org=org.slug, waiting=decisions_of(connection))
    if not connection.set_aside:
        return status
    run_id = last_succeeded_run(connection.id)
    return replace(status, set_aside=len(connection.set_aside), set_aside_run_id=run_id)


def render_status(organisation_id: int) -> str:
    """Return the two pieces that show it, ``#sync-status`` and ``#sync-notices``, for any page of it."""
    return render_template("partials/connection/_sync.html", status=sync_status(organisation_id))


def _of(connection: Connection) -> SyncStatus:
    run = unfinished_run(connection.id)
    if run is None:
        return _at_rest(connection)
    return _running(connection, run) if run.status == RunStatus.RUNNING else _queued(connection, run)


def _at_rest(connection: Connection) -> SyncStatus:
    if connection.paused_at is not None:
        return _about(connection, SyncState.PAUSED)
    last = last_finished_run(connection.id)
    if connection.failing_since is not None:
        return replace(
            _about(connection, SyncState.FAILING),
            next_attempt=connection.next_sync_at,
            run_id=last.id if last else None,
        )
    state = SyncState.SYNCED if connection.last_synced_at else SyncState.QUEUED
    if last is None or last.status != RunStatus.SUCCEEDED:
        return _about(connection, state)
    return replace(_about(connection, state), outcome=outcome_of(last), run_id=last.id)


def _running(connection: Connection, run: SyncRun) -> SyncStatus:
    is_preview = run.trigger == Trigger.PREVIEW
    status = replace(_about(connection, SyncState.RUNNING), run_id=run.id, is_preview=is_preview)
    progress = progress_of(run.id)
    if progress is None:
        return status
    return replace(status, phase=progress.phase, done=progress.done, total=progress.total)


def _queued(connection: Connection, run: SyncRun) -> SyncStatus:
    now = utc_now()
    if waits_long(run.not_before, now):
        if run.trigger == Trigger.PREVIEW:
            return _at_rest(connection)  # the page of the preview itself shows its retry
        retrying = _about(connection, SyncState.RETRYING)
        return replace(retrying, error=run.error, next_attempt=run.not_before, run_id=run.id)
    return replace(_about(connection, _waiting_for(run, now)), run_id=run.id)


def _waiting_for(run: SyncRun, now: datetime) -> SyncState:
    """What keeps a run that may start from starting, once that takes longer than it should."""
    waited = now - (run.not_before or run.queued_at)
    if run.enqueued_at is None:
        away = waited > TIME_TO_ENQUEUE or seems_away()
        return SyncState.WAITING_FOR_QUEUE if away else SyncState.QUEUED
    patience = timedelta(seconds=current_settings().lease_seconds)
    return SyncState.WAITING_FOR_WORKER if waited > patience else SyncState.QUEUED


def _about(connection: Connection, state: SyncState) -> SyncStatus:
    """What every state shows: a fault of the board also while a run waits or runs, or syncing is paused."""
    failing, worked_before = connection.failing_since is not None, connection.last_synced_at is not None
    return SyncStatus(
        state,
        board_name=connection.board_name,
        first_import=connection.last_synced_at is None,
        last_synced_at=connection.last_synced_at,
        error=connection.last_error if failing else None,
        attention=needs_attention(connection.last_error_kind, failing=failing, worked_before=worked_before),
        failing_since=connection.failing_since,
        paused_at=connection.paused_at,
        key_unreadable=not is_readable(connection, Use.API_KEY),
    )
