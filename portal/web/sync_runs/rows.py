"""Sync runs in words: what started one, how it ended, how long it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final

from portal.domain.descriptions.diff import (
    MOST_STEPS,
    Budget,
    DescriptionChange,
    Passage,
    description_changes,
)
from portal.domain.sync.following import DESCRIPTION, label_of, value_words
from portal.domain.sync.plan import ChangeKind
from portal.domain.sync.runs import NOTHING, RunStatus, Trigger, outcome
from portal.models import SyncChange, SyncRun
from portal.web.cache import LRUCache

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
        updated=run.updated,
        created=run.created,
        reopened=run.reopened,
        closed=run.closed,
        held=run.held,
        hides_new=run.hides_new,
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
    token_name: str | None
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
        token_name=run.token_name,
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


KINDS: Final[Mapping[str, tuple[str, str]]] = {
    ChangeKind.CREATED: ("New", "good"),
    ChangeKind.UPDATED: ("Updated", "soft"),
    ChangeKind.REOPENED: ("Reopened", "good"),
    ChangeKind.CLOSED: ("Closed", "soft"),
    ChangeKind.HELD: ("Held", "warn"),
}
STEPS_A_PAGE: Final = 10 * MOST_STEPS
"""How much the descriptions of one page are compared; real ones take a hundredth of it each."""

_compared: Final = LRUCache[list[DescriptionChange]](500)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field, before and after; of a description the ``passages`` that changed, if words did."""

    label: str
    before: str = ""
    after: str = ""
    passages: tuple[Passage, ...] | None = None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One job in a run. ``job_id`` is empty for one that a preview would create."""

    kind: str
    tag: str
    title: str
    language: str | None
    job_id: int | None
    fields: tuple[FieldRow, ...]


def change_rows(
    changes: Sequence[SyncChange],
    descriptions: dict[int, str],
    languages: Mapping[int, str | None] = MappingProxyType({}),
) -> list[ChangeRow]:
    """Return the rows of some changes; ``descriptions`` holds the later text where a change lacks it.

    ``languages`` are those of the jobs.

    Comparing descriptions takes ``STEPS_A_PAGE`` at most; what was compared once is remembered.
    """
    budget = Budget(STEPS_A_PAGE)
    return [
        _row(change, descriptions.get(change.id, ""), languages.get(change.job_id or 0), budget)
        for change in changes
    ]


def _row(change: SyncChange, later: str, language: str | None, budget: Budget) -> ChangeRow:
    label, tag = KINDS.get(change.kind, (change.kind.capitalize(), "soft"))  # or a newer version's
    fields = tuple(row for field in change.fields for row in _rows(field, later, budget))
    return ChangeRow(label, tag, change.title, language, change.job_id, fields)


def _rows(field: dict[str, Any], later: str, budget: Budget) -> list[FieldRow]:
    name, before, after = field["field"], field["before"], field.get("after")
    if name == DESCRIPTION:
        found = _description_changes(before or "", later if after is None else after, budget)
        return [FieldRow(each.label, passages=each.passages) for each in found]
    label = label_of(name, followed=field.get("followed", False))
    return [FieldRow(label, value_words(name, before), value_words(name, after))]


def _description_changes(before: str, after: str, budget: Budget) -> list[DescriptionChange]:
    """Compare two descriptions, or recall how; what the page had no steps left for is not remembered."""
    key = blake2b(f"{len(before)} {before}{after}".encode(), digest_size=16).digest()
    found = _compared.get(key)
    if found is None:
        found = description_changes(before, after, budget)
        if budget.steps >= MOST_STEPS:
            _compared.set(key, found)
    return found
