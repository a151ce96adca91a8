"""What a run changed of each job, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from portal.domain.change_words import DESCRIPTION, label_of, value_words
from portal.domain.description_changes import DescriptionChange, description_changes
from portal.domain.word_diff import MOST_STEPS, Budget, Passage
from portal.models import ChangeKind, SyncChange
from portal.web.kept import Kept

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    ChangeKind.CREATED: ("New", "good"),
    ChangeKind.UPDATED: ("Updated", "soft"),
    ChangeKind.REOPENED: ("Reopened", "good"),
    ChangeKind.CLOSED: ("Closed", "soft"),
    ChangeKind.HELD: ("Held", "warn"),
}
STEPS_A_PAGE: Final = 10 * MOST_STEPS
"""How much the descriptions of one page are compared; real ones take a hundredth of it each."""

_compared: Final = Kept[list[DescriptionChange]](500)


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
    """Return the rows of some changes; ``descriptions`` holds the later text where a change lacks it.

    Comparing descriptions takes ``STEPS_A_PAGE`` at most; what was compared once is remembered.
    """
    budget = Budget(STEPS_A_PAGE)
    return [_row(change, descriptions.get(change.id, ""), budget) for change in changes]


def _row(change: SyncChange, later: str, budget: Budget) -> ChangeRow:
    label, tag = KINDS.get(change.kind, (change.kind.capitalize(), "soft"))  # or a newer version's
    fields = tuple(row for field in change.fields for row in _rows(field, later, budget))
    return ChangeRow(label, tag, change.title, change.job_id, fields)


def _rows(field: dict[str, Any], later: str, budget: Budget) -> list[FieldRow]:
    name, before, after = field["field"], field["before"], field.get("after")
    if name == DESCRIPTION:
        found = _description_changes(before or "", later if after is None else after, budget)
        return [FieldRow(each.label, passages=each.passages) for each in found]
    return [FieldRow(label_of(name), value_words(name, before), value_words(name, after))]


def _description_changes(before: str, after: str, budget: Budget) -> list[DescriptionChange]:
    """Compare two descriptions, or recall how; what the page had no steps left for is not remembered."""
    key = blake2b(f"{len(before)} {before}{after}".encode(), digest_size=16).digest()
    found = _compared.get(key)
    if found is None:
        found = description_changes(before, after, budget)
        if budget.steps >= MOST_STEPS:
            _compared.keep(key, found)
    return found
