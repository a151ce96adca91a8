"""A CSV file of jobs: uploaded, previewed field by field, applied as one bulk edit."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from portal.actions.jobs.table_edit import (
    IMPORT_LIFE,
    Applied,
    ConflictsChanged,
    Import,
    apply_import,
    find_import,
    upload_table,
)
from portal.domain.jobs.table_edits import MOST_ROWS, Change, Refusal, shortened
from portal.domain.jobs.tables import InvalidTable
from portal.domain.jobs.values import as_json
from portal.live.publish import BulkProgress
from portal.models import Job, Organisation
from portal.store.edits import last_edits_of
from portal.store.jobs import jobs_by_id
from portal.web.blueprints import jobs as bp
from portal.web.jobs.history import name_of
from portal.web.requests import LARGEST_FILE, TOO_LARGE, parse_number
from portal.web.responses import answer_done, toast_of
from portal.web.templating import count, pages_of, speech

PAGE_SIZE: Final = 100
LONG: Final = 500
"""Jobs: what changes more of them takes so long that the page follows how far it is."""
KINDS: Final = (("refused", "Refused"), ("conflict", "Changed by somebody since"), ("change", "Would change"))
LONGEST_TOKEN: Final = 40
OUT_OF_DATE: Final = "That upload is out of date: it was kept for {hours} hours. Choose the file again."
CHANGED: Final = "Somebody changed more of these jobs meanwhile. Look at them again; nothing was changed yet."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preview: a cell of the file, what it would change, or why it changes nothing."""

    kind: str
    row: int
    job_id: int | None
    job: str
    title: str
    speech: Markup
    column: str
    before: str
    after: str
    reason: str


@bp.get("/import", endpoint="import_jobs")
def show(org: Organisation) -> ResponseReturnValue:
    """The form, or with ``?upload=`` what an uploaded file would change."""
    if "upload" not in request.args:
        return _form(org)
    asked = find_import(org.id, current_user.user_id, parse_number(request.args["upload"]) or 0)
    if asked is None:
        return _form(org, OUT_OF_DATE.format(hours=IMPORT_LIFE.seconds // 3600)), HTTPStatus.GONE
    return _preview(org, asked)


@bp.post("/import", endpoint="receive_import")
def receive(org: Organisation) -> ResponseReturnValue:
    """Take a ``file`` and lead to its preview; with ``confirm`` apply what was uploaded."""
    if "confirm" in request.form:
        return _apply(org, parse_number(request.form["confirm"]) or 0)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _form(org, "Choose a CSV file first."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        upload = upload_table(org.id, current_user.user_id, file.filename, file.read())
    except InvalidTable as error:
        return _form(org, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("jobs.import_jobs", org=org.slug, upload=upload), HTTPStatus.SEE_OTHER)


def _apply(org: Organisation, import_id: int) -> ResponseReturnValue:
    report = BulkProgress(org.id, current_user.id, request.form.get("progress", "")[:LONGEST_TOKEN])
    overwrite = request.form.get("seen", "") if "overwrite" in request.form else None
    try:
        done = apply_import(
            org.id, current_user.user_id, import_id, overwrite=overwrite, report_progress=report
        )
    except ConflictsChanged:
        flash(CHANGED)
        again = url_for("jobs.import_jobs", org=org.slug, upload=import_id)
        return redirect(again, HTTPStatus.SEE_OTHER)
    if done is None:
        return _form(org, OUT_OF_DATE.format(hours=IMPORT_LIFE.seconds // 3600)), HTTPStatus.GONE
    toast = toast_of(done_words(done), org.slug, done.edit_id)
    return answer_done(toast, url_for("jobs.manage", org=org.slug), org.id)


def done_words(done: Applied) -> str:
    """Return what was done, as the toast says it."""
    values = count(done.values, "value", "values")
    said = f"Changed {values} in {count(done.jobs, 'job', 'jobs')}." if done.values else "Nothing changed."
    if done.left:
        were, them = ("was", "it") if done.left == 1 else ("were", "them")
        said += f" {done.left:,} {were} left: somebody changed {them} since."
    return said


def _form(org: Organisation, error: str = "") -> str:
    return render_template(
        "pages/jobs/import.html",
        organisation=org,
        error=error,
        most_rows=MOST_ROWS,
        largest=LARGEST_FILE,
        too_large=TOO_LARGE,
    )


def _preview(org: Organisation, asked: Import) -> str:
    plan = asked.plan
    entries: list[tuple[str, Refusal | Change]] = [
        *(("refused", each) for each in plan.refused),
        *(("conflict", each) for each in plan.conflicts),
        *(("change", each) for each in plan.changes),
    ]
    pages = pages_of(request.args.get("page"), len(entries), PAGE_SIZE)
    jobs = len({each.job_id for each in plan.changes})
    return render_template(
        "pages/jobs/import_preview.html",
        organisation=org,
        revision=org.revision,
        upload=asked,
        plan=plan,
        jobs=jobs,
        is_long=jobs > LONG,
        followed=sum(each.step.followed for each in plan.changes),
        lines=_lines(org, entries[pages.offset : pages.offset + pages.size]),
        kinds=KINDS,
        pages=pages,
        address=lambda page: url_for("jobs.import_jobs", org=org.slug, upload=asked.id, page=page),
        progress=token_urlsafe(12),
    )


def _lines(org: Organisation, entries: Sequence[tuple[str, Refusal | Change]]) -> list[Line]:
    """The lines of one page; a conflict says who changed the field, where a person did."""
    ids = {job_id for _, each in entries if (job_id := _job_id(each)) is not None}
    jobs = jobs_by_id(org.id, ids)
    editors = _editors([each for kind, each in entries if kind == "conflict" and isinstance(each, Change)])
    return [_line(kind, each, jobs.get(_job_id(each) or 0), editors) for kind, each in entries]


def _job_id(entry: Refusal | Change) -> int | None:
    return parse_number(entry.job) if isinstance(entry, Refusal) else entry.job_id


def _line(kind: str, entry: Refusal | Change, job: Job | None, editors: dict[tuple[int, str], str]) -> Line:
    if isinstance(entry, Refusal):
        said = (entry.row, entry.column, "", entry.text, entry.reason)
    else:
        before, after = (
            shortened(entry.field.display(each)) for each in (entry.step.before, entry.step.after)
        )
        who = editors.get((entry.job_id, entry.field.name), "Greenhouse")
        reason = f"{who} changed it since." if kind == "conflict" else ""
        said = (entry.proposal.row, entry.field.label, before, after, reason)
    row, column, before, after, reason = said
    return Line(
        kind=kind,
        row=row,
        job_id=job.id if job else None,
        job=entry.job if isinstance(entry, Refusal) else str(entry.job_id),
        title=job.title if job else "",
        speech=speech(job.title, job.language) if job else Markup(),
        column=column,
        before=before,
        after=after,
        reason=reason,
    )


def _editors(conflicts: Sequence[Change]) -> dict[tuple[int, str], str]:
    """Who edited these fields last, where their present value is of a person."""
    found: dict[tuple[int, str], str] = {}
    for name in {each.field.name for each in conflicts}:
        held = {each.job_id: each.step for each in conflicts if each.field.name == name}
        for job_id, edit in last_edits_of(held, name).items():
            if edit.after == as_json(held[job_id].before):
                found[job_id, name] = name_of(edit)
    return found
