"""Compare the stored posts with the whole board, and guard against closing too many."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from portal.domain.jobs.fields import FIELDS
from portal.domain.jobs.pairs import Reposts
from portal.domain.jobs.values import Field, Values
from portal.domain.sync.following import FOLLOWABLE_COLUMNS, as_source_value
from portal.domain.sync.posts import ListedPost
from portal.domain.sync.prefill import AI_NOTICE

SMALL_BOARD = 3
LARGE_BOARD = 10
FULL_LIST = Fraction(3, 5)
"""A list of at least so much of what was open did not shrink: as many came as went."""


class ChangeKind(StrEnum):
    """What happened to a job in a run."""

    CREATED = "created"
    UPDATED = "updated"
    REOPENED = "reopened"
    CLOSED = "closed"
    HELD = "held"


class HoldStatus(StrEnum):
    """What was decided of a held closing, or that its post was listed again."""

    PENDING = "pending"
    APPROVED = "approved"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Closings:
    """Posts that are no longer listed, by what becomes of them now."""

    close: tuple[int, ...]
    hold: tuple[int, ...]


def too_many(closing: int, open_before: int, listed: int) -> bool:
    """Whether closing so many is held, where ``listed`` posts came and ``open_before`` jobs were open.

    All of three or more: nothing that is known is listed any more. Or half or more of ten or more while
    the list shrank: as many coming as going is turnover, not a fault.
    """
    if open_before >= LARGE_BOARD and closing * 2 >= open_before and listed < open_before * FULL_LIST:
        return True
    return open_before >= SMALL_BOARD and closing == open_before


def is_doubted(held: int, came_back: int) -> bool:
    """Whether the rest of a held drop is still not believed: too few of it have been listed again."""
    return (held - came_back) * 2 > held


def guard_closings(
    closed: tuple[int, ...],
    open_before: int,
    listed: int,
    approved: Set[int] = frozenset(),
    kept: Set[int] = frozenset(),
    doubted: Set[int] = frozenset(),
) -> Closings:
    """Judge a plan's closings; ``open_before`` counts the open jobs that the board is answerable for.

    ``listed`` counts the posts of the answer.

    What an admin ``approved`` closes; what an admin decided to have ``kept`` open stays open. The rest
    closes unless it is too many of the jobs that are not decided about, or ``doubted``: held already, in a
    drop that still stands. (Neither new jobs nor decisions on others must let a held closing pass as one of
    few.)
    """
    sure = tuple(post_id for post_id in closed if post_id in approved)
    rest = tuple(post_id for post_id in closed if post_id not in approved and post_id not in kept)
    decided = len(closed) - len(rest)
    if too_many(len(rest), open_before - decided, listed):
        return Closings(sure, rest)
    few = tuple(post_id for post_id in rest if post_id not in doubted)
    return Closings(sure + few, tuple(post_id for post_id in rest if post_id in doubted))


FieldChange = dict[str, Any]
"""``field``, ``before`` and ``after``; a description's ``after`` is left out: it stands in the job.

A field that follows Greenhouse is marked ``followed``: its own columns changed. Without the mark an
organisation's field is one that only Greenhouse says something else of.
"""

NOTHING_FOLLOWED: Final[Mapping[str, Values]] = MappingProxyType({})

POST: Final = "external_id"

PLAIN_COLUMNS = ("title", "apply_url", "requisition_id", "language")
UNSEEN_COLUMNS = ("internal_job_id", "source_updated_at", "source_hash")
SOURCE_COLUMNS = (*PLAIN_COLUMNS, "description_html", "source_values", "source_updated_at")
COMPARED_COLUMNS = (*SOURCE_COLUMNS, "office_places", "follows", *FOLLOWABLE_COLUMNS)
_READ_ANEW = frozenset({"description", "language", AI_NOTICE})


def changed_fields(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    followed: Mapping[str, Values] = NOTHING_FOLLOWED,
    *,
    whole: bool = False,
) -> list[FieldChange]:
    """Compare two rows of Greenhouse's columns; empty when nothing that anybody sees has changed.

    ``followed`` are the columns that are written because they follow Greenhouse, by their field.
    ``whole`` keeps the new description beside the old one, for a change that is not carried out.
    """
    changes = [
        _change(name, before[name], after[name]) for name in PLAIN_COLUMNS if before[name] != after[name]
    ]
    if before["description_html"] != after["description_html"]:
        change = _change("description", before["description_html"], after["description_html"])
        changes.append(change if whole else {key: change[key] for key in ("field", "before")})
    old, new = before["source_values"] or {}, after["source_values"]
    names = dict.fromkeys([*old, *new])
    changes += followed_changes(before, followed)
    return changes + [
        _change(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name) and name not in followed
    ]


def without_read_anew(
    changes: Sequence[FieldChange], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[FieldChange]:
    """The changes that Greenhouse made, where the texts are read in another way than they were before.

    A text that comes out differently though its post was not updated is nobody's change.
    """
    if before["source_updated_at"] != after["source_updated_at"]:
        return list(changes)
    return [change for change in changes if change["field"] not in _READ_ANEW]


def _change(name: str, before: Any, after: Any) -> FieldChange:
    return {"field": name, "before": before, "after": after}


def followed_changes(before: Mapping[str, Any], followed: Mapping[str, Values]) -> list[FieldChange]:
    """The changes of the fields that follow Greenhouse."""
    return [_followed(FIELDS[name], before, values) for name, values in followed.items()]


def _followed(field: Field, before: Mapping[str, Any], values: Values) -> FieldChange:
    change = _change(field.name, as_source_value(field, before), as_source_value(field, values))
    return change | {"followed": True}


@dataclass(frozen=True, slots=True)
class StoredPost:
    """What is stored of one post: its row, the hash of the answer it came from, whether it stands listed.

    ``imported`` is false for a kept job of an ended connection: it is the organisation's own until
    its post is listed again, and no sync closes it by itself. ``merged`` jobs are part of another one.
    """

    job_id: int
    fingerprint: str | None
    listed: bool
    imported: bool = True
    merged: bool = False


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """The ids of posts by what is to be done; ``unchanged`` is only counted.

    ``left`` are open jobs that were kept from an earlier connection and are listed no more: whether
    they close is nobody's to plan. ``moved`` are those of the ``updated`` that go on with the row of a post
    that is gone; ``doubtful`` pairs gone posts with created ones that may do so.
    """

    created: tuple[int, ...]
    updated: tuple[int, ...]
    reopened: tuple[int, ...]
    closed: tuple[int, ...]
    unchanged: int
    left: tuple[int, ...] = ()
    moved: Mapping[int, int] = field(default_factory=dict)
    doubtful: tuple[tuple[int, int], ...] = ()

    @property
    def changes(self) -> int:
        """How many rows the plan would write."""
        return len(self.created) + len(self.updated) + len(self.reopened) + len(self.closed)

    @property
    def written(self) -> tuple[int, ...]:
        """The ids of stored posts whose content is taken over anew."""
        return self.updated + self.reopened


def with_reposts(plan: SyncPlan, reposts: Reposts) -> SyncPlan:
    """The plan in which new posts go on with the rows of gone ones: those are neither created nor closed."""
    moved, gone = reposts.moved, set(reposts.moved.values())
    return replace(
        plan,
        created=tuple(post_id for post_id in plan.created if post_id not in moved),
        updated=plan.updated + tuple(moved),
        closed=tuple(post_id for post_id in plan.closed if post_id not in gone),
        moved=moved,
        doubtful=reposts.doubtful,
    )


def moved_change(old: int, new: int) -> FieldChange:
    """The change of a job whose post is listed under another id."""
    return _change(POST, old, new)


def plan_sync(
    stored: Mapping[int, StoredPost],
    listed: Mapping[int, ListedPost],
    untouched: Set[int] = frozenset(),
) -> SyncPlan:
    """Compare the stored posts with the whole board; a stored post that is not listed is closed.

    Posts in ``untouched`` are listed but could not be read: their rows stay as they are.
    """
    created: list[int] = []
    updated: list[int] = []
    reopened: list[int] = []
    unchanged = 0
    for post_id, post in listed.items():
        row = stored.get(post_id)
        if row is None:
            created.append(post_id)
        elif not row.listed:
            reopened.append(post_id)
        elif row.fingerprint != post.fingerprint:
            updated.append(post_id)
        else:
            unchanged += 1
    gone = {
        post_id: row
        for post_id, row in stored.items()
        if row.listed and post_id not in listed and post_id not in untouched
    }
    closed = tuple(post_id for post_id, row in gone.items() if row.imported)
    left = tuple(post_id for post_id, row in gone.items() if not row.imported and not row.merged)
    return SyncPlan(tuple(created), tuple(updated), tuple(reopened), closed, unchanged, left)
