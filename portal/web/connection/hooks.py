"""``/hooks/greenhouse/<connection_key>``: Greenhouse's webhooks. Anything but 200 is sent again later."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from portal.actions.sync.credentials import UnreadableCredential
from portal.actions.sync.webhooks import receive_webhook
from portal.web.extensions import limiter, remote_network

bp = Blueprint("hooks", __name__, url_prefix="/hooks")

LARGEST_BODY: Final = 1024 * 1024
REFUSALS: Final = "120 per minute"
LONGEST_KEY: Final = 43


def _refused(response: Response) -> bool:
    """Only what was refused counts: a genuine burst may be as large as it is."""
    return response.status_code != HTTPStatus.OK


def _sender_and_connection() -> str:
    """Greenhouse may send from few addresses: one customer's wrong secret must shut out no other."""
    return f"{remote_network()} {(request.view_args or {})['connection_key'][:LONGEST_KEY]}"


@bp.post("/greenhouse/<connection_key>")
@limiter.limit(REFUSALS, key_func=_sender_and_connection, deduct_when=_refused)
def greenhouse(connection_key: str) -> ResponseReturnValue:
    """Verify the signature over the body as it came, and take it as a hint."""
    if request.content_length is None:
        abort(HTTPStatus.LENGTH_REQUIRED)
    if request.content_length > LARGEST_BODY:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = request.get_data(cache=False)
    event_id = request.headers.get("Greenhouse-Event-ID")
    try:
        genuine = receive_webhook(connection_key, request.headers.get("Signature"), event_id, body)
    except UnreadableCredential:
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    if not genuine:
        abort(HTTPStatus.UNAUTHORIZED)
    return _plain(HTTPStatus.OK)


@bp.errorhandler(HTTPException)
def refuse(error: HTTPException) -> ResponseReturnValue:
    """Answer machines in a word."""
    return _plain(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))


def _plain(status: HTTPStatus) -> Response:
    return Response(f"{status.phrase}\n", status, mimetype="text/plain")
