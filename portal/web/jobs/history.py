"""The past of one field, as people read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.domain.edit_values import from_json
from portal.domain.job_fields import FIELDS, OWN_FIELDS, Field
from portal.models import Edit, Job
from portal.store.edits import last_edits

MOST_CHANGES: Final = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One change: who made it and when, what it changed from and to; whether it can be taken back."""

    edit_id: int
    who: str
    at: datetime
    before: str
    after: str
    is_undo: bool
    is_redo: bool
    in_bulk: bool
    can_undo: bool


def changes_of(job: Job, field: Field, edits: list[Edit]) -> list[Change]:
    """Return what became of a field, the latest first. Only what still stands is offered to be undone."""
    editable = field.name in FIELDS or not job.imported
    undone = _times_undone(edits)
    return [
        Change(
            edit_id=edit.id,
            who=name_of(edit),
            at=edit.at,
            before=field.display(from_json(edit.before)),
            after=field.display(from_json(edit.after)),
            is_undo=undone[edit.id] % 2 == 1,
            is_redo=undone[edit.id] > 0 and undone[edit.id] % 2 == 0,
            in_bulk=edit.batch_id is not None and edit.undoes_id is None,
            can_undo=editable and place == 0,
        )
        for place, edit in enumerate(edits)
    ]


def _times_undone(edits: list[Edit]) -> dict[int, int]:
    """How many undos in a row each edit is, as far back as these reach."""
    times: dict[int, int] = {}
    for edit in reversed(edits):
        times[edit.id] = 0 if edit.undoes_id is None else times.get(edit.undoes_id, 0) + 1
    return times


def last_changes(job: Job) -> dict[str, Change]:
    """Return the latest change of each field that was ever changed."""
    found = last_edits(job.id)
    fields = {name: field for name, field in {**FIELDS, **OWN_FIELDS}.items() if name in found}
    return {name: changes_of(job, field, [found[name]])[0] for name, field in fields.items()}


def name_of(edit: Edit) -> str:
    """Return who made an edit; people who were removed have no name any more."""
    return (edit.user.name or edit.user.email) if edit.user else "Somebody"
