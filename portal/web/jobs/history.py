"""The history of one field, and taking an edit back."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Final

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.undo import Left, Undone, undo_edit
from portal.domain.jobs.fields import DELETION, FIELDS, OPENING, OWN_FIELDS, known_as
from portal.domain.jobs.values import Field, from_json
from portal.domain.sync.following import is_following, value_words
from portal.live.publish import BulkProgress
from portal.models import Edit, Job, Organisation
from portal.store.edits import history_of, last_edits
from portal.store.jobs import job_of
from portal.store.sync_changes import Followed, followed_changes
from portal.web.blueprints import jobs as jobs_bp
from portal.web.permissions import is_admin
from portal.web.requests import return_address, wants_partial
from portal.web.responses import UNDO, answer_done, toast_of

MOST_CHANGES: Final = 100
GREENHOUSE: Final = "Greenhouse"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: who made it and when, what it changed from and to; whether it can be taken back.

    What followed Greenhouse has a ``run_id`` and no ``edit_id``.
    """

    who: str
    at: datetime
    before: str
    after: str
    edit_id: int | None = None
    run_id: int | None = None
    is_undo: bool = False
    is_redo: bool = False
    in_bulk: bool = False
    can_undo: bool = False
    follows_again: bool = False


def changes_of(job: Job, field: Field, edits: list[Edit]) -> list[Change]:
    """Return what became of a field, the latest first. Only what still stands is offered to be undone."""
    editable = field.name in FIELDS or not job.imported
    undone = _times_undone(edits)
    follows = job.imported and is_following(job.follows, field.name)
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
            follows_again=edits[place - 1].followed if place else follows,
        )
        for place, edit in enumerate(edits)
    ]


def what_followed(field: Field, followed: list[Followed]) -> list[Change]:
    """Return what a field took from Greenhouse."""
    return [
        Change(
            who=GREENHOUSE,
            at=each.at,
            before=value_words(field.name, each.before),
            after=value_words(field.name, each.after),
            run_id=each.run_id,
        )
        for each in followed
        if each.field == field.name
    ]


def timeline(*changes: list[Change]) -> list[Change]:
    """Return people's edits and what followed in one line of time, the latest first."""
    return sorted(chain(*changes), key=lambda change: change.at, reverse=True)[:MOST_CHANGES]


def _times_undone(edits: list[Edit]) -> dict[int, int]:
    """How many undos in a row each edit is, as far back as these reach."""
    times: dict[int, int] = {}
    for edit in reversed(edits):
        times[edit.id] = 0 if edit.undoes_id is None else times.get(edit.undoes_id, 0) + 1
    return times


def last_changes(job: Job) -> dict[str, Change]:
    """Return the latest change of each field that was ever changed, by a person or by Greenhouse."""
    fields = {**FIELDS, **OWN_FIELDS}
    edits = {
        name: changes_of(job, fields[name], [edit])
        for name, edit in last_edits(job.id).items()
        if name in fields
    }
    followed = followed_changes(job.id, MOST_CHANGES) if job.imported else []
    names = dict.fromkeys([*edits, *(each.field for each in followed if each.field in fields)])
    return {name: timeline(edits.get(name, []), what_followed(fields[name], followed))[0] for name in names}


def name_of(edit: Edit) -> str:
    """Return who made an edit; people who were removed have no name any more."""
    return (edit.user.name or edit.user.email) if edit.user else "Somebody"


@jobs_bp.get("/<int:job_id>/fields/<field>/history", endpoint="field_history")
def history(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Who changed the field, when, from what to what: people, and Greenhouse where it followed."""
    job = job_of(org.id, job_id, whole=True)
    field = known_as(field)
    found = FIELDS.get(field) or OWN_FIELDS.get(field)
    if job is None or found is None:
        abort(HTTPStatus.NOT_FOUND)
    followed = what_followed(found, followed_changes(job_id, MOST_CHANGES, field))
    past = timeline(changes_of(job, found, history_of(job_id, field, MOST_CHANGES)), followed)
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
    label = undone.field.noun
    if undone.left:
        return f"{done}: {undone.restored:,} {verb}, {', '.join(_reasons(undone))}."
    if undone.fields > 1:
        return f"{done}. {undone.restored:,} values {verb}."
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
    verb, label = "Not done again" if undone.again else "Not undone", undone.field.noun.lower()
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
    progress = BulkProgress(org.id, current_user.id, str(edit_id))
    undone = undo_edit(org.id, edit_id, current_user.user_id, progress)
    if undone is None:
        abort(HTTPStatus.NOT_FOUND)
    if not undone.restored:
        abort(HTTPStatus.CONFLICT, refused_words(undone))
    said = done_words(undone, job_of(org.id, undone.job_id, whole=True))
    toast = toast_of(said, org.slug, undone.edit_id, label=undo_label(undone))
    return answer_done(toast, return_address(org), org.id)
