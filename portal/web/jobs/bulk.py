"""Many jobs at once: what is to be done is asked and foreseen first, then done."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.bulk_edit import (
    EditedOneByOne,
    Selection,
    bulk_edit,
    checked_change,
    foresee_bulk,
)
from portal.domain.bulk_changes import BulkChange, How
from portal.domain.job_fields import FIELDS, OWN_FIELDS, EditorKind, InvalidValue, known_as
from portal.live.bulk_progress import BulkProgress
from portal.models import Organisation
from portal.store.job_filters import EXACT_FILTERS
from portal.web.dates import today_in
from portal.web.jobs.blueprint import bp
from portal.web.jobs.bulk_values import bulk_value
from portal.web.jobs.bulk_words import asking, done_words, heading, remarks, verb
from portal.web.jobs.listing import read_query
from portal.web.partials import wants_partial
from portal.web.permissions import GREATEST_ID
from portal.web.toasts import answer_done, toast_of
from portal.web.way_back import way_back

NOTHING_SELECTED: Final = "Select at least one job."
GONE: Final = "None of these jobs is there any more. Reload the page and select anew."
LONGEST_TOKEN: Final = 40
KEPT: Final = ("all", "q", "status", *EXACT_FILTERS, "return")
"""What the steps hand on beside the ids."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done: with which field, how, and the value, which may not have been asked for yet."""

    name: str
    how: How
    text: str | None


@bp.post("/bulk/confirm", endpoint="confirm_bulk")
def confirm(org: Organisation) -> ResponseReturnValue:
    """Ask for the value where one is needed, or tell what the change comes to; nothing is changed yet."""
    wish, selection = _asked(), _selection(org)
    if wish.text is None and wish.how is not How.TAKE:
        return _ask(org, wish) if "change" in request.form else _ask_again(org, wish)
    try:
        change = checked_change(org.id, wish.name, wish.how, wish.text or "")
    except InvalidValue as error:
        return _ask(org, wish, error=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    plan = foresee_bulk(org.id, selection, change)
    if not plan.total:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return _page(
        org,
        step="confirm",
        wish=replace(wish, text=_agreed(wish, change)),
        title=heading(change, plan.total),
        remarks=remarks(change, plan),
        verb=verb(change, len(plan.steps)) if plan.steps else "",
        progress=token_urlsafe(12),
    )


@bp.post("/bulk", endpoint="bulk")
def apply(org: Organisation) -> ResponseReturnValue:
    """Make the change in all jobs selected at once."""
    wish, selection = _asked(), _selection(org)
    if wish.text is None and wish.how is not How.TAKE:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Say which value the jobs are to have.")
    try:
        change = checked_change(org.id, wish.name, wish.how, wish.text or "")
    except InvalidValue as error:
        return _ask(org, wish, error=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    tell = BulkProgress(org.id, current_user.id, request.form.get("progress", "")[:LONGEST_TOKEN])
    done = bulk_edit(org.id, selection, change, current_user.user_id, tell)
    if not done.total:
        abort(HTTPStatus.NOT_FOUND, GONE)
    toast = toast_of(done_words(change, done), org.slug, done.edit_id)
    return answer_done(toast, way_back(org), org.id)


def _asked() -> Asked:
    """Read what is to be done; a button of the bar says all of it in one: "set visibility hidden"."""
    form = request.form
    said = form.get("change", "").split(" ", 2)
    texts = form.getlist("value")
    how, name, text = form.get("how", How.SET), form.get("field", ""), texts[-1] if texts else None
    if len(said) > 1:
        how, name, text = said[0], said[1], said[2] if len(said) > 2 else None
    name = known_as(name)
    if name in OWN_FIELDS:
        abort(HTTPStatus.FORBIDDEN, str(EditedOneByOne(OWN_FIELDS[name].label)))
    if how not in list(How):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Fields are set, tags are added and removed.")
    if name not in FIELDS:
        abort(HTTPStatus.NOT_FOUND)
    if how in (How.ADD, How.REMOVE) and FIELDS[name].kind is not EditorKind.TAGS:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Only tags are added and removed.")
    return Asked(name, How(how), text)


def _agreed(wish: Asked, change: BulkChange) -> str | None:
    """The value as it will be confirmed: a salary says its currency, whichever is usual by then."""
    is_salary = change.how is How.SET and change.field.kind is EditorKind.SALARY
    return change.field.read(change.values) if is_salary else wish.text


def _selection(org: Organisation) -> Selection:
    """Read which jobs are meant: those ticked, or all that the filter of the list finds."""
    if request.values.get("all"):
        wanted = read_query(org.slug, request.values).wanted
        return Selection(wanted=wanted, today=today_in(org.time_zone))
    ids = [
        int(text)
        for text in request.form.getlist("job_id")
        if text.isascii() and text.isdigit() and len(text) < 20
    ]
    if not ids:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, NOTHING_SELECTED)
    return Selection(job_ids=tuple(job_id for job_id in ids if job_id <= GREATEST_ID))


def _ask(org: Organisation, wish: Asked, error: str = "") -> str:
    """Ask for the value, in the editor that fits the field."""
    editor = bulk_value(org, wish.name, text=wish.text or "", error=error)
    return _page(org, wish=wish, title=asking(wish.name, wish.how), editor=editor)


def _ask_again(org: Organisation, wish: Asked) -> ResponseReturnValue:
    """A choice that nobody made is sent as no value at all."""
    return _ask(org, wish, error="Choose one first."), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(org: Organisation, **shown: object) -> str:
    page = "partials/jobs/bulk/_bulk.html" if wants_partial() else "pages/jobs/bulk.html"
    kept = {name: value for name, value in request.values.items(multi=True) if name in KEPT}
    ids = [] if "all" in kept else request.form.getlist("job_id")
    return render_template(page, organisation=org, kept=kept, job_ids=ids, back=way_back(org), **shown)
