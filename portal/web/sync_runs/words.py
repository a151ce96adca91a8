"""Sync runs in words: what started one, how it ended, how long it took."""

from collections.abc import Mapping
from typing import Final

from portal.domain.run_states import RunStatus, Trigger
from portal.domain.run_words import outcome
from portal.models import SyncRun

TRIGGERS: Final[Mapping[str, str]] = {
    Trigger.CONNECT: "First import",
    Trigger.MANUAL: "Sync now",
    Trigger.SCHEDULE: "Scheduled",
    Trigger.WEBHOOK: "Change in Greenhouse",
    Trigger.PREVIEW: "Check for changes",
}
STATES: Final[Mapping[str, str]] = {
    RunStatus.QUEUED: "Queued",
    RunStatus.RUNNING: "Running",
    RunStatus.SUCCEEDED: "Succeeded",
    RunStatus.FAILED: "Failed",
    RunStatus.CANCELLED: "Cancelled",
}


def outcome_of(run: SyncRun) -> str:
    """Return what a run brought: "3 updated, 1 new, 1 closed", or "Nothing changed"."""
    return outcome(
        updated=run.updated, created=run.created, reopened=run.reopened, closed=run.closed, held=run.held
    )


def seconds_of(run: SyncRun) -> float | None:
    """Return how long a run that ended was at work, from its last claim on; in seconds."""
    if run.started_at is None or run.finished_at is None:
        return None
    return max(0.0, (run.finished_at - run.started_at).total_seconds())


def duration(seconds: float) -> str:
    """Return a length of time: "0.4 s", "12 s", "3 min 5 s"."""
    if seconds < 0.1:
        return "under 0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
