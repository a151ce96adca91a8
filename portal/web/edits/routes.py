"""``/orgs/<org>/edits/<edit_id>/undo``: take back an edit, or a bulk edit as one."""

from http import HTTPStatus

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.undo_edit import Undone, undo_edit
from portal.models import Organisation
from portal.store.jobs import job_of
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
        abort(HTTPStatus.CONFLICT, _left(undone))
    toast = toast_of(_said(org, undone), org.slug, undone.edit_id, label="Redo")
    return answer_done(toast, way_back(org), org.id)


def _said(org: Organisation, undone: Undone) -> str:
    if undone.left:
        were = "was" if undone.left == 1 else "were"
        return f"Undone: {undone.restored:,} restored, {undone.left:,} {were} edited since."
    if undone.restored > 1:
        return f"Undone. {undone.field.label} restored on {undone.restored:,} jobs."
    job = job_of(org.id, undone.job_id, whole=True)
    shown = undone.field.display(job) if job else ""
    said = f"Undone. {undone.field.label}"
    if len(shown) > 100:
        return f"{said} restored"
    return f"{said}: {shown}" if shown else f"{said} is empty again"


def _left(undone: Undone) -> str:
    if undone.already:
        return "This was undone already."
    return f"Not undone: {undone.field.label.lower()} was edited since, or belongs to Greenhouse by now."
