"""Who gets into the pages of the site: to all others they were never there."""

from http import HTTPStatus
from typing import Final

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.store.accounts.factors import with_authenticator
from portal.web.requests import lead_to
from portal.web.single_sign_on.gate import is_confined

SITE_PAGES: Final = (
    "site.home",
    "site.organisations",
    "site.people",
    "site.log",
    "site.disable",
    "site.enable",
)


def enter_site() -> ResponseReturnValue | None:
    """Let site admins in, in two steps: theirs is the one password that shows every address.

    An organisation's provider could let anybody in as one of them: what it vouches for is not enough.
    """
    if not current_user.is_site_admin or is_confined():
        abort(HTTPStatus.NOT_FOUND)
    return None if with_authenticator([current_user.user_id]) else lead_to(url_for("two_step.show"))
