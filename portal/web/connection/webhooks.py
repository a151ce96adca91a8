"""The secret of the webhooks: made here, shown once."""

from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from portal.actions import hook_secret
from portal.models import Organisation
from portal.store.connections import connection_of
from portal.web.compression import FOR_ONE_READER
from portal.web.connection.blueprint import bp
from portal.web.connection.settings import GONE, show_settings

MADE_MEANWHILE: Final = "A newer secret was made meanwhile. If nobody has copied it, make another one."


@bp.post("/hook-secret")
def make_hook_secret(org: Organisation) -> ResponseReturnValue:
    """Make a secret and show it, in this answer and in no other: there is nothing to redirect to."""
    connection = connection_of(org.id)
    if connection is None:
        abort(HTTPStatus.NOT_FOUND, GONE)
    try:
        secret = hook_secret.make_hook_secret(connection, _seen())
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    if secret is None:
        return show_settings(org, connection, status=HTTPStatus.CONFLICT, trouble=MADE_MEANWHILE)
    answer = make_response(show_settings(org, connection, hook_secret=secret))
    answer.headers["Cache-Control"] = FOR_ONE_READER
    return answer


def _seen() -> datetime | None:
    """When the secret was set that the page showed; nonsense is a time that none was set at."""
    sent = request.form.get("seen", "")
    try:
        moment = datetime.fromisoformat(sent) if sent else None
    except ValueError:
        return datetime.min
    return moment if moment is None or moment.tzinfo else datetime.min
