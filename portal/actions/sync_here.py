"""Sync in this very process, for those who wait at a command line."""

from datetime import datetime
from time import sleep

import structlog

from portal.actions.end_run import sweep
from portal.actions.run_sync import run_sync
from portal.actions.start_sync import start_sync
from portal.domain.run_states import LONGEST_PAUSE, RunStatus, Trigger
from portal.models import Connection, SyncRun
from portal.models.base import has_passed, utc_now
from portal.store.sync_runs import run_by_id
from portal.store.transactions import end_read

PAUSE_SECONDS = 0.25

log = structlog.get_logger()


class SyncWaits(Exception):
    """A preview was asked for while a sync waits, or became one: whoever only looks carries out none."""


def sync_here(connection: Connection, trigger: Trigger) -> SyncRun | None:
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
            _carry_out(run)
        else:
            sleep(PAUSE_SECONDS)
            sweep(utc_now())


def _is_due(run: SyncRun, now: datetime) -> bool:
    free = run.not_before is None or has_passed(run.not_before, now, LONGEST_PAUSE)
    return run.status == RunStatus.QUEUED and free


def _carry_out(run: SyncRun) -> None:
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
