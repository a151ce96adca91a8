"""The states of a sync run, and the only ways between them."""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What started a run."""

    CONNECT = "connect"
    MANUAL = "manual"
    SCHEDULE = "schedule"
    WEBHOOK = "webhook"
    PREVIEW = "preview"


class WaitingRun(NamedTuple):
    """A queued run, as it is handed to the workers; ``slow``: its board took long to answer last time."""

    run_id: int
    generation: int
    slow: bool


TRANSITIONS: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED}),
    RunStatus.RUNNING: frozenset(
        {RunStatus.QUEUED, RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED}
    ),
    RunStatus.SUCCEEDED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
}

UNFINISHED = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})
MAX_ATTEMPTS = 3
RETRY_AFTER_LIMIT_SECONDS = 900.0
LONGEST_PAUSE = timedelta(hours=4)  # SYNC_RETRY_SECONDS is an hour at most, and doubles twice
SLOW_SECONDS = 2.0  # a board whose answer takes longer waits in a queue of its own the next time
LONGEST_LEASE = timedelta(hours=2)  # LEASE_SECONDS is an hour at most; clocks may differ by as much


def may_become(status: RunStatus, following: RunStatus) -> bool:
    """Whether a run in ``status`` may become ``following``."""
    return following in TRANSITIONS[status]


def pause_after(attempt: int, first_pause: float, asked: float | None) -> float:
    """Return the seconds until Greenhouse is asked again after ``attempt`` failed attempts.

    The pause doubles from ``first_pause``; Greenhouse may ask for a longer one, within reason.
    """
    pause: float = first_pause * 2 ** (attempt - 1)
    return max(pause, min(asked, RETRY_AFTER_LIMIT_SECONDS)) if asked else pause
