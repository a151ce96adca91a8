"""A sync run as the history shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.domain.run_states import RunStatus, Trigger
from portal.domain.run_words import NOTHING
from portal.models import SyncRun
from portal.web.sync_runs.words import STATES, TRIGGERS, duration, outcome_of, seconds_of

TAGS: Final[Mapping[str, str]] = {
    RunStatus.SUCCEEDED: "good",
    RunStatus.FAILED: "bad",
    RunStatus.RUNNING: "run",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the history. ``sentence`` says what a run brought, or why it did not.

    ``is_quiet`` says that it ended well and changed nothing.
    """

    id: int
    trigger: str
    who: str | None
    began_at: datetime
    took: str | None
    state: str
    tag: str
    sentence: str
    posts: int | None
    set_aside: int
    is_preview: bool
    is_over: bool
    is_quiet: bool


def run_row(run: SyncRun) -> RunRow:
    """Return what the history says of a run, which may bear a newer version's words."""
    seconds = seconds_of(run)
    changed = run.created or run.updated or run.reopened or run.closed or run.held or run.set_aside
    return RunRow(
        id=run.id,
        trigger=TRIGGERS.get(run.trigger, run.trigger),
        who=(run.started_by.name or run.started_by.email) if run.started_by else None,
        began_at=run.started_at or run.queued_at,
        took=duration(seconds) if seconds is not None else None,
        state=STATES.get(run.status, run.status.capitalize()),
        tag=TAGS.get(run.status, "soft"),
        sentence=_sentence(run),
        posts=run.posts,
        set_aside=len(run.set_aside),
        is_preview=run.trigger == Trigger.PREVIEW,
        is_over=run.finished_at is not None,
        is_quiet=run.status == RunStatus.SUCCEEDED and not changed,
    )


def _sentence(run: SyncRun) -> str:
    match run.status:
        case RunStatus.SUCCEEDED:
            return _brought(run)
        case RunStatus.CANCELLED:
            return run.error or "It was cancelled; nothing was changed."
        case RunStatus.FAILED:
            return run.error or "It did not work; nothing was changed."
        case _:
            return run.error or ""


def _brought(run: SyncRun) -> str:
    if run.trigger != Trigger.PREVIEW:
        return outcome_of(run)
    found = outcome_of(run)
    return "A sync would change nothing" if found == NOTHING else f"A sync would bring: {found}"
