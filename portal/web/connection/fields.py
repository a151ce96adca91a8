"""Save which column each custom field of the board feeds, and the default type; or show what that changes."""

from http import HTTPStatus
from typing import Final

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.actions.sync.mapping import save_mapping
from portal.models import Organisation
from portal.store.connections import connection_of
from portal.web.blueprints import connection as bp
from portal.web.connection.forms import DefaultTypeForm
from portal.web.connection.mapping import BadChoice, mapping_view, preview_of, sent_mapping
from portal.web.connection.settings import GONE, said_of_sync, saved, show_settings
from portal.web.requests import wants_partial
from portal.web.responses import go

AS_BEFORE: Final = "Saved. Nothing was different."


@bp.get("/fields")
def show_fields(org: Organisation) -> ResponseReturnValue:
    """Lead to the section: without a script the address of a preview is this one."""
    return go(url_for("connection.settings", org=org.slug, _anchor="fields"))


@bp.post("/fields")
def save_fields(org: Organisation) -> ResponseReturnValue:
    """Store which column each custom field feeds, and the default type; or show what that would change."""
    connection = connection_of(org.id)
    if connection is None:
        return go(url_for("connection.connect", org=org.slug), GONE)
    form, unprocessable = DefaultTypeForm(), HTTPStatus.UNPROCESSABLE_ENTITY
    if not form.validate():
        return show_settings(
            org, connection, status=unprocessable, mapping=mapping_view(connection, None, form)
        )
    try:
        mapping = sent_mapping(connection, request.form, form)
    except BadChoice as error:
        return show_settings(org, connection, status=unprocessable, trouble=str(error))
    if request.form.get("action") == "preview":
        view = mapping_view(connection, mapping, form, preview_of(connection, mapping))
        if wants_partial():
            return render_template(
                "partials/connection/_mapping_preview.html",
                mapping=view,
                organisation=org,
                connection=connection,
            )
        return show_settings(org, connection, mapping=view)
    try:
        is_changed = save_mapping(connection, mapping, current_user.user_id)
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return saved(org, said_of_sync(org) if is_changed else AS_BEFORE)
