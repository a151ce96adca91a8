"""Jobs of the organisation's own: the form of a new one; duplicate, publish, hide, close, reopen, delete."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import Field as FormField
from wtforms import (  # type: ignore[attr-defined] # SelectChoice is newer than the stubs
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from portal.actions.jobs.edit import Conflict, NoSuchField, Saved, edit_field, parse_value
from portal.actions.jobs.own_jobs import NotOwnJob, add_job, delete_job, duplicate_job, open_or_close
from portal.domain.jobs.fields import DELETION, FIELDS, OWN_FIELDS, Visibility
from portal.domain.jobs.values import EditorKind, Field
from portal.domain.sync.runs import DELETED
from portal.domain.texts import InvalidValue
from portal.models import Organisation
from portal.store.edits import last_edits_of, version_of
from portal.store.jobs import deleted_jobs, job_of
from portal.web.blueprints import jobs as bp
from portal.web.jobs.editor import OFFERED, offered, previewed
from portal.web.jobs.history import name_of
from portal.web.jobs.manage import panel_of
from portal.web.requests import address_asked_from, attempt, parse_number, return_address, wants_partial
from portal.web.responses import Toast, answer_done, toast_answer, toast_of


class ParsedField:
    """What was typed can be kept; the columns it becomes wait in the form."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.field_flags: dict[str, Any] = {"required": True} if field.required else {}

    def __call__(self, form: "NewJobForm", input: FormField) -> None:
        """Raise ``ValidationError`` with the sentence that the cell's editor would show."""
        try:
            form.columns |= parse_value(g.org.id, self.field, input.data or "")
        except InvalidValue as error:
            raise ValidationError(str(error)) from None


def _text(field: Field, default: str = "") -> StringField:
    several = {"data-several": ""} if field.kind is EditorKind.TAGS else None
    return StringField(field.label, [ParsedField(field)], default=default, render_kw=several)


def _long_text(field: Field) -> TextAreaField:
    return TextAreaField(field.label, [ParsedField(field)])


def _select(field: Field, default: str = "") -> SelectField:
    none = () if field.kind is EditorKind.SWITCH else (("", "Not said"),)
    choices = [SelectChoice(value, label) for value, label in (*none, *field.choices)]
    return SelectField(
        field.label, [ParsedField(field)], choices=choices, default=default, validate_choice=False
    )


class NewJobForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """A job that is added here. What a request does not name is as in a job that nobody has edited."""

    title = _text(OWN_FIELDS["title"])
    department = _text(FIELDS["department"])
    location = _text(FIELDS["location"])
    workplace_type = _select(FIELDS["workplace_type"])
    employment_type = _select(FIELDS["employment_type"])
    salary = _text(FIELDS["salary"])
    apply_url = _text(OWN_FIELDS["apply_url"])
    description = _long_text(OWN_FIELDS["description"])
    seniority = _text(FIELDS["seniority"])
    hiring_manager = _text(FIELDS["hiring_manager"])
    summary = _long_text(FIELDS["summary"])
    tags = _text(FIELDS["tags"])
    closes_on = _text(FIELDS["closes_on"])
    salary_visible = _select(FIELDS["salary_visible"], "true")
    featured = _select(FIELDS["featured"], "false")
    visibility = _text(FIELDS["visibility"], Visibility.SHOWN.value)

    def __init__(self) -> None:
        super().__init__()
        self.columns: dict[str, Any] = {}


_PUBLIC: Final = "It is public now."
_MEMBERS: Final = "Your members see it now, and nobody else."
_HIDDEN: Final = "It stays hidden until you publish it."
_WAITS: Final = "It is hidden for now: it has no link to apply. Add one, or publish it anyway."


@bp.route("/new", methods=["GET", "POST"])
def new(org: Organisation) -> ResponseReturnValue:
    """The form of a new job; what was typed stays in it until all of it can be kept."""
    form = NewJobForm()
    looks = "preview" in request.form
    if not looks and form.validate_on_submit():
        waits = form.columns["visibility"] == Visibility.SHOWN and not form.columns["apply_url"]
        kept = form.columns | ({"visibility": Visibility.HIDDEN.value} if waits else {})
        job = add_job(org.id, kept, once=True)
        said = {Visibility.SHOWN: _PUBLIC, Visibility.MEMBERS: _MEMBERS}.get(
            Visibility(job.visibility), _HIDDEN
        )
        flash(f"Added “{job.title}”. {_WAITS if waits else said}")
        return redirect(url_for("jobs.manage", org=org.slug, job=job.id), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template(
        "pages/jobs/new.html",
        form=form,
        address=url_for("jobs.new", org=org.slug, attempt=attempt()),
        offered={name: offered(org.id, name) for name in sorted(OFFERED)},
        preview=previewed(form.description.data or "") if looks else None,
    )
    return page, status


@bp.post("/<int:job_id>/duplicate")
def duplicate(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Add a hidden copy of a job and open it."""
    job = duplicate_job(org.id, job_id)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    said = f"Added “{job.title}”. It stays hidden until you publish it."
    return _panel(org, job.id, toast_of(said), opens=True)


@bp.post("/<int:job_id>/publish")
def publish(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Show a job on the public page."""
    return _make(org, job_id, Visibility.SHOWN, "Published")


@bp.post("/<int:job_id>/members-only")
def members_only(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Show a job to the organisation's members, and to nobody else."""
    return _make(org, job_id, Visibility.MEMBERS, "For members only:")


@bp.post("/<int:job_id>/hide")
def hide(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Take a job off the public page."""
    return _make(org, job_id, Visibility.HIDDEN, "Hidden:")


@bp.post("/<int:job_id>/close")
def close(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Close a job of the organisation's own."""
    return _open_or_close(org, job_id, open_it=False)


@bp.post("/<int:job_id>/reopen")
def reopen(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Reopen it."""
    return _open_or_close(org, job_id, open_it=True)


@bp.post("/<int:job_id>/delete")
def delete(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Delete a job of the organisation's own, which can be restored for a while."""
    try:
        saved = delete_job(org.id, job_id, user_id=current_user.user_id)
    except NotOwnJob as error:
        abort(HTTPStatus.FORBIDDEN, str(error))
    if saved is None:
        abort(HTTPStatus.NOT_FOUND)
    said = f"Deleted “{saved.job.title}”. It can be restored for {DELETED.days} days."
    done = answer_done(
        toast_of(said, org.slug, saved.edit_id),
        url_for("jobs.manage", org=org.slug),
        org.id,
        beside='<div id="panel" hx-swap-oob="innerHTML"></div>',
    )
    answer = make_response(done)
    if wants_partial():
        answer.headers["HX-Push-Url"] = _same_list(org, None)
    return answer


@bp.get("/deleted")
def deleted(org: Organisation) -> ResponseReturnValue:
    """The jobs that can still be restored, each with who deleted it and when it goes for good."""
    jobs = deleted_jobs(org.id)
    edits = last_edits_of([job.id for job in jobs], DELETION.name)
    return render_template(
        "pages/jobs/deleted.html", organisation=org, jobs=jobs, edits=edits, life=DELETED, name_of=name_of
    )


DECISIONS: Final = {
    Visibility.SHOWN: "Shown",
    Visibility.MEMBERS: "For members only:",
    Visibility.HIDDEN: "Kept hidden:",
}


@bp.post("/review")
def review(org: Organisation) -> ResponseReturnValue:
    """Decide who sees a new job; ``shown``, ``members`` or ``hidden`` names it by its id.

    What somebody else has decided meanwhile stands.
    """
    visibility = next((each for each in DECISIONS if each in request.form), None)
    job_id = parse_number(request.form[visibility]) if visibility else None
    version = version_of(job_id, "visibility") if job_id is not None else 0
    job = job_of(org.id, job_id) if job_id is not None else None
    if visibility is None or job is None:
        abort(HTTPStatus.NOT_FOUND)
    edit_id = None
    if job.visibility == Visibility.NEW:
        with suppress(Conflict):  # somebody was quicker
            saved = edit_field(org.id, job.id, "visibility", visibility, version, current_user.user_id)
            edit_id = saved.edit_id
    said = f"{DECISIONS[visibility]} “{job.title}”."
    if edit_id is None and (job := job_of(org.id, job.id)) and job.visibility != visibility:
        said = f"Somebody decided about “{job.title}” meanwhile: {FIELDS['visibility'].display(job).lower()}."
    return answer_done(toast_of(said, org.slug, edit_id), return_address(org), org.id)


def _make(org: Organisation, job_id: int, visibility: Visibility, word: str) -> ResponseReturnValue:
    try:
        saved = _set_visibility(org, job_id, visibility)
    except NoSuchField:
        abort(HTTPStatus.NOT_FOUND)
    return _panel(org, job_id, toast_of(f"{word} “{saved.job.title}”.", org.slug, saved.edit_id))


def _set_visibility(org: Organisation, job_id: int, visibility: Visibility) -> Saved:
    """Whatever anybody chose a moment ago, a pressed button says what it shall be now."""
    user_id, version = current_user.user_id, version_of(job_id, "visibility")
    try:
        return edit_field(org.id, job_id, "visibility", visibility, version, user_id)
    except Conflict as conflict:
        return edit_field(org.id, job_id, "visibility", visibility, conflict.version, user_id)


def _open_or_close(org: Organisation, job_id: int, *, open_it: bool) -> ResponseReturnValue:
    try:
        saved = open_or_close(org.id, job_id, open_it=open_it, user_id=current_user.user_id)
    except NotOwnJob as error:
        abort(HTTPStatus.FORBIDDEN, str(error))
    if saved is None:
        abort(HTTPStatus.NOT_FOUND)
    said = f"{'Reopened' if open_it else 'Closed'} “{saved.job.title}”."
    return _panel(org, job_id, toast_of(said, org.slug, saved.edit_id))


def _panel(org: Organisation, job_id: int, toast: Toast, *, opens: bool = False) -> ResponseReturnValue:
    """Answer with the job's panel as it is now, and say what was done."""
    if not wants_partial():
        flash(toast)  # type: ignore[arg-type] # any JSON is kept in the session as it is
        return redirect(url_for("jobs.manage", org=org.slug, job=job_id), HTTPStatus.SEE_OTHER)
    job = job_of(org.id, job_id, whole=True)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    panel = panel_of(org, job)
    html = render_template(
        "partials/jobs/panel/_panel.html", panel=panel, organisation=org, is_admin=True, asked=""
    )
    answer = toast_answer(toast, beside=html)
    if opens:
        answer.headers["HX-Push-Url"] = _same_list(org, job_id)
    return answer


def _same_list(org: Organisation, job_id: int | None) -> str:
    """Return the address of the list that htmx asks from, with this job's panel open, or with none."""
    try:
        said = dict(parse_qsl(urlsplit(address_asked_from()).query))
    except ValueError:
        said = {}
    said.pop("job", None)
    said |= {"job": str(job_id)} if job_id is not None else {}
    return f"{url_for('jobs.manage', org=org.slug)}?{urlencode(said)}".removesuffix("?")
