"""Change one field of many jobs at once: one transaction, one revision, one undo."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.jobs.edit import NoSuchField, with_usual_currency
from portal.actions.sync.mapping import mapping_to_follow
from portal.domain.audit import Action
from portal.domain.jobs.bulk import BulkChange, BulkPlan, How, bulk_change, plan_bulk
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS, known_as
from portal.store import edits
from portal.store.job_columns import write_steps
from portal.store.job_counts import any_salary_shown
from portal.store.job_lists import JobFilter

PROGRESS_BATCH: Final = 1000
"""Jobs: writing so many takes a moment, after which the page is told how far it is."""

Progress = Callable[[int, int], None]
"""Is told how many of how many are done."""


class EditedOneByOne(Exception):
    """Title, description and link belong to one job each, and those of imported jobs to Greenhouse."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"The {label.lower()} is edited job by job; of a job from Greenhouse, edit it in Greenhouse."
        )


class OthersFound(Exception):
    """A filter finds another number of jobs than somebody was told of; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Jobs by their ids, or all that a filter finds on a day; ``told`` is how many somebody agreed to."""

    job_ids: tuple[int, ...] = ()
    wanted: JobFilter | None = None
    today: date | None = None
    told: int | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many jobs changed, had the value already, or could not have it; ``edit_id`` undoes all of it."""

    changed: int
    same: int
    unfit: int
    edit_id: int | None

    @property
    def total(self) -> int:
        """How many jobs were looked at."""
        return self.changed + self.same + self.unfit


def checked_change(organisation_id: int, name: str, how: How, text: str) -> BulkChange:
    """Return the change asked for; raises ``NoSuchField``, ``EditedOneByOne`` or ``InvalidValue``."""
    name = known_as(name)
    if name in OWN_FIELDS:
        raise EditedOneByOne(OWN_FIELDS[name].label)
    if name not in FIELDS:
        raise NoSuchField(name)
    field = FIELDS[name]
    return with_usual_currency(organisation_id, lambda row: bulk_change(field, how, text, row))


def preview_bulk(organisation_id: int, selection: Selection, change: BulkChange) -> BulkPlan:
    """Tell what a bulk edit would come to now; nothing is written."""
    return plan_bulk(change, _rows(organisation_id, selection, change))


def bulk_edit(
    organisation_id: int,
    selection: Selection,
    change: BulkChange,
    user_id: int | None,
    report_progress: Progress = lambda _done, _total: None,
) -> BulkResult:
    """Make the change in every job selected; each that changes gets an edit, all of one batch.

    ``report_progress`` is given how many of how many jobs are written so far: all in one transaction.
    Raises ``OthersFound``.
    """
    name, edit_id = change.field.name, None
    with changing(organisation_id) as made:
        plan = plan_bulk(change, _rows(organisation_id, selection, change))
        if selection.told not in (None, plan.total):
            raise OthersFound
        for start in range(0, len(plan.steps), PROGRESS_BATCH):
            steps = plan.steps[start : start + PROGRESS_BATCH]
            edits.record_steps(organisation_id, name, steps, user_id, made.now, batch=made.revision)
            write_steps(change.field, steps, made.now, made.revision)
            report_progress(start + len(steps), len(plan.steps))
        if plan.steps:
            edit_id = edits.first_of_batch(organisation_id, made.revision)
            if change.how is How.TAKE:
                jobs = f"{len(plan.steps):,} job{'' if len(plan.steps) == 1 else 's'}"
                about = f"{change.field.label}, {jobs}"
                record(organisation_id, Action.GREENHOUSE_TAKEN, about, user_id=user_id)
    return BulkResult(len(plan.steps), plan.same, plan.unfit, edit_id)


def _rows(
    organisation_id: int, selection: Selection, change: BulkChange
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = _stored_rows(organisation_id, selection, change)
    mapping = mapping_to_follow(organisation_id) if change.how is How.TAKE else None
    if mapping is None:
        return rows
    return (
        (job_id, {**row, "source_values": mapping.complete(row["source_values"] or {})})
        for job_id, row in rows
    )


def _stored_rows(
    organisation_id: int, selection: Selection, change: BulkChange
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if selection.wanted is None or selection.today is None:
        return edits.chosen_rows(organisation_id, selection.job_ids, change.needs)
    pays = any_salary_shown(organisation_id)
    return edits.wanted_rows(
        organisation_id, selection.wanted, selection.today, change.needs, any_salary_shown=pays
    )
