"""Take an edit back, or the bulk edit that it belongs to; that is an edit as well."""

from dataclasses import dataclass
from typing import Any

from portal.domain.bulk_changes import Step
from portal.domain.edit_values import from_json
from portal.domain.job_fields import FIELDS, OWN_FIELDS, Field
from portal.domain.undoing import stands
from portal.live.publish import announce
from portal.models import Edit, Source
from portal.models.base import utc_now
from portal.store import bulk
from portal.store.bulk import EditedRow
from portal.store.edits import edit_of, is_undone
from portal.store.organisations import next_revision
from portal.store.transactions import write


@dataclass(frozen=True, slots=True)
class Undone:
    """How many jobs have their value back, and how many were left: edited since, or gone.

    ``edit_id`` takes the undo itself back; ``already`` says that it was undone before.
    """

    field: Field
    restored: int
    left: int
    edit_id: int | None
    job_id: int
    already: bool = False


def undo_edit(organisation_id: int, edit_id: int, user_id: int | None) -> Undone | None:
    """Give back what stood before an edit, wherever nobody edited it since; ``None``: no such edit."""
    with write():
        revision = next_revision(organisation_id)
        edit = edit_of(organisation_id, edit_id)
        if edit is None:
            return None
        field = FIELDS.get(edit.field) or OWN_FIELDS[edit.field]
        edits = bulk.edits_with(edit)
        steps, undoes = _steps(organisation_id, field, edits)
        _write(edit, steps, undoes, user_id, revision)
        undone = Undone(
            field,
            len(steps),
            len(edits) - len(steps),
            bulk.first_of_batch(organisation_id, revision),
            edit.job_id,
            already=not steps and is_undone(edit_id),
        )
    if steps:
        announce(organisation_id, revision)
    return undone


def _steps(organisation_id: int, field: Field, edits: list[EditedRow]) -> tuple[list[Step], dict[int, int]]:
    """Return what becomes of each job that still says what its edit made it say, and that edit's id."""
    jobs = [edit.job_id for edit in edits]
    rows = dict(bulk.chosen_rows(organisation_id, jobs, (*field.columns, "source")))
    oldest = min((edit.version for edit in edits), default=0)
    later = bulk.later_edits(jobs, field.name, oldest)
    steps, undoes = [], {}
    for edit in edits:
        row = rows.get(edit.job_id)
        since = {n: undone for n, undone in later.get(edit.job_id, {}).items() if n > edit.version}
        if row is None or not _is_ours(field, row) or not stands(edit.version, since):
            continue
        before = {name: row[name] for name in field.columns}
        steps.append(Step(edit.job_id, before, from_json(edit.before)))
        undoes[edit.job_id] = edit.id
    return steps, undoes


def _is_ours(field: Field, row: Any) -> bool:
    """A kept job's title is Greenhouse's again once its board is connected anew."""
    return field.name in FIELDS or row["source"] == Source.OWN


def _write(edit: Edit, steps: list[Step], undoes: dict[int, int], user_id: int | None, revision: int) -> None:
    now = utc_now()
    bulk.record_steps(edit.organisation_id, edit.field, steps, user_id, now, batch=revision, undoes=undoes)
    bulk.write_steps(steps, now, revision)
