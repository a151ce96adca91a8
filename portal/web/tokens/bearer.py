"""Authenticate requests by an API token; they have no session, and only the API answers them."""

from http import HTTPStatus
from typing import Final, NoReturn

from flask import Request, abort, request
from flask_login import current_user
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from portal.actions.accounts.tokens import program_of_token
from portal.domain.accounts.tokens import PREFIX, Scope
from portal.models.base import utc_now
from portal.store.accounts.tokens import Program

API: Final = "api"
"""The blueprint that tokens are for."""
SCOPES: Final = {
    "api.jobs": Scope.READ,
    "api.job": Scope.READ,
    "api.change_job": Scope.EDIT,
    "api.sync": Scope.SYNC,
}
"""What a token must be made for, where one is sent."""


def sent_token(asked: Request) -> str | None:
    """Return what was sent as a token, if anything.

    Of other pages only what looks like one of ours counts: a proxy may add its own for all of them.
    """
    scheme, _, sent = asked.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    sent = sent.strip()
    return sent if asked.blueprint == API or sent.startswith(PREFIX) else None


def program_asking(asked: Request, sent: str) -> Program | None:
    """Return who asks by a token: nobody where it is not good, or where tokens are not for."""
    return program_of_token(sent, utc_now()) if asked.blueprint == API else None


def program() -> Program | None:
    """Return who asks by a token now."""
    if sent_token(request) is None:
        return None  # whose session it might be is nobody's business yet
    asking = current_user._get_current_object()
    return asking if isinstance(asking, Program) else None


def check_token(endpoint: str, *, needed: bool) -> None:
    """Refuse a token that is not good, or is not made for this; and where one is ``needed``, that none came.

    It is checked before the organisation is looked for: a refusal tells nothing of it.
    """
    if request.blueprint != API:
        return
    asking = program()
    if asking is None and (needed or sent_token(request) is not None):
        _refuse()
    scope = SCOPES.get(endpoint)
    if asking is not None and scope is not None and scope not in asking.scopes:
        abort(HTTPStatus.FORBIDDEN, f"This token was not made for it: it lacks “{scope.label}”.")


def _refuse() -> NoReturn:
    challenge = WWWAuthenticate("bearer", {"realm": "jobs"})
    if sent_token(request) is None:
        raise Unauthorized("Send an API token as “Authorization: Bearer …”.", www_authenticate=challenge)
    challenge.parameters["error"] = "invalid_token"
    raise Unauthorized(
        "This token is not known: it ran out, was revoked, or is not whole.", www_authenticate=challenge
    )
