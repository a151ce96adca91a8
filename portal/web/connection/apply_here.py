"""The switch "Apply here" in the settings of the connection."""

from http import HTTPStatus
from typing import Final

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from portal.actions.applications.switch import KeyUnusable, switch_apply_here
from portal.models import Organisation
from portal.web.blueprints import connection as bp
from portal.web.connection.forms import ON
from portal.web.connection.settings import GONE, present_connection, saved, show_settings

SWITCHED_ON: Final = "People apply on your own pages now. Applications go to Greenhouse with your API key."
SWITCHED_OFF: Final = "Jobs lead to the form at Greenhouse again. What was sent before is still delivered."


@bp.post("/apply-here")
def save_apply_here(org: Organisation) -> ResponseReturnValue:
    """Turn it on or off."""
    connection = present_connection(org)
    on = request.form.getlist("apply_here")[-1:] == [ON]
    try:
        switch_apply_here(connection, on=on)
    except KeyUnusable as error:
        return show_settings(org, connection, status=HTTPStatus.UNPROCESSABLE_ENTITY, trouble=str(error))
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return saved(org, SWITCHED_ON if on else SWITCHED_OFF)
