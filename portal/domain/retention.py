"""How long what is over is kept: a sync run in the history, a deleted job."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.domain.run_states import RunStatus, Trigger

UNEVENTFUL = timedelta(days=1)
EVENTFUL = timedelta(days=365)
DELETED = timedelta(days=30)
TRACES = ("created", "updated", "closed", "reopened", "held", "set_aside", "error")


def forget_at(finished_at: datetime, status: RunStatus, trigger: str, outcome: Mapping[str, Any]) -> datetime:
    """Return when a run may leave: a day after it changed nothing, a year after it did or failed.

    ``outcome`` holds the run's counts and what else it left that was not so before. A preview and a
    run that was cancelled changed nothing, whatever they found.
    """
    is_eventful = status == RunStatus.FAILED or any(outcome.get(name) for name in TRACES)
    if trigger == Trigger.PREVIEW or status == RunStatus.CANCELLED:
        is_eventful = False
    return finished_at + (EVENTFUL if is_eventful else UNEVENTFUL)
