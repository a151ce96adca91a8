"""The editor of one field of one job: its form, what it suggests, and saving what was typed."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, NoReturn

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
    editable_field,
    is_followable,
)
from portal.domain.descriptions.diff import Passage, word_diff
from portal.domain.descriptions.markdown import markdown_of_pasted
from portal.domain.jobs.fields import EDITED_FIELDS, OWN_FIELDS
from portal.domain.jobs.values import EditorKind, Field
from portal.domain.texts import InvalidValue, each_once
from portal.models import Job, Organisation
from portal.store.edits import version_of
from portal.store.job_lists import used_tags, used_values
from portal.store.jobs import job_of
from portal.store.people import names_of_members
from portal.web.blueprints import jobs as bp
from portal.web.jobs.cells import NO_SPEECH, Cell, cell, field_address
from portal.web.jobs.rows import job_row, row_context
from portal.web.requests import parse_number, return_address, wants_partial
from portal.web.responses import Toast, toast_answer, toast_of
from portal.web.templating import draw, speech

OFFERED: Final = frozenset({"location", "department", "seniority", "hiring_manager"})


def offered(organisation_id: int, name: str) -> tuple[str, ...]:
    """Return what may be chosen besides typing something else."""
    if name == "tags":
        return tuple(used_tags(organisation_id))
    if name not in OFFERED:
        return ()
    used = used_values(organisation_id, name)[name]
    members = names_of_members(organisation_id) if name == "hiring_manager" else []
    return tuple(each_once([*members, *used]))


IN_ROW: Final = "row"


@dataclass(frozen=True, slots=True)
class Editor:
    """A field being edited. ``theirs`` is set when somebody saved it meanwhile: their name and value.

    Of a text of several lines ``passages`` are then what saving this one would make of theirs.
    """

    job: Job
    field: Field
    cell: Cell
    address: str
    text: str
    version: int
    error: str = ""
    theirs: tuple[str, str] | None = None
    passages: tuple[Passage, ...] = ()
    options: tuple[str, ...] = ()
    preview: Markup | None = None
    must_choose: bool = False

    @property
    def can_be_empty(self) -> bool:
        """Whether its choices include none."""
        return self.field.kind is EditorKind.CHOICE and not self.field.required

    @property
    def speech(self) -> Markup:
        """The attributes that say the language of what is typed."""
        return speech(self.text, self.job.language) if self.field.is_in_words else NO_SPEECH

    @property
    def id(self) -> str:
        """What the ids of its elements begin with."""
        return f"edit-{self.job.id}-{self.field.name}"

    @property
    def seen(self) -> str | None:
        """The text that is stored now, which a sync may change while the editor is open."""
        return self.field.read(self.job) if is_followable(self.job, self.field.name) else None

    @property
    def is_tall(self) -> bool:
        """Whether it has several lines."""
        return self.field.kind in (EditorKind.LONG_TEXT, EditorKind.MARKDOWN)


def editor_of(
    org: Organisation,
    job: Job,
    field: Field,
    text: str,
    version: int,
    *,
    error: str = "",
    theirs: tuple[str, str] | None = None,
) -> Editor:
    """Return the editor of a field, filled with ``text``."""
    return Editor(
        job=job,
        field=field,
        cell=cell(job, field, org.slug),
        address=field_address(org.slug, job.id, field.name) + ("?in=row" if _in_row() else ""),
        text=text,
        version=version,
        error=error,
        theirs=theirs,
        options=offered(org.id, field.name),
    )


def blank_editor() -> Editor:
    """Return the editor of a text, of no job yet: the page's script fills it in from a cell that it opens."""
    field = Field("", "", EditorKind.TEXT, "")
    blank = Cell("", "", "", "", "", "", "")
    return Editor(job=Job(id=0, title=""), field=field, cell=blank, address="", text="", version=0)


def editor_kinds() -> dict[str, EditorKind]:
    """Return which kind of editor each field has."""
    return {name: field.kind for name, field in EDITED_FIELDS.items()}


def conflicting_editor(org: Organisation, conflict: Conflict, text: str) -> Editor:
    """Return what somebody typed, beside what somebody else saved meanwhile; saving again is from there."""
    user = conflict.theirs.user if conflict.theirs else None
    somebody = "Greenhouse" if conflict.by_sync else "Somebody"
    name = (user.name or user.email) if user else somebody
    theirs = conflict.field.display(conflict.job)
    editor = editor_of(org, conflict.job, conflict.field, text, conflict.version, theirs=(name, theirs))
    if not editor.is_tall or not theirs:
        return editor
    return replace(editor, passages=tuple(word_diff(conflict.field.read(conflict.job), text)))


def cell_content(org: Organisation, job: Job, field: Field) -> Markup:
    """Return what stands in the field's cell while nobody edits it: what the row itself shows there."""
    if field.name == "title" and _in_row():
        return draw("partials/jobs/list/_title.html", "title", job_row(job, row_context(org), ()))
    if field.kind is not EditorKind.MARKDOWN:
        return draw("partials/jobs/list/_value.html", "value", cell(job, field, org.slug))
    page = render_template(
        "partials/jobs/panel/_description.html",
        language=job.language,
        address=field_address(org.slug, job.id, field.name),
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
    )
    return Markup(page)  # noqa: S704 - a template's own output


def _in_row() -> bool:
    return request.args.get("in") == IN_ROW


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


def previewed(typed: str) -> Markup:
    """Return what would be shown of a typed description, or why it cannot be kept."""
    try:
        html = OWN_FIELDS["description"].parse(typed)["description_html"]
    except InvalidValue as error:
        return Markup('<p class="error">{}</p>').format(str(error))
    return Markup(html or '<p class="quiet">Nothing to show yet.</p>')  # noqa: S704 - cleaned by the field


GREATEST_VERSION: Final = 2**31 - 1
LONGEST_SAID: Final = 100
OUT_OF_DATE: Final = "This editor was out of date. Look at the value again, then save."


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
        refuse(error)
    shown = saved.field.display(saved.job)
    label = saved.field.label
    said = f"Saved. {label}: {shown}" if len(shown) <= LONGEST_SAID and shown else f"Saved. {label}"
    return answer_saved(org, saved, toast_of(said, org.slug, saved.edit_id))


def _find(org: Organisation, job_id: int, name: str) -> tuple[Job, Field]:
    job = job_of(org.id, job_id, whole=True)
    try:
        field = editable_field(job, name)
    except (NoSuchField, EditedInGreenhouse) as error:
        refuse(error)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    return job, field


def refuse(error: NoSuchField | EditedInGreenhouse) -> NoReturn:
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
        content = cell_content(g.org, editor.job, editor.field)
        return render_template("partials/jobs/editor/_editor.html", editor=editor, content=content), status
    return render_template("pages/jobs/field.html", editor=editor, back=return_address(g.org)), status


def _out_of_date(org: Organisation, job_id: int, name: str, text: str | None) -> ResponseReturnValue:
    """An answer to what no editor of ours sends: the editor, as it should be."""
    job, field = _find(org, job_id, name)
    text = field.read(job) if text is None else text
    editor = editor_of(org, job, field, text, version_of(job.id, field.name), error=OUT_OF_DATE)
    return _answer(editor, HTTPStatus.UNPROCESSABLE_ENTITY)


def answer_saved(org: Organisation, saved: Saved, toast: Toast) -> ResponseReturnValue:
    """Answer what changed one field: the cell as it is now, and a toast where it can be taken back."""
    if wants_partial():
        return toast_answer(toast, beside=cell_content(org, saved.job, saved.field))
    if toast["undo"]:
        flash(toast)  # type: ignore[arg-type] # any JSON is kept in the session as it is
    return redirect(return_address(org), HTTPStatus.SEE_OTHER)
