"""How long the history keeps a sync run."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.domain.run_states import RunStatus

UNEVENTFUL = timedelta(days=1)
EVENTFUL = timedelta(days=365)
TRACES = ("created", "updated", "closed", "reopened", "held", "set_aside", "error")


def forget_at(finished_at: datetime, status: RunStatus, outcome: Mapping[str, Any]) -> datetime:
    """Return when a run may leave: a day after it changed nothing, a year after it did or failed.

    ``outcome`` holds the run's counts and what else it left.
    """
    eventful = status != RunStatus.SUCCEEDED or any(outcome.get(name) for name in TRACES)
    return finished_at + (EVENTFUL if eventful else UNEVENTFUL)
