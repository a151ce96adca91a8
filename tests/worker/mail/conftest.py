"""A mail server, and mails that are due."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.db import write
from portal.domain.people import Role
from portal.models import Membership, User
from tests.support.app import PASSWORD_HASH, Cast
from tests.support.mailing import stored, use, write_mail
from tests.support.smtp_server import SmtpServer


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def smtp(app: Flask) -> Iterator[SmtpServer]:
    """The portal's mail server."""
    with SmtpServer() as server:
        use(app, f"smtp://127.0.0.1:{server.port}")
        yield server


@pytest.fixture
def mail_id(cast: Cast) -> int:
    """A mail to Mara that is due."""
    return write_mail(cast)


@pytest.fixture
def three(cast: Cast) -> list[str]:
    """Three mails that are due, by their readers' addresses."""
    with write() as rows:
        for name in ("anna", "bela"):
            user = User(email=f"{name}@example.com", password_hash=PASSWORD_HASH)
            rows.add(user)
            rows.flush()
            rows.add(Membership(organisation_id=cast.northwind.id, user_id=user.id, role=Role.ADMIN))
    write_mail(cast)
    return [mail.reader for mail in stored()]
