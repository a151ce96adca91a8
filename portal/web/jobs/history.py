"""The history of one field, and taking an edit back."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.undo import Left, Undone, undo_edit
from portal.domain.jobs.fields import DELETION, FIELDS, OPENING, OWN_FIELDS, known_as
from portal.domain.jobs.values import Field, from_json
from portal.models import Edit, Job, Organisation
from portal.store.edits import history_of, last_edits
from portal.store.jobs import job_of
from portal.web.jobs.blueprint import bp as jobs_bp
from portal.web.permissions import is_admin
from portal.web.requests import return_address, wants_partial
from portal.web.responses import UNDO, answer_done, toast_of

MOST_CHANGES: Final = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One change: who made it and when, what it changed from and to; whether it can be taken back."""

    edit_id: int
    who: str
    at: datetime
    before: str
    after: str
    is_undo: bool
    is_redo: bool
    in_bulk: bool
    can_undo: bool


def changes_of(job: Job, field: Field, edits: list[Edit]) -> list[Change]:
    """Return what became of a field, the latest first. Only what still stands is offered to be undone."""
    editable = field.name in FIELDS or not job.imported
    undone = _times_undone(edits)
    return [
        Change(
            edit_id=edit.id,
            who=name_of(edit),
            at=edit.at,
            before=field.display(from_json(edit.before)),
            after=field.display(from_json(edit.after)),
            is_undo=undone[edit.id] % 2 == 1,
            is_redo=undone[edit.id] > 0 and undone[edit.id] % 2 == 0,
            in_bulk=edit.batch_id is not None and edit.undoes_id is None,
            can_undo=editable and place == 0,
        )
        for place, edit in enumerate(edits)
    ]


def _times_undone(edits: list[Edit]) -> dict[int, int]:
    """How many undos in a row each edit is, as far back as these reach."""
    times: dict[int, int] = {}
    for edit in reversed(edits):
        times[edit.id] = 0 if edit.undoes_id is None else times.get(edit.undoes_id, 0) + 1
    return times


def last_changes(job: Job) -> dict[str, Change]:
    """Return the latest change of each field that was ever changed."""
    found = last_edits(job.id)
    fields = {name: field for name, field in {**FIELDS, **OWN_FIELDS}.items() if name in found}
    return {name: changes_of(job, field, [found[name]])[0] for name, field in fields.items()}


def name_of(edit: Edit) -> str:
    """Return who made an edit; people who were removed have no name any more."""
    return (edit.user.name or edit.user.email) if edit.user else "Somebody"


@jobs_bp.get("/<int:job_id>/fields/<field>/history", endpoint="field_history")
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
        page,
        organisation=org,
        job=job,
        field=found,
        changes=past,
        back=return_address(org),
        is_admin=is_admin(),
    )


REDO: Final = "Redo"
LONGEST_SHOWN: Final = 100


def undo_label(undone: Undone) -> str:
    """Return what the button says that takes this back in turn."""
    return UNDO if undone.again else REDO


def done_words(undone: Undone, job: Job | None) -> str:
    """Return what was done; ``job`` is the one edited, where it was one alone."""
    done, verb = ("Done again", "set again") if undone.again else ("Undone", "restored")
    label = undone.field.label
    if undone.left:
        return f"{done}: {undone.restored:,} {verb}, {', '.join(_reasons(undone))}."
    if undone.restored > 1:
        return f"{done}. {label} {verb} on {undone.restored:,} jobs."
    if undone.field is DELETION:
        return f"{done}. “{job.title}” is restored." if job else f"{done}. The job is deleted."
    shown = undone.field.display(job) if job else ""
    if job and undone.field is OPENING:
        return f"{done}. “{job.title}” is {shown.lower()} again."
    if len(shown) > LONGEST_SHOWN:
        return f"{done}. {label} {verb}"
    return f"{done}. {label}: {shown}" if shown else f"{done}. {label} is empty again"


def refused_words(undone: Undone) -> str:
    """Return why nothing was taken back."""
    if undone.already:
        return "This was done again already." if undone.again else "This was undone already."
    verb, label = "Not done again" if undone.again else "Not undone", undone.field.label.lower()
    if sum(undone.left.values()) > 1:
        return f"{verb}: {', '.join(_reasons(undone))}."
    [reason] = undone.left
    reasons = _REASONS_OF_ONE | _REASONS_OF.get(undone.field.name, {})
    return f"{verb}: {reasons[reason].format(label=label)}"


_REASONS_OF_ONE: Final = {
    Left.EDITED: "{label} was edited since.",
    Left.GREENHOUSES: "{label} belongs to Greenhouse by now. Edit it in Greenhouse.",
    Left.GONE: "the job is not here any more.",
}

_REASONS_OF: Final = {
    OPENING.name: {
        Left.EDITED: "the job was closed or reopened since.",
        Left.GREENHOUSES: "the job is Greenhouse’s by now. It opens and closes there.",
    },
    DELETION.name: {
        Left.EDITED: "the job was restored or deleted since.",
        Left.GREENHOUSES: "the job is Greenhouse’s by now. It opens and closes there.",
    },
}


def _reasons(undone: Undone) -> list[str]:
    """Why jobs were left, in the order of the reasons: "2 were edited since"."""
    return [_reason(reason, undone.left[reason]) for reason in Left if undone.left.get(reason)]


def _reason(reason: Left, number: int) -> str:
    one = number == 1
    match reason:
        case Left.EDITED:
            return f"{number:,} {'was' if one else 'were'} edited since"
        case Left.GREENHOUSES:
            return f"{number:,} {'belongs' if one else 'belong'} to Greenhouse by now"
        case Left.GONE:
            return f"{number:,} {'is' if one else 'are'} not here any more"


bp = Blueprint("edits", __name__, url_prefix="/orgs/<org>/edits")


@bp.post("/<int:edit_id>/undo")
def undo(org: Organisation, edit_id: int) -> ResponseReturnValue:
    """Give back what stood before; 409 when all of it was edited since."""
    undone = undo_edit(org.id, edit_id, current_user.user_id)
    if undone is None:
        abort(HTTPStatus.NOT_FOUND)
    if not undone.restored:
        abort(HTTPStatus.CONFLICT, refused_words(undone))
    said = done_words(undone, job_of(org.id, undone.job_id, whole=True))
    toast = toast_of(said, org.slug, undone.edit_id, label=undo_label(undone))
    return answer_done(toast, return_address(org), org.id)
