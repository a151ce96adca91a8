"""Let a field follow Greenhouse again, or keep it as it is where Greenhouse says something else."""

from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.edit import EditedInGreenhouse, NoSuchField, take_greenhouse_value
from portal.models import Organisation
from portal.web.jobs.blueprint import bp
from portal.web.jobs.fields import answer_saved, refuse
from portal.web.responses import toast_of


@bp.post("/<int:job_id>/fields/<field>/take", endpoint="take_field")
def take(org: Organisation, job_id: int, field: str) -> ResponseReturnValue:
    """Give the field the value that Greenhouse has for it now; from then on it follows Greenhouse."""
    try:
        saved = take_greenhouse_value(org.id, job_id, field, current_user.user_id)
    except (NoSuchField, EditedInGreenhouse) as error:
        refuse(error)
    said = f"{saved.field.label} follows Greenhouse again."
    return answer_saved(org, saved, toast_of(said, org.slug, saved.edit_id))
