"""Browsers that sign in through an organisation's provider."""

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.actions.single_sign_on import settings
from portal.db import session
from portal.domain.people import Role
from tests.support.app import PortalClient
from tests.support.openid import OpenIdProvider

START = "/login/sso/northwind/start"


def sent_back(browser: PortalClient, provider: OpenIdProvider, start: str = START) -> str:
    """Begin a sign-in and finish it at the provider: the address to come back to."""
    begun = browser.get(start)
    assert begun.status_code == 303, begun.text
    return provider.sign_in(begun.location)


def sign_in(browser: PortalClient, provider: OpenIdProvider, start: str = START) -> TestResponse:
    return browser.get(sent_back(browser, provider, start))


def refused(answer: TestResponse, sentence: str) -> None:
    assert answer.status_code == 403
    assert sentence in answer.text


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(table)) or 0


def access(**changed: object) -> settings.Access:
    usual = {"is_on": True, "creates_members": False, "role": Role.MEMBER, "is_required": False}
    return settings.Access(**(usual | changed))  # type: ignore[arg-type]
