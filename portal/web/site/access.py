"""Admit site admins to the pages of the site; everybody else gets a 404."""

from http import HTTPStatus
from typing import Final

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.store.accounts.factors import with_authenticator
from portal.web.requests import lead_to

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

    Who came in through an organisation's provider, which could vouch for anybody, is none (``SignIn``).
    """
    if not current_user.is_site_admin:
        abort(HTTPStatus.NOT_FOUND)
    return None if with_authenticator([current_user.user_id]) else lead_to(url_for("two_step.show"))
