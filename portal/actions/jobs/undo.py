"""Take an edit back, or the bulk edit that it belongs to; that is an edit as well."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from portal.actions.changing import Change, changing
from portal.actions.jobs.bulk_edit import PROGRESS_BATCH, Progress
from portal.actions.sync.mapping import mapping_to_follow
from portal.domain.jobs.bulk import Step, is_current
from portal.domain.jobs.fields import DELETION, EDITED_FIELDS, FIELDS, Source
from portal.domain.jobs.values import Field, as_json, from_json
from portal.domain.sync.custom_fields import FieldMapping
from portal.domain.sync.following import is_following, restored_values
from portal.store import edits as edit_store
from portal.store.edits import EditedRow, edit_of, is_undone, times_undone
from portal.store.job_columns import write_steps

Row = Mapping[str, Any]


class Left(Enum):
    """Why a job was left as it is."""

    EDITED = auto()
    GREENHOUSES = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Undone:
    """How many jobs have their value back, and how many were left, by the reason.

    ``edit_id`` takes the undo itself back; ``already`` says that it was undone before; ``again``, that
    what was taken back was an undo: the edit is done again. ``fields`` counts those of a bulk edit, of which
    ``field`` is one.
    """

    field: Field
    restored: int
    left: Mapping[Left, int]
    edit_id: int | None
    job_id: int
    already: bool = False
    again: bool = False
    fields: int = 1


def undo_edit(
    organisation_id: int,
    edit_id: int,
    user_id: int | None,
    report_progress: Progress = lambda _done, _total: None,
) -> Undone | None:
    """Restore the value before an edit, wherever it was not edited since; ``None``: no such edit.

    A field that followed Greenhouse before does so again, and says what Greenhouse says by now.
    ``report_progress`` is given how many of how many values are written so far: all in one transaction.
    """
    with changing(organisation_id) as change:
        edit = edit_of(organisation_id, edit_id)
        if edit is None:
            return None
        edits: dict[str, list[EditedRow]] = {}
        for row in edit_store.edits_with(edit):
            edits.setdefault(row.field, []).append(row)
        restores = {name: _steps(organisation_id, EDITED_FIELDS[name], rows) for name, rows in edits.items()}
        total, restored, all_left = sum(len(steps) for steps, *_ in restores.values()), 0, Counter[Left]()
        report_progress(0, total)  # reading them took a while too
        for name, (steps, undoes, left) in restores.items():
            all_left += left
            for start in range(0, len(steps), PROGRESS_BATCH):
                batch = steps[start : start + PROGRESS_BATCH]
                _write(organisation_id, name, batch, undoes, user_id, change)
                restored += len(batch)
                report_progress(restored, total)
        return Undone(
            EDITED_FIELDS[edit.field],
            restored,
            all_left,
            edit_store.first_of_batch(organisation_id, change.revision) if restored else None,
            edit.job_id,
            already=not restored and is_undone(edit_id),
            again=times_undone(edit) % 2 == 1,
            fields=len(edits),
        )


def _steps(
    organisation_id: int, field: Field, edits: list[EditedRow]
) -> tuple[list[Step], dict[int, int], Counter[Left]]:
    """Return what becomes of each job that still says what its edit made it say, and that edit's id.

    The others are counted by why they are left.
    """
    jobs = [edit.job_id for edit in edits]
    columns = (*field.columns, "source", "follows", "source_values")
    mapping = mapping_to_follow(organisation_id)
    rows = dict(edit_store.chosen_rows(organisation_id, jobs, columns, or_deleted=field is DELETION))
    oldest = min((edit.version for edit in edits), default=0)
    later = edit_store.later_edits(jobs, field.name, oldest)
    steps, undoes, left = [], {}, Counter[Left]()
    for edit in edits:
        row = rows.get(edit.job_id)
        since = {n: undone for n, undone in later.get(edit.job_id, {}).items() if n > edit.version}
        if row is None:
            left[Left.GONE] += 1
        elif not _is_ours(field, row):
            left[Left.GREENHOUSES] += 1
        elif not is_current(edit.version, since) or _was_synced(field, row, edit):
            left[Left.EDITED] += 1
        else:
            steps.append(_step(field, row, edit, mapping))
            undoes[edit.job_id] = edit.id
    return steps, undoes, left


def _step(field: Field, row: Row, edit: EditedRow, mapping: FieldMapping | None) -> Step:
    """What becomes of a job whose edit is taken back."""
    follows = edit.followed and row["source"] == Source.GREENHOUSE
    said = mapping.complete(row["source_values"] or {}) if follows and mapping else None
    before = {name: row[name] for name in field.columns}
    after = restored_values(field, from_json(edit.before), said)
    return Step(edit.job_id, before, after, is_following(row["follows"], field.name), follows)


def _is_ours(field: Field, row: Any) -> bool:
    """A kept job's title is Greenhouse's again once its board is connected anew."""
    return field.name in FIELDS or row["source"] == Source.OWN


def _was_synced(field: Field, row: Any, edit: EditedRow) -> bool:
    """What a sync writes too may say something else since, where the job was Greenhouse's for a while."""
    return field.name not in FIELDS and as_json({name: row[name] for name in field.columns}) != edit.after


def _write(
    organisation_id: int,
    name: str,
    steps: list[Step],
    undoes: dict[int, int],
    user_id: int | None,
    change: Change,
) -> None:
    """Write what becomes of one field, and its edits."""
    revision = change.revision
    edit_store.record_steps(organisation_id, name, steps, user_id, change.now, batch=revision, undoes=undoes)
    write_steps(EDITED_FIELDS[name], steps, change.now, revision)
