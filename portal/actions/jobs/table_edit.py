"""Change jobs by a table of text: upload it, preview what it comes to, apply it as one bulk edit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

from portal.actions.audit import record
from portal.actions.changing import Change, changing
from portal.actions.jobs.bulk_edit import PROGRESS_BATCH, Progress
from portal.db import write
from portal.domain.audit import Action
from portal.domain.jobs.table_cells import TABLE_FIELDS
from portal.domain.jobs.table_edits import Change as CellChange
from portal.domain.jobs.table_edits import (
    JobsTable,
    Proposal,
    Refusal,
    TablePlan,
    is_heading,
    plan_table,
    read_jobs_table,
)
from portal.domain.jobs.tables import read_file
from portal.domain.jobs.values import Values
from portal.domain.sync.following import bit_of
from portal.domain.texts import cut_line
from portal.models import JobImport
from portal.models.base import utc_now
from portal.store import edits
from portal.store.job_columns import set_columns_of
from portal.store.shortcuts import usual_currency

IMPORT_LIFE: Final = timedelta(hours=2)
MOST_IMPORTS: Final = 5  # of one person
MOST_REFUSED: Final = 2_000  # whose reasons are kept; the others are counted
_COLUMNS: Final = tuple(
    dict.fromkeys(
        ("source", "follows", "revision", *(name for each in TABLE_FIELDS.values() for name in each.columns))
    )
)
Rows = Mapping[int, Mapping[str, Any]]


class ConflictsChanged(Exception):
    """Others changed more than was shown of what is to be overwritten."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many values of how many jobs were changed; ``edit_id`` undoes all of it."""

    values: int
    jobs: int
    edit_id: int | None
    left: int = 0
    """How many values were not overwritten, because somebody changed them meanwhile."""


@dataclass(frozen=True, slots=True)
class Import:
    """An uploaded file: what was read of it, what it comes to now, and what became of it."""

    id: int
    file_name: str
    rows: int
    ignored: list[str]
    has_lost_letters: bool
    plan: TablePlan
    applied: Applied | None
    more_refused: int = 0
    """How many are refused beside those of the plan, without a reason being kept."""

    @property
    def conflicts_version(self) -> str:
        """What tells whether the conflicts are those that were shown."""
        return version_of(self.plan.conflicts)


@dataclass(frozen=True, slots=True)
class Judged:
    """Proposals, the jobs that they were judged by, and what they come to."""

    proposals: Sequence[Proposal]
    jobs: Rows
    plan: TablePlan


def judge(organisation_id: int, proposals: Sequence[Proposal], encoding: str = "") -> Judged:
    """Judge proposals by the jobs as they are now; a salary may be in the usual currency."""
    jobs = dict(edits.chosen_rows(organisation_id, {each.job_id for each in proposals}, _COLUMNS))
    is_paid = any(each.field == "salary" for each in proposals)
    currency = usual_currency(organisation_id) if is_paid else None
    return Judged(proposals, jobs, plan_table(proposals, jobs, currency, encoding=encoding))


def judge_again(organisation_id: int, judged: Judged) -> Judged:
    """Judge again, in the organisation's lock, what somebody has changed since: judging takes its time."""
    now = dict(edits.chosen_rows(organisation_id, judged.jobs, ("revision",)))
    moved = {
        job_id
        for job_id, row in judged.jobs.items()
        if now.get(job_id, {}).get("revision") != row["revision"]
    }
    if not moved:
        return judged
    again = judge(organisation_id, [each for each in judged.proposals if each.job_id in moved])
    plan = TablePlan(
        changes=[*(each for each in judged.plan.changes if each.job_id not in moved), *again.plan.changes],
        conflicts=[
            *(each for each in judged.plan.conflicts if each.job_id not in moved),
            *again.plan.conflicts,
        ],
        refused=[*judged.plan.refused, *again.plan.refused],
        same=judged.plan.same + again.plan.same,
    )
    return Judged(judged.proposals, {**judged.jobs, **again.jobs}, plan)


def upload_table(organisation_id: int, user_id: int, file_name: str, data: bytes) -> int:
    """Read a CSV file and keep what it would change; return its id. Raises ``InvalidTable``."""
    table = read_file(data, is_heading)
    asked = read_jobs_table(table)
    plan = judge(organisation_id, asked.proposals, table.encoding).plan
    content = _content(asked, plan) | {"lost_letters": table.has_lost_letters}
    uploaded = JobImport(
        organisation_id=organisation_id,
        user_id=user_id,
        file_name=cut_line(file_name, 200) or "CSV",
        content=content,
    )
    with write() as current:
        edits.drop_older_imports(organisation_id, user_id, MOST_IMPORTS - 1)
        current.add(uploaded)
    return uploaded.id


def _content(asked: JobsTable, plan: TablePlan) -> dict[str, Any]:
    """What is kept of a file: the cells that may change something, and what is refused."""
    cells = [each.proposal for each in (*plan.changes, *plan.conflicts)]
    refused = sorted([*asked.refused, *plan.refused])
    return {
        "cells": [list(each) for each in sorted(cells)],
        "refused": [list(each) for each in refused[:MOST_REFUSED]],
        "more_refused": max(len(refused) - MOST_REFUSED, 0),
        "ignored": [cut_line(heading, 60) for heading in asked.ignored[:50]],
        "rows": asked.rows,
        "same": plan.same,
    }


def find_import(organisation_id: int, user_id: int, import_id: int) -> Import | None:
    """Return what somebody uploaded, and what it comes to now; ``None`` where it is out of date."""
    found = edits.import_of(organisation_id, user_id, import_id, utc_now() - IMPORT_LIFE)
    if found is None:
        return None
    said, plan = found.content, _judged(found).plan
    plan.refused = sorted({*plan.refused, *(Refusal(*each) for each in said.get("refused", ()))})
    plan.same += said.get("same", 0)
    return Import(
        id=found.id,
        file_name=found.file_name,
        rows=said.get("rows", 0),
        ignored=said.get("ignored", []),
        has_lost_letters=said.get("lost_letters", False),
        plan=plan,
        applied=Applied(**found.result) if found.result else None,
        more_refused=said.get("more_refused", 0),
    )


def _judged(found: JobImport) -> Judged:
    cells = [Proposal(*cell) for cell in found.content.get("cells", ())]
    return judge(found.organisation_id, cells)


def apply_import(
    organisation_id: int,
    user_id: int,
    import_id: int,
    *,
    overwrite: str | None = None,
    report_progress: Progress = lambda _done, _total: None,
) -> Applied | None:
    """Change what an uploaded file proposes, once: a second time says what the first one did.

    ``overwrite`` is the version of the conflicts that are to be overwritten as well. Returns ``None`` where
    the upload is out of date. Raises ``ConflictsChanged``, and changes nothing.
    """
    read = edits.import_of(organisation_id, user_id, import_id, utc_now() - IMPORT_LIFE)
    if read is None:
        return None
    judged = _judged(read)
    with changing(organisation_id) as made:
        found = edits.import_of(organisation_id, user_id, import_id, made.now - IMPORT_LIFE)
        if found is None or found.result:
            return Applied(**found.result) if found and found.result else None
        judged = judge_again(organisation_id, judged)
        conflicts = judged.plan.conflicts
        if overwrite is not None and overwrite != version_of(conflicts):
            raise ConflictsChanged
        taken = [*judged.plan.changes, *(conflicts if overwrite is not None else ())]
        done = write_changes(organisation_id, taken, judged.jobs, user_id, made, report_progress)
        left = 0 if overwrite is not None else len(conflicts)
        found.result = {"values": done.values, "jobs": done.jobs, "edit_id": done.edit_id, "left": left}
        found.content = {}
        about = f"{found.file_name}: {done.values} values of {done.jobs} jobs"
        record(organisation_id, Action.IMPORTED, about, user_id=user_id)
        return Applied(**found.result)


def edit_cells(
    organisation_id: int,
    proposals: Sequence[Proposal],
    user_id: int,
    *,
    partly: bool,
    seen: str | None = None,
) -> tuple[TablePlan, Applied | None]:
    """Change what cells propose, as one edit: all of them, or none, or ``partly`` those that are accepted.

    ``seen`` is the version of the changes that were shown. Raises ``ConflictsChanged``, and changes nothing.
    """
    judged = judge(organisation_id, proposals)
    with changing(organisation_id) as made:
        judged = judge_again(organisation_id, judged)
        plan = judged.plan
        if seen is not None and seen != version_of(plan.changes):
            raise ConflictsChanged
        if plan.refused and not partly:
            return plan, None
        return plan, write_changes(organisation_id, plan.changes, judged.jobs, user_id, made)


def version_of(changes: Sequence[CellChange]) -> str:
    """Return what tells whether changes, and what they replace, are those that were shown."""
    said = sorted(f"{each.proposal} {each.step.before}" for each in changes)
    return blake2b("\n".join(said).encode(errors="replace"), digest_size=12).hexdigest()


def write_changes(
    organisation_id: int,
    changes: Sequence[CellChange],
    jobs: Rows,
    user_id: int | None,
    made: Change,
    report_progress: Progress = lambda _done, _total: None,
) -> Applied:
    """Record each change as an edit of one batch, and write every job once."""
    by_job: dict[int, list[CellChange]] = {}
    for change in changes:
        by_job.setdefault(change.job_id, []).append(change)
    columns = {name for change in changes for name in change.field.columns}
    ids = list(by_job)
    for start in range(0, len(ids), PROGRESS_BATCH):
        batch = ids[start : start + PROGRESS_BATCH]
        by_field: dict[str, list[CellChange]] = {}
        for job_id in batch:
            for change in by_job[job_id]:
                by_field.setdefault(change.field.name, []).append(change)
        for name, found in by_field.items():
            steps = [change.step for change in found]
            edits.record_steps(organisation_id, name, steps, user_id, made.now, batch=made.revision)
        after = {job_id: _after(jobs[job_id], by_job[job_id], columns) for job_id in batch}
        set_columns_of(after, made.now, made.revision)
        report_progress(start + len(batch), len(ids))
    edit_id = edits.first_of_batch(organisation_id, made.revision) if changes else None
    return Applied(len(changes), len(by_job), edit_id)


def _after(job: Mapping[str, Any], changes: Iterable[CellChange], columns: Iterable[str]) -> Values:
    """The columns of a job as they will be, and what follows Greenhouse from then on."""
    after = {name: job[name] for name in columns} | {"follows": job["follows"]}
    for change in changes:
        after |= change.step.after
        after["follows"] &= ~bit_of(change.field.name)
    return after
