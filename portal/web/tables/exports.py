"""The list of Manage jobs as a CSV file."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from flask import Response, request, stream_with_context

from portal.actions.audit import record_alone
from portal.db import end_read
from portal.domain.audit import Action
from portal.domain.jobs.columns import COLUMNS
from portal.domain.jobs.table_cells import TABLE_FIELDS, cell_text, version_text
from portal.domain.jobs.table_edits import JOB_ID, VERSION
from portal.domain.jobs.tables import BOM, csv_line
from portal.models import Job, Organisation
from portal.store.job_lists import list_jobs
from portal.store.jobs import jobs_by_id
from portal.store.shortcuts import saved_views
from portal.web.blueprints import jobs as bp
from portal.web.jobs.filters import group_spellings
from portal.web.jobs.lists import ListQuery, read_query
from portal.web.jobs.rows import RowContext, open_view, row_context, shown_layout, state_of

BATCH: Final = 500
EVERY_JOB: Final = 2**31 - 1
EVERY_FIELD: Final = (*TABLE_FIELDS, *(name for name in COLUMNS if name not in TABLE_FIELDS))
SEPARATORS: Final = {"semicolon": ";", "tab": "\t"}


@bp.get("/manage.csv")
def export(org: Organisation) -> Response:
    """Every job of the list as it stands, in the columns chosen or, with ``?fields=all``, in all of them."""
    if request.method == "GET":
        record_alone(org.id, Action.EXPORTED, "jobs")
    query = read_query(org.slug, request.args)
    context = row_context(org)
    jobs = list_jobs(
        org.id,
        query.wanted,
        context.today,
        any_salary_shown=context.any_salary_shown,
        sort=query.sort,
        limit=EVERY_JOB,
        offset=0,
        group=query.group,
        spellings=group_spellings(org, query.group),
    )
    columns = EVERY_FIELD if request.args.get("fields") == "all" else ("title", *_columns(org, query))
    separator = SEPARATORS.get(request.args.get("separator", ""), ",")
    lines = _lines(org.id, [job.id for job in jobs], columns, context, separator)
    headers = {
        "Content-Disposition": f'attachment; filename="{org.slug}-jobs-{context.today}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _columns(org: Organisation, query: ListQuery) -> tuple[str, ...]:
    return shown_layout(open_view(query, saved_views(org.id))).names


def _lines(
    organisation_id: int, job_ids: Sequence[int], columns: Sequence[str], context: RowContext, separator: str
) -> Iterator[str]:
    """The lines of the file, some hundred at a time; between them no connection is held."""
    cells = [_cell(name, context) for name in columns]
    yield BOM + csv_line([JOB_ID, *(_heading(name) for name in columns), VERSION], separator)
    for start in range(0, len(job_ids), BATCH):
        ids = job_ids[start : start + BATCH]
        jobs = jobs_by_id(organisation_id, ids)
        lines = [
            csv_line([str(job.id), *(cell(job) for cell in cells), version_text(job.id, job)], separator)
            for job in map(jobs.get, ids)
            if job is not None
        ]
        end_read()
        yield "".join(lines)


def _heading(name: str) -> str:
    return TABLE_FIELDS[name].label if name in TABLE_FIELDS else COLUMNS[name]


def _cell(name: str, context: RowContext) -> Callable[[Job], str]:
    """What a column shows of a job."""
    if name in TABLE_FIELDS:
        return lambda job: cell_text(TABLE_FIELDS[name], job)
    if name == "state":
        return lambda job: state_of(job, context).label
    if name == "changed_at":
        return lambda job: f"{job.changed_at.astimezone(context.zone):%Y-%m-%d %H:%M}"
    return lambda job: _text(getattr(job, name))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
