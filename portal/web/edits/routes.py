"""``/orgs/<org>/edits/<edit_id>/undo``: take back an edit, or a bulk edit as one."""

from http import HTTPStatus

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.undo_edit import undo_edit
from portal.models import Organisation
from portal.store.jobs import job_of
from portal.web.edits.words import done_words, refused_words, way_back_label
from portal.web.toasts import answer_done, toast_of
from portal.web.way_back import way_back

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
    toast = toast_of(said, org.slug, undone.edit_id, label=way_back_label(undone))
    return answer_done(toast, way_back(org), org.id)
