"""Let a field follow Greenhouse again, or keep it as it is where Greenhouse says something else."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.edit import EditedInGreenhouse, NoSuchField, keep_ours, take_greenhouse_value
from portal.models import Organisation
from portal.web.blueprints import jobs as bp
from portal.web.jobs.fields import answer_saved, refuse
from portal.web.requests import return_address
from portal.web.responses import answer_done, toast_of, toast_with


@bp.post("/<int:job_id>/fields/<field>/take", endpoint="take_field")
def take(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Give the field the value that Greenhouse has for it now; from then on it follows Greenhouse."""
    try:
        saved = take_greenhouse_value(org.id, job_id, field, current_user.user_id)
    except (NoSuchField, EditedInGreenhouse) as error:
        refuse(error)
    said = f"{saved.field.label} follows Greenhouse again."
    return answer_saved(org, saved, toast_of(said, org.slug, saved.edit_id))


@bp.post("/<int:job_id>/fields/<field>/keep", endpoint="keep_field")
def keep(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Hide that Greenhouse says something else, until it says something new; ``off`` takes that back."""
    is_off = "off" in request.args
    try:
        saved = keep_ours(org.id, job_id, field, keep=not is_off)
    except (NoSuchField, EditedInGreenhouse) as error:
        refuse(error)
    label = saved.field.label
    if is_off:
        toast = toast_of(f"{label} is compared with Greenhouse again.")
        return answer_done(toast, return_address(org), org.id)
    undo = url_for("jobs.keep_field", org=org.slug, job_id=job_id, field=field, off=1)
    said = f"Your {label[:1].lower() + label[1:]} is kept, until Greenhouse says something new."
    return answer_saved(org, saved, toast_with(said, undo))
