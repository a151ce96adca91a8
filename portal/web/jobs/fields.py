"""One field of a job: its editor, and saving it. htmx swaps both into the cell; without it they are pages."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final, NoReturn

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.edit_field import (
    Conflict,
    EditedInGreenhouse,
    NoSuchField,
    Saved,
    edit_field,
    editable_field,
    take_greenhouses_value,
)
from portal.domain.job_fields import FIELDS, OWN_FIELDS, Field, InvalidValue, known_as
from portal.models import Job, Organisation
from portal.store.edits import history_of, version_of
from portal.store.jobs import job_of
from portal.web.jobs.blueprint import bp
from portal.web.jobs.describing import previewed
from portal.web.jobs.editors import Editor, cell_content, conflicting_editor, editor_of
from portal.web.jobs.history import MOST_CHANGES, changes_of
from portal.web.partials import wants_partial
from portal.web.permissions import is_admin
from portal.web.toasts import toast_of, told
from portal.web.way_back import way_back

GREATEST_VERSION: Final = 2**31 - 1
OUT_OF_DATE: Final = "This editor was out of date. Look at the value again, then save."


@bp.get("/<int:job_id>/fields/<field>", endpoint="edit_field")
def openeditor_of(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """The field's editor, filled with what is stored."""
    job, found = _find(org, job_id, field)
    return _answer(editor_of(org, job, found, found.read(job), version_of(job.id, found.name)))


@bp.post("/<int:job_id>/fields/<field>", endpoint="save_field")
def save(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Save what was typed; an older version answers 409 with both values, a bad value 422 at the cell."""
    text, version = _typed(), _version()
    if text is None or version is None:
        return _out_of_date(org, job_id, field, text)
    if "preview" in request.form:
        job, found = _find(org, job_id, field)
        return _answer(replace(editor_of(org, job, found, text, version), preview=previewed(text)))
    try:
        saved = edit_field(org.id, job_id, field, text, version, current_user.user_id)
    except InvalidValue as error:
        job, found = _find(org, job_id, field)
        editor = editor_of(org, job, found, text, version, error=str(error))
        return _answer(editor, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        return _answer(conflicting_editor(org, conflict, text), HTTPStatus.CONFLICT)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)
    return _saved(org, saved)


@bp.post("/<int:job_id>/fields/<field>/take", endpoint="take_field")
def take(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Give the field the value that Greenhouse has for it now."""
    try:
        saved = take_greenhouses_value(org.id, job_id, field, current_user.user_id)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)
    return _saved(org, saved)


@bp.get("/<int:job_id>/fields/<field>/history", endpoint="field_history")
def history(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Who changed the field, when, from what to what."""
    job = job_of(org.id, job_id, whole=True)
    field = known_as(field)
    found = FIELDS.get(field) or OWN_FIELDS.get(field)
    if job is None or found is None:
        abort(HTTPStatus.NOT_FOUND)
    past = changes_of(job, found, history_of(job_id, field, MOST_CHANGES))
    page = "partials/jobs/panel/_history.html" if wants_partial() else "pages/jobs/history.html"
    return render_template(
        page, organisation=org, job=job, field=found, changes=past, back=way_back(org), is_admin=is_admin()
    )


def _find(org: Organisation, job_id: int, name: str) -> tuple[Job, Field]:
    job = job_of(org.id, job_id, whole=True)
    try:
        field = editable_field(job, name)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    return job, field


def _refuse(error: NoSuchField | EditedInGreenhouse) -> NoReturn:
    if isinstance(error, EditedInGreenhouse):
        abort(HTTPStatus.FORBIDDEN, str(error))
    abort(HTTPStatus.NOT_FOUND)


def _typed() -> str | None:
    """Return the value sent last: a switch may send its "off" before itself. No value is not an empty one."""
    values = request.form.getlist("value")
    return values[-1] if values else None


def _version() -> int | None:
    text = request.form.get("version", "")
    readable = text.isascii() and text.isdigit() and len(text) < 11
    return min(int(text), GREATEST_VERSION) if readable else None


def _answer(editor: Editor, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    if wants_partial():
        content = cell_content(g.org, editor.job, editor.field)
        return render_template("partials/jobs/editor/_editor.html", editor=editor, content=content), status
    return render_template("pages/jobs/field.html", editor=editor, back=way_back(g.org)), status


def _out_of_date(org: Organisation, job_id: int, name: str, text: str | None) -> ResponseReturnValue:
    """An answer to what no editor of ours sends: the editor, as it should be."""
    job, field = _find(org, job_id, name)
    text = field.read(job) if text is None else text
    editor = editor_of(org, job, field, text, version_of(job.id, field.name), error=OUT_OF_DATE)
    return _answer(editor, HTTPStatus.UNPROCESSABLE_ENTITY)


def _saved(org: Organisation, saved: Saved) -> ResponseReturnValue:
    field = saved.field
    shown = field.display(saved.job)
    said = f"Saved. {field.label}: {shown}" if len(shown) <= 100 and shown else f"Saved. {field.label}"
    toast = toast_of(said, org.slug, saved.edit_id)
    if wants_partial():
        return told(toast, beside=cell_content(org, saved.job, field))
    if saved.edit_id is not None:
        flash(toast)  # type: ignore[arg-type] # any JSON is kept in the session as it is
    return redirect(way_back(org), HTTPStatus.SEE_OTHER)
