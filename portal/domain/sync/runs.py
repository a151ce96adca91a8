"""The states of a sync run, and the only ways between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple


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


NOTHING: Final = "Nothing changed"
PAUSED: Final = "Syncing was paused before it ended."
RENAMED: Final = "The board's token was changed before it ended."
DISCONNECTED: Final = "Greenhouse was disconnected before it ended."


def outcome(
    *,
    updated: int = 0,
    created: int = 0,
    reopened: int = 0,
    closed: int = 0,
    held: int = 0,
    hides_new: bool = False,
) -> str:
    """Return what a run brought: "3 updated, 1 new, 1 closed", or "Nothing changed".

    ``hides_new`` says that what it created is hidden until somebody shows it.
    """
    counts = (
        (updated, "updated"),
        (created, "new (hidden until shown)" if hides_new else "new"),
        (reopened, "reopened"),
        (closed, "closed"),
        (held, "held"),
    )
    return ", ".join(f"{number:,} {word}" for number, word in counts if number) or NOTHING


@dataclass(frozen=True, slots=True)
class Spacing:
    """``between`` lies from one start to the next; ``collecting`` is how long a webhook's run waits for more.

    A run takes milliseconds where nothing changed: without a pause, each click of many would find the one
    before it over, and start its own.
    """

    between: timedelta
    collecting: timedelta


SPACING = Spacing(between=timedelta(seconds=2), collecting=timedelta(milliseconds=500))


def earliest_start(trigger: Trigger, now: datetime, last_started_at: datetime | None) -> datetime | None:
    """Return what a run that is asked for now must wait for; ``None``: it may start at once.

    A start that lies ahead (clocks differ) is no reason to wait longer than after one of this moment.
    """
    moments = [min(last_started_at, now) + SPACING.between] if last_started_at else []
    if trigger == Trigger.WEBHOOK:
        moments.append(now + SPACING.collecting)
    latest = max(moments, default=now)
    return latest if latest > now else None


def waits_long(not_before: datetime | None, now: datetime) -> bool:
    """Whether a run that waits does so for more than its distance: Greenhouse let it down before.

    A moment further ahead than any pause was set by a wrong clock: the run does not wait for it.
    """
    return not_before is not None and now + SPACING.between < not_before <= now + LONGEST_PAUSE


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
