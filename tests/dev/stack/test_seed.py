"""The demo organisation and its people, as ``make run`` makes them."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from dev.demo.organisation import ADMIN_EMAIL
from dev.stack.seed import seed
from portal.app import create_app
from portal.config import Settings
from portal.db import db
from portal.models import LoginSession, Membership, Organisation, User
from tests.support.app import PASSWORD, disconnect


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def login(app: Flask, password: str) -> int:
    client = app.test_client().with_csrf_token()  # type: ignore[attr-defined]
    return int(client.post("/login", data={"email": ADMIN_EMAIL, "password": password}).status_code)


def counts(app: Flask, *tables: type) -> list[int]:
    with app.app_context():
        return [db.session.scalar(select(func.count(table.id))) or 0 for table in tables]  # type: ignore[attr-defined]


def test_the_demo_is_made_once(app: Flask) -> None:
    for _ in range(2):
        seed(app, PASSWORD)
    assert counts(app, Organisation, User, Membership) == [1, 2, 2]


def test_the_demos_people_sign_in_with_the_password_given_last(app: Flask) -> None:
    seed(app, PASSWORD)
    seed(app, "another long phrase")
    assert login(app, "another long phrase") == 303


def test_who_is_signed_in_stays_so_when_the_portal_starts_again(app: Flask) -> None:
    seed(app, PASSWORD)
    assert login(app, PASSWORD) == 303
    seed(app, PASSWORD)
    assert counts(app, LoginSession) == [1]


def test_it_works_where_the_portal_is_reached_over_https(app: Flask, settings: Settings) -> None:
    seed(app, PASSWORD)
    assert login(app, PASSWORD) == 303
    reached = create_app(replace(settings, public_url="https://jobs.example"))
    seed(reached, PASSWORD, "https://jobs.example")
    disconnect(reached)
    assert counts(app, LoginSession) == [1]
