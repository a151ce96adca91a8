"""One field of one job: open its editor, save what was typed, let it follow Greenhouse again."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final, NoReturn
from urllib.parse import urlencode

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from portal.actions.jobs.edit import (
    Conflict,
    EditedInGreenhouse,
    NoSuchField,
    Saved,
    edit_field,
    job_and_field,
    keep_ours,
    take_greenhouse_value,
)
from portal.domain.descriptions.markdown import markdown_of_pasted
from portal.domain.jobs.fields import EDITED_FIELDS
from portal.domain.jobs.values import EditorKind, Field
from portal.domain.texts import InvalidValue
from portal.models import Job, Organisation
from portal.store.edits import version_of
from portal.web.blueprints import jobs as bp
from portal.web.jobs.cells import IN_PANEL, cell, field_address
from portal.web.jobs.editor import IN_ROW, Editor, conflicting_editor, editor_of, place, previewed
from portal.web.jobs.rows import job_row, row_context
from portal.web.requests import parse_number, return_address, wants_partial
from portal.web.responses import Toast, answer_done, toast_answer, toast_of, toast_with
from portal.web.templating import draw

GREATEST_VERSION: Final = 2**31 - 1
LONGEST_SAID: Final = 100
OUT_OF_DATE: Final = "This editor was out of date. Look at the value again, then save."


@bp.get("/edit")
def edit_cell(org: Organisation) -> ResponseReturnValue:
    """Without a script, what a cell's button says: the name of its field, with the job as the value."""
    asked = ((name, parse_number(job)) for name, job in request.args.items() if name in EDITED_FIELDS)
    field, job_id = next(asked, ("", None))
    if job_id is None:
        return redirect(return_address(org), HTTPStatus.SEE_OTHER)
    address = field_address(org.slug, job_id, field)
    return redirect(f"{address}?{urlencode({'return': return_address(org)})}", HTTPStatus.SEE_OTHER)


@bp.get("/<int:job_id>/fields/<field>", endpoint="edit_field")
def open_editor(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
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
        seen = request.form.get("seen")
        saved = edit_field(org.id, job_id, field, text, version, current_user.user_id, seen)
    except InvalidValue as error:
        job, found = _find(org, job_id, field)
        editor = editor_of(org, job, found, text, version, error=str(error))
        return _answer(editor, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        return _answer(conflicting_editor(org, conflict, text), HTTPStatus.CONFLICT)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)
    shown = saved.field.display(saved.job)
    label = saved.field.noun
    said = f"Saved. {label}: {shown}" if len(shown) <= LONGEST_SAID and shown else f"Saved. {label}"
    return _answer_saved(org, saved, toast_of(said, org.slug, saved.edit_id))


def _find(org: Organisation, job_id: int, name: str) -> tuple[Job, Field]:
    try:
        return job_and_field(org.id, job_id, name)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)


def _refuse(error: NoSuchField | EditedInGreenhouse) -> NoReturn:
    """Answer that there is no such field here, or that it is edited in Greenhouse."""
    if isinstance(error, EditedInGreenhouse):
        abort(HTTPStatus.FORBIDDEN, str(error))
    abort(HTTPStatus.NOT_FOUND)


def _typed() -> str | None:
    """Return the value sent last: a switch may send its "off" before itself. No value is not an empty one."""
    values = request.form.getlist("value")
    return values[-1] if values else None


def _version() -> int | None:
    version = parse_number(request.form.get("version", ""))
    return None if version is None else min(version, GREATEST_VERSION)


def _answer(editor: Editor, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    if wants_partial():
        content = _cell_content(g.org, editor.job, editor.field)
        return render_template("partials/jobs/editor/_editor.html", editor=editor, content=content), status
    return render_template("pages/jobs/field.html", editor=editor, back=return_address(g.org)), status


def _out_of_date(org: Organisation, job_id: int, name: str, text: str | None) -> ResponseReturnValue:
    """An answer to what no editor of ours sends: the editor, as it should be."""
    job, field = _find(org, job_id, name)
    text = field.read(job) if text is None else text
    editor = editor_of(org, job, field, text, version_of(job.id, field.name), error=OUT_OF_DATE)
    return _answer(editor, HTTPStatus.UNPROCESSABLE_ENTITY)


def _answer_saved(org: Organisation, saved: Saved, toast: Toast) -> ResponseReturnValue:
    """Answer what changed one field: the cell as it is now, and a toast where it can be taken back."""
    if wants_partial():
        return toast_answer(toast, beside=_cell_content(org, saved.job, saved.field))
    if toast["undo"]:
        flash(toast)  # type: ignore[arg-type] # any JSON is kept in the session as it is
    return redirect(return_address(org), HTTPStatus.SEE_OTHER)


def _cell_content(org: Organisation, job: Job, field: Field) -> Markup:
    """Return what stands in the field's cell while nobody edits it: what the row itself shows there."""
    where = place()
    if field.name == "title" and where == IN_ROW:
        return draw("partials/jobs/list/_title.html", "title", job_row(job, row_context(org), ()))
    if field.kind is not EditorKind.MARKDOWN:
        return draw("partials/jobs/list/_value.html", "value", cell(job, field, in_panel=where == IN_PANEL))
    page = render_template(
        "partials/jobs/panel/_description.html",
        language=job.language,
        job_id=job.id,
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
    )
    return Markup(page)  # noqa: S704 - a template's own output


@bp.post("/<int:job_id>/fields/<field>/take", endpoint="take_field")
def take(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Give the field the value that Greenhouse has for it now; from then on it follows Greenhouse."""
    try:
        saved = take_greenhouse_value(org.id, job_id, field, current_user.user_id)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)
    said = f"{saved.field.noun} follows Greenhouse again."
    return _answer_saved(org, saved, toast_of(said, org.slug, saved.edit_id))


@bp.post("/<int:job_id>/fields/<field>/keep", endpoint="keep_field")
def keep(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Hide that Greenhouse says something else, until it says something new; ``off`` takes that back."""
    is_off = "off" in request.args
    try:
        saved = keep_ours(org.id, job_id, field, keep=not is_off)
    except (NoSuchField, EditedInGreenhouse) as error:
        _refuse(error)
    label = saved.field.noun
    if is_off:
        toast = toast_of(f"{label} is compared with Greenhouse again.")
        return answer_done(toast, return_address(org), org.id)
    undo = url_for("jobs.keep_field", org=org.slug, job_id=job_id, field=field, off=1)
    said = f"Your {label[:1].lower() + label[1:]} is kept, until Greenhouse says something new."
    return _answer_saved(org, saved, toast_with(said, undo))


@bp.post("/description/preview")
def preview(org: Organisation) -> ResponseReturnValue:
    """The description as it will look; without htmx the forms themselves show it."""
    if not wants_partial():
        return redirect(url_for("jobs.new", org=org.slug), HTTPStatus.SEE_OTHER)
    typed = request.form.get("description", request.form.get("value", ""))
    return render_template("partials/jobs/editor/_preview.html", organisation=org, preview=previewed(typed))


@bp.post("/description/markdown")
def markdown(org: Organisation) -> ResponseReturnValue:
    """HTML that was pasted, as Markdown."""
    pasted = request.form.get("html")
    if pasted is None:
        abort(HTTPStatus.BAD_REQUEST)
    return Response(markdown_of_pasted(pasted), mimetype="text/plain")
