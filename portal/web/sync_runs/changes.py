"""What a run changed of each job, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.domain.change_words import DESCRIPTION, label_of, value_words
from portal.domain.description_changes import description_changes
from portal.domain.word_diff import Passage
from portal.models import ChangeKind, SyncChange

KINDS: Final = {
    ChangeKind.CREATED: ("New", "good"),
    ChangeKind.UPDATED: ("Updated", "soft"),
    ChangeKind.REOPENED: ("Reopened", "good"),
    ChangeKind.CLOSED: ("Closed", "soft"),
    ChangeKind.HELD: ("Held", "warn"),
}


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
    job_id: int | None
    fields: tuple[FieldRow, ...]


def change_rows(changes: Sequence[SyncChange], descriptions: dict[int, str]) -> list[ChangeRow]:
    """Return the rows of some changes; ``descriptions`` holds the later text where a change lacks it."""
    return [_row(change, descriptions.get(change.id, "")) for change in changes]


def _row(change: SyncChange, later: str) -> ChangeRow:
    label, tag = KINDS[ChangeKind(change.kind)]
    fields = tuple(row for field in change.fields for row in _rows(field, later))
    return ChangeRow(label, tag, change.title, change.job_id, fields)


def _rows(field: dict[str, Any], later: str) -> list[FieldRow]:
    name, before, after = field["field"], field["before"], field.get("after")
    if name == DESCRIPTION:
        found = description_changes(before or "", later if after is None else after)
        return [FieldRow(each.label, passages=each.passages) for each in found]
    return [FieldRow(label_of(name), value_words(name, before), value_words(name, after))]
